"""The nights: one line of JSON an audit, appended to `history.jsonl` in its output folder and never rewritten.

A killed process leaves at worst a last line that is cut short; it is passed over by readers and ended by the next writer.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dq_pipeline.families.check import Verdict
    from dq_pipeline.families.verdict import CheckVerdict
    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.spec import Spec

FILE = "history.jsonl"
LAST = 365
"""Nights that are read back."""
_LINE = 1 << 16
"""Bytes that a night takes at most, roughly; a longer one is read all the same when it is among the last."""
HEADLINES = (
    "krippendorff_alpha",
    "gold_accuracy",
    "imbalance_ratio",
    "largest_share",
    "hhi",
    "cramers_v",
    "source_only_auc",
    "uncovered_mass",
)
"""The overall numbers that are followed from night to night."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of one night."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0


@dataclass(frozen=True, slots=True)
class Night:
    """One audit.

    Attributes:
        run: What tells it from others; of several lines about one run the last stands.
        when: When it ended.
        dataset: The dataset.
        data_version: The fingerprint of what was audited.
        verdict: The dataset's verdict.
        waived: Whether a waiver let it pass; false where another check blocked all the same.
        checks: Check to verdict.
        numbers: The overall numbers, by measure.
        judged: The number that each check's verdict rests on, by check; none in lines from before they were kept.
    """

    run: str
    when: datetime
    dataset: str
    data_version: str
    verdict: Verdict
    waived: bool
    checks: dict[str, Verdict]
    numbers: dict[str, Number]
    judged: dict[str, Number] = field(default_factory=dict)


class Told(Protocol):
    """What a night needs of an audit."""

    @property
    def spec(self) -> Spec:
        """What was audited."""
        ...

    @property
    def data_version(self) -> str:
        """The fingerprint of what was audited."""
        ...

    @property
    def verdict(self) -> Verdict:
        """The verdict of the dataset."""
        ...

    @property
    def verdicts(self) -> Sequence[CheckVerdict]:
        """One a check."""
        ...

    @property
    def measures(self) -> Sequence[Measure]:
        """The numbers."""
        ...


def night_of(audit: Told, *, run: str, when: datetime) -> Night:
    """The night that an audit was."""
    return Night(
        run,
        when,
        audit.spec.dataset,
        audit.data_version,
        audit.verdict,
        audit.verdict != "block" and any(one.waiver for one in audit.verdicts),
        {one.check: one.verdict for one in audit.verdicts},
        # Of several breakdowns the first stands: that of the label, or of source and label, before those of the others.
        {
            row.measure: Number(row.estimate.value, row.estimate.low, row.estimate.high, row.estimate.n)
            for row in reversed(audit.measures)
            if row.measure in HEADLINES and row.key is None
        },
        {
            one.check: Number(one.value, one.low, one.high, one.n or 0)
            for one in audit.verdicts
            if one.value is not None
        },
    )


def append(folder: Path, night: Night) -> None:
    """Add a night to the folder's history, safe on disk when this returns."""
    line = json.dumps({**asdict(night), "when": night.when.isoformat()}, ensure_ascii=True) + "\n"
    with (folder / FILE).open("ab+") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            line = line if file.read(1) == b"\n" else "\n" + line
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path, last: int = LAST) -> tuple[Night, ...]:
    """The last nights of a folder, the oldest first; none when it has no history."""
    try:
        with (folder / FILE).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - last * _LINE))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return ()
    nights: dict[str, Night] = {}
    for night in filter(None, map(_night, lines)):
        nights.pop(night.run, None)
        nights[night.run] = night
    return tuple(nights.values())[-last:] if last > 0 else ()


def _night(line: bytes) -> Night | None:
    """What a line holds; None for one that was cut short."""
    try:
        told: dict[str, Any] = json.loads(line)
        numbers = {name: Number(**number) for name, number in told.pop("numbers").items()}
        judged = {check: Number(**number) for check, number in told.pop("judged", {}).items()}
        # Lines from before say it also where another check blocked.
        waived = told["waived"] and told["verdict"] != "block"
        when = datetime.fromisoformat(told["when"])
        return Night(**{**told, "when": when, "waived": waived}, numbers=numbers, judged=judged)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
