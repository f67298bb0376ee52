"""The gate: may this asset be built now? Judged from the very versions that will be read, and fail-closed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from dq_pipeline.orchestration.decision import GATE, GateDecision, Reason
from dq_pipeline.orchestration.leaving_out import leave_out
from dq_pipeline.orchestration.provenance import Read, ancestors
from dq_pipeline.orchestration.required import Gate, gates, may_be_quarantined, only_tells, required
from dq_pipeline.orchestration.standing import OPEN, Standing, standings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

    from dq_pipeline.orchestration.leaving_out import About

LOOKED_BACK = 200
"""Earlier attempts searched for the first that was closed."""


@dataclass(frozen=True)
class Asking:
    """Who asks a gate, and what for.

    Attributes:
        partition: The partition of the asset to be built.
        inputs: Storage id of the event that was read for each input, as the running step has it.
        run_id: The run that asks, whose own rebuilding of an input is no reason to wait.
        location: The name of this code location, if known: a check that only it ever ran and that it defines no
            longer closes nothing.
    """

    partition: str | None = None
    inputs: Mapping[dg.AssetKey, int | None] | None = None
    run_id: str | None = None
    location: str | None = None


def decide(
    instance: dg.DagsterInstance,
    graph: AssetGraph,
    gate: Gate,
    asking: Asking | None = None,
    *,
    today: date | None = None,
) -> GateDecision:
    """Decide whether an asset may be built from what it would read.

    Args:
        instance: Where the events lie.
        graph: The assets and checks of this code location.
        gate: The gated asset and what it asks.
        asking: Who asks, for which partition; by default nobody yet, for an asset without partitions.
        today: The day that waivers are held against; by default today in UTC.
    """
    today = today or datetime.now(timezone.utc).date()
    asking = asking or Asking()
    decision = _decided(instance, graph, gate, asking, today)
    roots = _roots_of(instance, graph, decision.reasons, asking, today)
    return replace(decision, reasons=(*decision.reasons, *roots))


def _decided(
    instance: dg.DagsterInstance, graph: AssetGraph, gate: Gate, asking: Asking, today: date
) -> GateDecision:
    """The decision, without what closes the gates of what was never built."""
    partition = asking.partition
    reads = ancestors(instance, graph, gate.asset, partition=partition, inputs=asking.inputs, also=gate.also)
    asked, missing = required(instance, graph, reads, gate)
    blocking = [
        one
        for one in standings(instance, asked, today)
        if not only_tells(instance, graph, one, gate, asking.location)
    ]
    first = [read for read in reads if read.until is None]
    about = [(reason, read.roots) for read in reads if (reason := _of_read(read)) is not None]
    about += _being_rebuilt(instance, first, asking.run_id)
    closing = [one for one in blocking if one.state not in OPEN and not _says_less(one)]
    excused = [one for one in closing if may_be_quarantined(graph, gate, one)]
    about += [(_of_standing(one), one.read.roots) for one in closing if one not in excused]
    reasons, left_out = leave_out(gate, about, first)
    reasons = [*missing, *reasons]
    if not blocking and not reasons:
        reasons = [Reason("unchecked", gate.asset)]
    return GateDecision(
        asset=gate.asset,
        partition=partition,
        reasons=tuple(reasons),
        waived=tuple(one for one in blocking if one.state == "waived"),
        warned=tuple(one for one in blocking if one.state == "warned"),
        versions=len(reads),
        checks=len(blocking),
        closed_since=_closed_since(instance, gate.asset, partition) if reasons else None,
        inputs={(read.asset, read.partition): read.storage_id for read in first},
        left_out=left_out,
        quarantined=tuple(one for one in excused if one.check.to_user_string() not in one.read.excused),
    )


def held_back_above(
    instance: dg.DagsterInstance, graph: AssetGraph, asset: dg.AssetKey, asking: Asking
) -> list[GateDecision]:
    """The closed gates of what an asset is made from: what lies there is older than what they hold back.

    Args:
        instance: Where the events lie.
        graph: The assets and checks of this code location.
        asset: The asset further down.
        asking: Who asks; its inputs are not those of the gates above.
    """
    above = _above(graph, asset)
    today = datetime.now(timezone.utc).date()
    decided = [
        _as_of_the_latest(instance, graph, gate, asking, today)
        for gate in gates(graph)
        if gate.asset in above
    ]
    return [decision for decision in decided if not decision.open]


def _above(graph: AssetGraph, asset: dg.AssetKey) -> set[dg.AssetKey]:
    """Everything that an asset is made from, as the graph says."""
    above: set[dg.AssetKey] = set()
    wanted = [asset]
    while wanted:
        parents = graph.get(wanted.pop()).parent_keys - above
        above |= parents
        wanted += [key for key in parents if graph.has(key)]
    return above


def _as_of_the_latest(
    instance: dg.DagsterInstance, graph: AssetGraph, gate: Gate, asking: Asking, today: date
) -> GateDecision:
    """What a gate would say if the latest version of everything above were inside, also what never came so far."""
    whole = replace(gate, also=tuple(sorted({*gate.also, *_above(graph, gate.asset)})))
    of_latest = Asking(asking.partition, run_id=asking.run_id, location=asking.location)
    return _decided(instance, graph, whole, of_latest, today)


def _roots_of(
    instance: dg.DagsterInstance,
    graph: AssetGraph,
    reasons: Sequence[Reason],
    asking: Asking,
    today: date,
) -> list[Reason]:
    """Of what was never built since its own gate is closed, what closes that one."""
    never = {one.asset for one in reasons if one.state == "never materialized"}
    found = [
        reason
        for gate in gates(graph)
        if gate.asset in never
        for reason in _as_of_the_latest(instance, graph, gate, asking, today).reasons
    ]
    return [reason for reason in dict.fromkeys(found) if reason not in reasons]


def _of_read(read: Read) -> Reason | None:
    if read.storage_id is None:
        return None if read.external else Reason("never materialized", read.asset, partition=read.partition)
    if read.traced:
        return None
    return Reason(
        "untraced", read.asset, None, read.partition, read.storage_id, read.timestamp, since=read.timestamp
    )


def _says_less(one: Standing) -> bool:
    """Whether a check is of what was never built: that it was never built is the reason."""
    return one.read.storage_id is None and not one.read.external


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


def _being_rebuilt(instance: dg.DagsterInstance, first: Sequence[Read], run_id: str | None) -> list[About]:
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
            reason = Reason("being rebuilt", read.asset, partition=read.partition, run_id=planned.run_id)
            reasons.append((reason, read.roots))
    return reasons


def _closed_since(instance: dg.DagsterInstance, asset: dg.AssetKey, partition: str | None) -> float | None:
    """When the first of the unbroken row of closed attempts was recorded; None when this is the first."""
    since = None
    for record in instance.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(asset, GATE),
        limit=LOOKED_BACK,
        partition_filter=None if partition is None else PartitionKeyFilter(key=partition),
    ):
        if record.status is AssetCheckExecutionRecordStatus.SUCCEEDED:
            break
        if record.status is AssetCheckExecutionRecordStatus.FAILED and record.event:
            since = record.event.timestamp
    return since
