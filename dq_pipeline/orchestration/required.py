"""What a gate asks for: its options, and the checks that it needs of each version, those of other locations too."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import dagster as dg

from dq_pipeline.orchestration.check_rows import recorded_checks
from dq_pipeline.orchestration.decision import GATE, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

    from dq_pipeline.orchestration.provenance import Read
    from dq_pipeline.orchestration.standing import Standing

FAMILY = "dq_pipeline/family"
"""Metadata of a check's spec that names its family, so that a gate can require a whole one."""
BLOCKS = "dq_pipeline/blocks"
"""Metadata of a check's spec that is asked for by gates though it does not block its run: it may be quarantined."""
REQUIRE, ALSO, MAY_LEAVE_OUT = "dq_pipeline/require", "dq_pipeline/also", "dq_pipeline/may_leave_out"
QUARANTINE = "dq_pipeline/quarantine"
"""Metadata of the gate's own check: what the gate asks for, so that a lint or a command can read it."""


@dataclass(frozen=True)
class Gate:
    """What an asset asks of the data it is built from.

    Attributes:
        asset: The gated asset.
        require: What must have passed: names of checks ("agreement" or "images:no_nulls", `*` allowed) or of
            families; without any, every blocking check.
        also: Assets whose checks count too though the graph does not say that this asset reads them.
        leave_out: The largest share of an input's partitions, 0 to 1, that may be left out because they did not
            pass; the asset then reads those of `passed_partitions`.
        quarantine: Checks or families that may have failed: the asset is built without the rows that failed, which it
            judges again itself.
    """

    asset: dg.AssetKey
    require: tuple[str, ...] = ()
    also: tuple[dg.AssetKey, ...] = ()
    leave_out: float = 0.0
    quarantine: tuple[str, ...] = ()

    @property
    def metadata(self) -> dict[str, list[str] | float]:
        """The gate as metadata of its check, from where `gates` reads it."""
        return {
            REQUIRE: list(self.require),
            ALSO: [key.to_user_string() for key in self.also],
            MAY_LEAVE_OUT: self.leave_out,
            QUARANTINE: list(self.quarantine),
        }


def gates(graph: AssetGraph) -> list[Gate]:
    """The gates of a code location, by the key of their asset."""
    found = []
    for check in sorted(key for key in graph.asset_check_keys if key.name == GATE):
        metadata = graph.get_check_spec(check).metadata
        also = tuple(dg.AssetKey.from_user_string(key) for key in metadata.get(ALSO, ()))
        share = float(metadata.get(MAY_LEAVE_OUT, 0.0))
        found.append(
            Gate(
                check.asset_key,
                tuple(metadata.get(REQUIRE, ())),
                also,
                share,
                tuple(metadata.get(QUARANTINE, ())),
            )
        )
    return found


def required(
    instance: dg.DagsterInstance, graph: AssetGraph, reads: Sequence[Read], gate: Gate
) -> tuple[list[tuple[Read, dg.AssetCheckKey, bool]], list[Reason]]:
    """The checks to ask of each version, and a reason for each requirement that nobody has.

    A check of another code location is known from its recorded runs.

    Returns:
        Version, check, and whether the check is evaluated per partition; and the reasons.
    """
    specs: dict[dg.AssetKey, list[dg.AssetCheckSpec]] = {}
    known = {check for check in graph.asset_check_keys if check.name != GATE}
    for check in sorted(known):
        spec = graph.get_check_spec(check)
        if wanted(gate, spec):
            specs.setdefault(check.asset_key, []).append(spec)
    for check in sorted(recorded_checks(instance, {read.asset for read in reads}) - known):
        spec = dg.AssetCheckSpec(check.name, asset=check.asset_key, blocking=True)
        if check.name != GATE and wanted(gate, spec):
            specs.setdefault(check.asset_key, []).append(spec)
    asked = [
        (read, spec.key, spec.partitions_def is not None)
        for read in reads
        for spec in specs.get(read.asset, ())
    ]
    met = [spec for asset in {read.asset for read in reads} for spec in specs.get(asset, ())]
    return asked, [Reason("not found", gate.asset, check=pattern) for pattern in unmet(gate, met)]


def wanted(gate: Gate, spec: dg.AssetCheckSpec) -> bool:
    """Whether a gate asks for a check: one that it names or, when it names none, one that blocks."""
    if gate.require:
        return any(_names(pattern, spec) for pattern in gate.require)
    return spec.blocking or bool(spec.metadata.get(BLOCKS))


def may_be_quarantined(graph: AssetGraph, gate: Gate, one: Standing) -> bool:
    """Whether a failed check is one whose rows the asset may be built without, or was made without further up."""
    if one.state != "failed":
        return False
    if one.check.to_user_string() in one.read.excused:
        return True
    if one.check not in graph.asset_check_keys:
        return False
    spec = graph.get_check_spec(one.check)
    return any(_names(pattern, spec) for pattern in gate.quarantine)


def unmet(gate: Gate, specs: Iterable[dg.AssetCheckSpec]) -> list[str]:
    """The requirements of a gate that no check meets."""
    found = list(specs)
    return [pattern for pattern in gate.require if not any(_names(pattern, spec) for spec in found)]


def _names(pattern: str, spec: dg.AssetCheckSpec) -> bool:
    """Whether a requirement means this check: by its name, by asset and name, or by its family."""
    names = (spec.name, spec.key.to_user_string(), str(spec.metadata.get(FAMILY, "")))
    return any(fnmatchcase(name, pattern) for name in names if name)


def only_tells(
    instance: dg.DagsterInstance, graph: AssetGraph, one: Standing, gate: Gate, location: str | None
) -> bool:
    """Whether a recorded check that is not defined here closes nothing.

    It said that it does not block, was retired, or was run by this very code location, which defines it no longer.
    """
    if one.check in graph.asset_check_keys:
        return False
    if one.blocking is False and not gate.require:
        return True
    if one.retired:
        return True
    return location is not None and location == location_of(instance, one.run_id)


def location_of(instance: dg.DagsterInstance, run_id: str | None) -> str | None:
    """The code location that a run was started from; None for a run in process."""
    run = instance.get_run_by_id(run_id) if run_id else None
    origin = run.remote_job_origin if run else None
    return origin.repository_origin.code_location_origin.location_name if origin else None
