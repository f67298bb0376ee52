"""One change of a check, and how far a channel has been told: what a sensor's cursor holds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dq_pipeline.orchestration.standing import at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import dagster as dg


@dataclass(frozen=True)
class CheckChange:
    """A check, or an asset that is due, that is in another state than when it was told last.

    Attributes:
        asset: The asset.
        check: The check's name; None where the asset itself is overdue.
        partition: The partition, None without.
        now: "failed", "warned", "waived", "unanswered", "overdue" or "recovered".
        before: What was told last; None when all was well or nothing is known.
        said: What the check said.
        what_to_do: Its remedy, where it gave one.
        run_id: The run that found it; None without.
        when: When it was found, in seconds since 1970.
    """

    asset: dg.AssetKey
    check: str | None
    partition: str | None
    now: str
    before: str | None
    said: str
    what_to_do: str = ""
    run_id: str | None = None
    when: float | None = None

    @property
    def key(self) -> str:
        """What it is about, as a cursor names it."""
        subject = self.asset.to_user_string() + (f":{self.check}" if self.check else " overdue")
        return subject + (f"[{self.partition}]" if self.partition is not None else "")

    @property
    def text(self) -> str:
        """It in one or two sentences."""
        where = self.asset.to_user_string() + (f" [{self.partition}]" if self.partition else "")
        subject = f"Check {self.check} of {where}" if self.check else where
        means = {
            "failed": "failed",
            "warned": "failed as a warning",
            "waived": "failed and is waived",
            "unanswered": "was to run and never answered: its run ended",
            "overdue": "is overdue",
            "recovered": f"recovered (it was {self.before})",
        }[self.now]
        said = f": {self.said}" if self.said else "."
        remedy = f" {self.what_to_do}" if self.what_to_do and self.now != "recovered" else ""
        return f"{subject} {means} at {at(self.when)}{said}{remedy}"

    def as_dict(self) -> dict[str, Any]:
        """It as JSON has it."""
        return {
            "asset": self.asset.to_user_string(),
            "check": self.check,
            "partition": self.partition,
            "now": self.now,
            "before": self.before,
            "text": self.text,
            "said": self.said,
            "what_to_do": self.what_to_do,
            "run_id": self.run_id,
            "when": self.when,
        }


@dataclass(frozen=True)
class Seen:
    """How far one has looked, and what was told to be wrong.

    Attributes:
        row: Every row up to it has been answered and looked at, or its run has ended.
        event: Every answer up to it has been looked at.
        unanswered: Rows after `row` whose run ended without an answer, and that were looked at.
        told: For everything that is not well, the state that was told last.
        first: Whether what was not well before the first look is still to be told.
    """

    row: int
    event: int
    unanswered: frozenset[int] = frozenset()
    told: Mapping[str, str] = field(default_factory=dict)
    first: bool = True

    def as_dict(self) -> dict[str, Any]:
        """It as JSON has it."""
        return {
            "row": self.row,
            "event": self.event,
            "unanswered": sorted(self.unanswered),
            "told": dict(sorted(self.told.items())),
            "first": self.first,
        }

    @staticmethod
    def from_dict(held: Mapping[str, Any]) -> Seen:
        """It back from JSON."""
        return Seen(**{**held, "unanswered": frozenset(held["unanswered"])})

    def telling(self, key: str, now: str) -> Seen:
        """It after a state was told."""
        told = {one: state for one, state in self.told.items() if one != key}
        told = told if now == "recovered" else {**told, key: now}
        return replace(self, told=told)


def to_cursor(channels: Sequence[Seen]) -> str:
    """How far each channel has been told, as a sensor's cursor."""
    return json.dumps([seen.as_dict() for seen in channels])


def from_cursor(text: str) -> list[Seen]:
    """How far each channel has been told, back from a sensor's cursor."""
    return [Seen.from_dict(held) for held in json.loads(text)]
