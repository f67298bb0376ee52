"""The checks that a blocked run planned and will not run: answered as failed, with what held their assets back.

Dagster skips their steps in silence, and its UI would say of them no more than "Execution failed".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation
from dagster._core.events import DagsterEvent, DagsterEventType
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
    from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord

HELD_BACK_BY = "held_back_by"
"""Metadata of such an answer: the failed checks, and what each said."""
SHOWN = 20
"""Failed checks in its table: each event is a row in Dagster's database."""


def answer_for_held_back(context: Any, stopped: dg.AssetKey) -> None:
    """Answer for every check of this run that is further down than an asset whose blocking checks failed.

    A check that runs all the same answers for itself afterwards, in the same place.

    Args:
        context: The context of the step that is about to fail.
        stopped: The asset whose checks failed.
    """
    graph = context.job_def.asset_layer.asset_graph.source_asset_graph
    below = _reach(graph, stopped, up=False) - {stopped}
    waiting = {
        check: record
        for check, record in _of_this_run(context, graph, below).items()
        if _unanswered(record) and graph.get_check_spec(check).partitions_def is None
    }
    above = {key for asset in {check.asset_key for check in waiting} for key in _reach(graph, asset, up=True)}
    causes = [
        record.evaluation
        for _, record in sorted(_of_this_run(context, graph, above).items())
        if _blocks(record) and record.evaluation is not None
    ]
    for check in sorted(waiting) if causes else ():
        answer = _answer(check, causes, blocking=graph.get_check_spec(check).blocking)
        told = DagsterEvent(
            event_type_value=DagsterEventType.ASSET_CHECK_EVALUATION.value,
            job_name=context.run.job_name,
            event_specific_data=answer,
            message=f"Asset check '{check.name}' on '{check.asset_key.to_user_string()}' did not pass. {answer.description}",
        )
        context.instance.report_dagster_event(told, context.run.run_id)


def _reach(graph: AssetGraph, asset: dg.AssetKey, *, up: bool) -> set[dg.AssetKey]:
    """An asset and everything above it, or below."""
    found, wanted = set(), [asset]
    while wanted:
        key = wanted.pop()
        if key not in found and graph.has(key):
            found.add(key)
            node = graph.get(key)
            wanted += node.parent_keys if up else node.child_keys
    return found


def _of_this_run(
    context: Any, graph: AssetGraph, assets: set[dg.AssetKey]
) -> Mapping[dg.AssetCheckKey, AssetCheckExecutionRecord]:
    """The checks of some assets of which the newest record is this run's."""
    checks = sorted(check for check in graph.asset_check_keys if check.asset_key in assets)
    if not checks:
        return {}
    found = context.instance.event_log_storage.get_latest_asset_check_execution_by_key(checks)
    return {check: record for check, record in found.items() if record.run_id == context.run.run_id}


def _unanswered(record: AssetCheckExecutionRecord) -> bool:
    """Whether a check has not answered, or was answered for here when less was known."""
    if record.status is AssetCheckExecutionRecordStatus.PLANNED:
        return True
    return record.evaluation is not None and HELD_BACK_BY in record.evaluation.metadata


def _blocks(record: AssetCheckExecutionRecord) -> bool:
    said = record.evaluation
    if (
        record.status is AssetCheckExecutionRecordStatus.PLANNED
        or said is None
        or HELD_BACK_BY in said.metadata
    ):
        return False
    return not said.passed and bool(said.blocking) and said.severity is dg.AssetCheckSeverity.ERROR


def _answer(
    check: dg.AssetCheckKey, causes: Sequence[AssetCheckEvaluation], *, blocking: bool
) -> AssetCheckEvaluation:
    """What is said in a check's place: that it was not run, and why."""
    counted: dict[str, int] = {}
    for cause in causes:
        asset = cause.asset_key.to_user_string()
        counted[asset] = counted.get(asset, 0) + 1
    failed = " and ".join(f"{n} {'check' if n == 1 else 'checks'} of {asset}" for asset, n in counted.items())
    first = causes[0]
    rows = [
        dg.TableRecord({"check": one.check_name, "said": one.description or ""}) for one in causes[:SHOWN]
    ]
    columns = [dg.TableColumn("check"), dg.TableColumn("said")]
    return AssetCheckEvaluation(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=False,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"Not run: {check.asset_key.to_user_string()} is held back, as {failed} failed. "
        f"{first.check_name}: {first.description}",
        metadata={
            "what_to_do": dg.MetadataValue.text(_do(first)),
            HELD_BACK_BY: dg.MetadataValue.table(rows, dg.TableSchema(columns=columns)),
        },
        blocking=blocking,
    )


def _do(cause: AssetCheckEvaluation) -> str:
    """A failed check's remedy; "" where it gives none."""
    told = cause.metadata.get("what_to_do")
    return str(told.value) if told is not None else ""
