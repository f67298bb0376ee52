"""The gate: may this asset be built now? Judged from the very versions that will be read, and fail-closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timezone
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from dq_pipeline.orchestration.check_rows import recorded_checks
from dq_pipeline.orchestration.decision import GATE, GateDecision, Reason
from dq_pipeline.orchestration.provenance import Read, ancestors
from dq_pipeline.orchestration.standing import OPEN, Standing, standings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

FAMILY = "dq_pipeline/family"
"""Metadata of a check's spec that names its family, so that a gate can require a whole one."""
REQUIRE, ALSO = "dq_pipeline/require", "dq_pipeline/also"
"""Metadata of the gate's own check: what the gate asks for, so that a lint or a command can read it."""
LOOKED_BACK = 200
"""Earlier attempts searched for the first that was closed."""


@dataclass(frozen=True)
class Gate:
    """What an asset asks of the data it is built from.

    Attributes:
        asset: The gated asset.
        require: What must have passed: names of checks ("agreement" or "images:no_nulls", `*` allowed) or of
            families; without any, every blocking check.
        also: Assets whose checks count too though the graph does not say that this asset reads them.
    """

    asset: dg.AssetKey
    require: tuple[str, ...] = ()
    also: tuple[dg.AssetKey, ...] = ()


def gates(graph: AssetGraph) -> list[Gate]:
    """The gates of a code location, by the key of their asset."""
    found = []
    for check in sorted(key for key in graph.asset_check_keys if key.name == GATE):
        metadata = graph.get_check_spec(check).metadata
        also = tuple(dg.AssetKey.from_user_string(key) for key in metadata.get(ALSO, ()))
        found.append(Gate(check.asset_key, tuple(metadata.get(REQUIRE, ())), also))
    return found


def decide(
    instance: dg.DagsterInstance,
    graph: AssetGraph,
    gate: Gate,
    *,
    partition: str | None = None,
    inputs: Mapping[dg.AssetKey, int | None] | None = None,
    run_id: str | None = None,
    today: date | None = None,
) -> GateDecision:
    """Decide whether an asset may be built from what it would read.

    Args:
        instance: Where the events lie.
        graph: The assets and checks of this code location.
        gate: The gated asset and what it asks.
        partition: The partition of it to be built.
        inputs: Storage id of the event that was read for each input, as the running step has it.
        run_id: The run that asks, whose own rebuilding of an input is no reason to wait.
        today: The day that waivers are held against; by default today in UTC.
    """
    today = today or datetime.now(timezone.utc).date()
    asset, require = gate.asset, gate.require
    reads = ancestors(instance, graph, asset, partition=partition, inputs=inputs, also=gate.also)
    asked, reasons = _required(instance, graph, reads, gate)
    found = standings(instance, asked, today)
    blocking = [one for one in found if not _only_tells(graph, one, require)]
    first = [read for read in reads if read.until is None]
    reasons += [reason for read in reads if (reason := _of_read(read)) is not None]
    reasons += _being_rebuilt(instance, first, run_id)
    reasons += [_of_standing(one) for one in blocking if one.state not in OPEN]
    if not blocking and not reasons:
        reasons = [Reason("unchecked", asset)]
    return GateDecision(
        asset=asset,
        reasons=tuple(reasons),
        waived=tuple(one for one in blocking if one.state == "waived"),
        warned=tuple(one for one in blocking if one.state == "warned"),
        versions=len(reads),
        checks=len(blocking),
        closed_since=_closed_since(instance, asset) if reasons else None,
        inputs={(read.asset, read.partition): read.storage_id for read in first},
    )


