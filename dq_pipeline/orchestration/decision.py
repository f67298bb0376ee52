"""What a gate decided, in words: each reason that closes it, since when, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import dagster as dg

from dq_pipeline.orchestration.standing import at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dq_pipeline.orchestration.standing import Standing

GATE = "quality_gate"
"""Name of the check that tells on the gated asset, at every attempt, whether it was open."""
SHOWN = 20
"""Reasons in the check's table: each event is a row in Dagster's database."""

_MEANS = {
    "failed": ("failed", "Mend {asset}, materialize it again with its checks, then what was made from it."),
    "waiver expired": (
        "is waived no longer: its waiver expired",
        "Mend {asset}, or renew the waiver with its owner.",
    ),
    "missing": ("never ran", "Run the check {check}."),
    "stale": (
        "was evaluated for another version only",
        "Run the check {check}; if {asset} was materialized since, materialize what was made from it first.",
    ),
    "planned": ("has not answered yet", "Wait for the run, or end it, then run the check {check}."),
    "errored": ("could not be evaluated: its run failed", "See the run's error, then run the check {check}."),
    "skipped": ("was planned and never evaluated", "Run the check {check}."),
    "never materialized": (
        "was never materialized",
        "Materialize {asset} with its checks, after what it is made from.",
    ),
    "untraced": (
        "was reported from outside and does not say what it was made from",
        "Materialize {asset} in a run, or declare it here as an external dg.AssetSpec.",
    ),
    "being rebuilt": (
        "is being rebuilt by a run that has not ended",
        "Wait for the run to end, or terminate it in the UI.",
    ),
    "too many": (
        "has more partitions that did not pass than may be left out",
        "Mend them, or allow a larger share: leave_out.",
    ),
    "not mended": (
        "fails also without the rows that may be left out",
        "Mend {asset}, or allow more to be left out: training_set.quarantine.",
    ),
    "replaced": ("was replaced while the asset was being built", "Materialize the gated asset again."),
    "not found": ("is required and no ancestor has it", "Correct the name in the gate, or add the check."),
    "unchecked": (
        "has no blocking check on any ancestor",
        "Add a blocking check to what {asset} is made from.",
    ),
}
"""State to what it means after the name of the check or asset, and what to do."""


@dataclass(frozen=True)
class Reason:
    """One thing that closes the gate.

    Attributes:
        state: A key of the table of states above, such as "failed" or "stale".
        asset: The asset it is about.
        check: The check's name; None where it is about the asset itself.
        partition: The partition, None without.
        storage_id: The materialization's place in the event log; None where there is none.
        materialized: When that materialization was made, in seconds since 1970.
        run_id: The run that found it.
        since: Since when, in seconds since 1970.
        said: What the check said.
    """

    state: str
    asset: dg.AssetKey
    check: str | None = None
    partition: str | None = None
    storage_id: int | None = None
    materialized: float | None = None
    run_id: str | None = None
    since: float | None = None
    said: str = ""

    @property
    def sentence(self) -> str:
        """What closed it, in one sentence."""
        said = f": {self.said}" if self.said else "."
        subject = self._subject if self.check is None else f"Check {self.check} of {self._subject}"
        return f"{subject} {_MEANS[self.state][0]}{self._found}{said}"

    def about(self, checks: int) -> str:
        """What it has in common with other checks of this version."""
        return f"{checks:,} checks of {self._subject}, each of which {_MEANS[self.state][0]}{self._found}:"

    @property
    def _subject(self) -> str:
        asset = self.asset.to_user_string() + (f" [{self.partition}]" if self.partition else "")
        told = self.check is not None and self.storage_id is not None
        return f"{asset} of {at(self.materialized)} (event {self.storage_id})" if told else asset

    @property
    def _found(self) -> str:
        return f", found by run {self.run_id[:8]} at {at(self.since)}" if self.run_id else ""

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return remedy_of(self.state, self.asset, [self.check] if self.check else [])


def remedy_of(state: str, asset: dg.AssetKey, checks: Sequence[str]) -> str:
    """What to do about checks of one asset that are in one state."""
    named = ", ".join(f"{asset.to_user_string()}:{check}" for check in checks)
    said = _MEANS[state][1] if len(checks) < 2 else _MEANS[state][1].replace("the check {", "the checks {")  # noqa: PLR2004
    return said.format(asset=asset.to_user_string(), check=named)


@dataclass(frozen=True)
class GateDecision:
    """Whether the gate is open, and why.

    Attributes:
        asset: The gated asset.
        reasons: What closes it; empty when it is open.
        waived: The checks that failed and follow under a waiver.
        warned: The checks that failed with severity WARN.
        versions: How many versions of ancestors were looked at.
        checks: How many evaluations were asked for.
        closed_since: When the first of the unbroken row of closed attempts was, in seconds since 1970.
        inputs: The version of each input that was judged, by asset and partition.
        partition: The partition that would be built, None without.
        left_out: For each input, its partitions that did not pass and that the asset is built without.
        quarantined: The checks that failed and whose rows the asset may be built without.
    """

    asset: dg.AssetKey
    reasons: tuple[Reason, ...]
    waived: tuple[Standing, ...]
    warned: tuple[Standing, ...]
    versions: int
    checks: int
    closed_since: float | None
    inputs: Mapping[tuple[dg.AssetKey, str | None], int | None]
    partition: str | None = None
    left_out: Mapping[dg.AssetKey, tuple[str, ...]] = field(default_factory=dict)
    quarantined: tuple[Standing, ...] = ()

    @property
    def open(self) -> bool:
        """Whether the asset may be built."""
        return not self.reasons

    @property
    def sentence(self) -> str:
        """The decision in one or two sentences."""
        if self.open:
            waived = f" {len(self.waived)} under a waiver." if self.waived else ""
            without = "".join(
                f" Without {len(parts)} partitions of {key.to_user_string()} that did not pass."
                for key, parts in self.left_out.items()
            )
            apart = f" {len(self.quarantined)} failed and may be quarantined." if self.quarantined else ""
            return f"Open: {self.checks} checks of {self.versions} versions let it be built.{waived}{apart}{without}"
        more = f" ({len(self.reasons) - 1} more reasons)" if len(self.reasons) > 1 else ""
        since = f" Closed since {at(self.closed_since)}." if self.closed_since is not None else ""
        return f"Closed. {self.reasons[0].sentence}{more}{since}"

    @property
    def check_result(self) -> dg.AssetCheckResult:
        """The decision as the check that the UI shows on the gated asset."""
        metadata: dict[str, Any] = {"versions": self.versions, "checks": self.checks}
        if self.reasons:
            metadata["reasons"] = _table([(one.sentence, one.remedy) for one in self.reasons], "reason", "do")
            metadata["what_to_do"] = self.reasons[0].remedy
        if self.closed_since is not None:
            metadata["closed_since"] = dg.MetadataValue.timestamp(self.closed_since)
        if self.left_out:
            metadata["left_out"] = {key.to_user_string(): list(parts) for key, parts in self.left_out.items()}
        if self.quarantined:
            failed = [(one.check.to_user_string(), one.sentence) for one in self.quarantined]
            metadata["quarantined"] = _table(failed, "check", "said")
        if self.waived:
            rows = [
                (
                    one.check.to_user_string(),
                    f"{one.waiver.owner}, until {one.waiver.expires.isoformat()}: {one.waiver.reason}",
                )
                for one in self.waived
                if one.waiver
            ]
            metadata["waivers"] = _table(rows, "check", "waiver")
        return dg.AssetCheckResult(
            asset_key=self.asset,
            check_name=GATE,
            passed=self.open,
            description=self.sentence,
            metadata=metadata,
        )


def _table(rows: Sequence[tuple[str, str]], left: str, right: str) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        records=[dg.TableRecord({left: one, right: other}) for one, other in rows[:SHOWN]],
        schema=dg.TableSchema(columns=[dg.TableColumn(left), dg.TableColumn(right)]),
    )
