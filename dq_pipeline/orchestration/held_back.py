"""The checks that a blocked run planned and will not run: answered as failed, with what held their assets back.

Dagster skips their steps in silence, and its UI would say of them no more than "Execution failed".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation
from dagster._core.events import DagsterEvent, DagsterEventType
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from dq_pipeline.orchestration.required import FAMILY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
    from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord

    from dq_pipeline.orchestration.decision import Reason
    from dq_pipeline.spec import InputError

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
    from dq_pipeline.contracts.of_tables import FAMILY as CONTRACTS

    graph = context.job_def.asset_layer.asset_graph.source_asset_graph
    waiting = _waiting(context, graph, _reach(graph, stopped, up=False) - {stopped})
    above = {key for asset in {check.asset_key for check in waiting} for key in _reach(graph, asset, up=True)}
    blocking = {
        check: record.evaluation
        for check, record in _of_this_run(context, graph, above).items()
        if _blocks(record) and record.evaluation is not None
    }
    # What breaks a contract may be why the other numbers are as they are.
    first = sorted(
        blocking, key=lambda check: (graph.get_check_spec(check).metadata.get(FAMILY) != CONTRACTS, check)
    )
    causes = [blocking[check] for check in first]
    if not causes:
        return
    counted: dict[str, int] = {}
    for cause in causes:
        asset = cause.asset_key.to_user_string()
        counted[asset] = counted.get(asset, 0) + 1
    failed = " and ".join(f"{n} {'check' if n == 1 else 'checks'} of {asset}" for asset, n in counted.items())
    said = [(one.check_name, one.description or "") for one in causes]
    _answer(context, graph, waiting, _Why(f"{failed} failed", said, _do(causes[0])))


def answer_for_closed(context: Any, asset: dg.AssetKey, reasons: Sequence[Reason]) -> None:
    """Answer for every other check of an asset whose gate is closed, and for those of this run that are further down.

    Args:
        context: The context of the step that is about to fail.
        asset: The gated asset.
        reasons: What closes its gate, one at least.
    """
    graph = context.job_def.asset_layer.asset_graph.source_asset_graph
    waiting = _waiting(context, graph, _reach(graph, asset, up=False))
    said = [(one.check or one.asset.to_user_string(), one.sentence) for one in reasons]
    failed = f"the quality gate of {asset.to_user_string()} is closed"
    _answer(context, graph, waiting, _Why(failed, said, reasons[0].remedy, named=False))


def answer_for_unread(context: Any, tables: Sequence[dg.AssetKey], error: InputError) -> None:
    """Answer for every check of this run that waits for tables which cannot be read.

    Args:
        context: The context of the step that is about to fail.
        tables: The tables that it materializes.
        error: Why it cannot.
    """
    graph = context.job_def.asset_layer.asset_graph.source_asset_graph
    waiting = _waiting(context, graph, {key for table in tables for key in _reach(graph, table, up=False)})
    said = [(error.who, f"{error.who}: found {error.found}; expected {error.expected}.")]
    _answer(context, graph, waiting, _Why("a table cannot be read", said, error.fix, named=False))


@dataclass(frozen=True)
class _Why:
    """Why checks are not run.

    Attributes:
        failed: What holds their assets back.
        said: The checks, or what else it is, and what each said; one at least.
        do: What to do about the first.
        named: Whether the first is named before what it said.
    """

    failed: str
    said: Sequence[tuple[str, str]]
    do: str
    named: bool = True


def _waiting(context: Any, graph: AssetGraph, assets: set[dg.AssetKey]) -> list[dg.AssetCheckKey]:
    """The checks of some assets that this run planned and that have not answered."""
    found = _of_this_run(context, graph, assets)
    return sorted(
        check
        for check, record in found.items()
        if _unanswered(record) and graph.get_check_spec(check).partitions_def is None
    )


def _answer(context: Any, graph: AssetGraph, waiting: Sequence[dg.AssetCheckKey], why: _Why) -> None:
    """Say in each check's place that it was not run, and why."""
    name, first = why.said[0]
    rows = [dg.TableRecord({"check": check, "said": said}) for check, said in why.said[:SHOWN]]
    table = dg.MetadataValue.table(
        rows, dg.TableSchema(columns=[dg.TableColumn("check"), dg.TableColumn("said")])
    )
    for check in waiting:
        asset = check.asset_key.to_user_string()
        answer = AssetCheckEvaluation(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=False,
            severity=dg.AssetCheckSeverity.ERROR,
            description=f"Not run: {asset} is held back, as {why.failed}. {f'{name}: ' if why.named else ''}{first}",
            metadata={"what_to_do": dg.MetadataValue.text(why.do), HELD_BACK_BY: table},
            blocking=graph.get_check_spec(check).blocking,
        )
        told = DagsterEvent(
            event_type_value=DagsterEventType.ASSET_CHECK_EVALUATION.value,
            job_name=context.run.job_name,
            event_specific_data=answer,
            message=f"Asset check '{check.name}' on '{asset}' did not pass. {answer.description}",
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


def _do(cause: AssetCheckEvaluation) -> str:
    """A failed check's remedy; "" where it gives none."""
    told = cause.metadata.get("what_to_do")
    return str(told.value) if told is not None else ""