def _required(
    instance: dg.DagsterInstance, graph: AssetGraph, reads: Sequence[Read], gate: Gate
) -> tuple[list[tuple[Read, dg.AssetCheckKey, bool]], list[Reason]]:
    """The checks to ask of each version, with those of other code locations; and the required ones nobody has."""
    require = gate.require
    here: dict[dg.AssetKey, list[dg.AssetCheckSpec]] = {}
    known = {check for check in graph.asset_check_keys if check.name != GATE}
    for check in sorted(known):
        spec = graph.get_check_spec(check)
        wanted = any(_names(pattern, spec) for pattern in require) if require else spec.blocking
        if wanted:
            here.setdefault(check.asset_key, []).append(spec)
    elsewhere: dict[dg.AssetKey, list[dg.AssetCheckSpec]] = {}
    for check in sorted(recorded_checks(instance, [read.asset for read in reads]) - known):
        spec = dg.AssetCheckSpec(check.name, asset=check.asset_key, blocking=True)
        if check.name != GATE and (not require or any(_names(pattern, spec) for pattern in require)):
            elsewhere.setdefault(check.asset_key, []).append(spec)
    asked = [
        (read, spec.key, spec.partitions_def is not None)
        for read in reads
        for spec in [*here.get(read.asset, ()), *elsewhere.get(read.asset, ())]
    ]
    met = [spec for read in reads for spec in [*here.get(read.asset, ()), *elsewhere.get(read.asset, ())]]
    return asked, [
        Reason("not found", gate.asset, check=pattern)
        for pattern in require
        if not any(_names(pattern, spec) for spec in met)
    ]


def _names(pattern: str, spec: dg.AssetCheckSpec) -> bool:
    """Whether a requirement means this check: by its name, by asset and name, or by its family."""
    names = (spec.name, spec.key.to_user_string(), str(spec.metadata.get(FAMILY, "")))
    return any(fnmatchcase(name, pattern) for name in names if name)


def _only_tells(graph: AssetGraph, one: Standing, require: Sequence[str]) -> bool:
    """Whether a check of another code location answered and said that it does not block."""
    return not require and one.check not in graph.asset_check_keys and one.blocking is False


def _of_read(read: Read) -> Reason | None:
    if read.storage_id is None:
        return None if read.external else Reason("never materialized", read.asset, partition=read.partition)
    if read.traced:
        return None
    return Reason(
        "untraced", read.asset, None, read.partition, read.storage_id, read.timestamp, since=read.timestamp
    )


def _of_standing(one: Standing) -> Reason:
    read = one.read
    return Reason(
        one.state,
        read.asset,
        one.check.name,
        read.partition,
        read.storage_id,
        read.timestamp,
        one.run_id,
        one.since if one.since is not None else read.timestamp,
        one.sentence,
    )


def _being_rebuilt(instance: dg.DagsterInstance, first: Sequence[Read], run_id: str | None) -> list[Reason]:
    """Inputs that another run has begun to rebuild: what lies there may be the new data already."""
    reasons = []
    for read in first:
        planned = instance.event_log_storage.get_latest_planned_materialization_info(
            read.asset, read.partition
        )
        newer = planned is not None and planned.storage_id > (read.storage_id or 0)
        if planned is None or not newer or planned.run_id in {run_id, read.run_id}:
            continue
        run = instance.get_run_by_id(planned.run_id)
        if run is not None and run.status in {
            dg.DagsterRunStatus.STARTING,
            dg.DagsterRunStatus.STARTED,
            dg.DagsterRunStatus.CANCELING,
        }:
            reasons.append(
                Reason("being rebuilt", read.asset, partition=read.partition, run_id=planned.run_id)
            )
    return reasons


def _closed_since(instance: dg.DagsterInstance, asset: dg.AssetKey) -> float | None:
    """When the first of the unbroken row of closed attempts was recorded; None when this is the first."""
    since = None
    for record in instance.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(asset, GATE), limit=LOOKED_BACK
    ):
        if record.status is AssetCheckExecutionRecordStatus.SUCCEEDED:
            break
        if record.status is AssetCheckExecutionRecordStatus.FAILED and record.event:
            since = record.event.timestamp
    return since
