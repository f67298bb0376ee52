"""The checks of one asset as one op that always answers: audit the asset's table, tell, and stop what must not go on."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

import dagster as dg

from dq_pipeline.audit import STATES, Audit, Folders, audit
from dq_pipeline.orchestration.collecting import PLAN, report, reported_checks
from dq_pipeline.orchestration.dataset import TRAINING_SET, Dataset
from dq_pipeline.orchestration.held_back import answer_for_held_back
from dq_pipeline.orchestration.plotted import observation
from dq_pipeline.orchestration.run_outputs import Ended, RunOutputs, unfinished
from dq_pipeline.orchestration.snapshot import current, hold, recorded
from dq_pipeline.orchestration.telling import keep, tell, telling
from dq_pipeline.orchestration.verdict_result import result_of, unjudged

Event = dg.AssetCheckResult | dg.AssetObservation | dg.AssetMaterialization


def table_checks(dataset: Dataset, table: str) -> dg.AssetChecksDefinition:
    """The checks of one of a dataset's tables.

    Args:
        dataset: The dataset.
        table: The asset's name, such as "annotations".
    """
    specs = [*dataset.checks[table], *reported_checks(dataset, table)]

    @dg.multi_asset_check(
        name=dataset.step(table),
        specs=specs,
        can_subset=True,
        description=f"Audit {dataset.name}/{table}.",
        required_resource_keys=dataset.resources,
        pool=dataset.spec.nightly.pool,
    )
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[Event]:
        asked = [spec for spec in specs if spec.key in context.selected_asset_check_keys]
        found: Audit | Exception
        try:
            with dataset.counting(context):
                found = _audited(context, dataset, table)
        except Exception as error:  # noqa: BLE001 - a blocking check without a result would let children run
            found = error
        yield from telling(context, dataset, table, answers(context, dataset, table, asked, found))

    return checks


def _audited(context: Any, dataset: Dataset, table: str) -> Audit:
    """The audit of the very content that was materialized.

    Raises:
        ChangedError: The files hold something else.
        InputError: A table cannot be read.
    """
    before = recorded(context, dataset.key(table))
    with unfinished(dataset.output) as room:
        folders = Folders(room, dataset.output / STATES)
        found = audit(dataset.spec, dataset.source, assets=(table,), folders=folders)
        if found.timings.reused:
            context.log.info(found.timings.reused)
        hold(before, found.versions, dataset.name)
        # A file replaced while it was counted would have been judged half old, half new.
        hold(before, current(dataset.spec, dataset.tables), dataset.name)
        RunOutputs(dataset.output, context.run.run_id).take(room)
    return found


def answers(
    context: Any, dataset: Dataset, asset: str, specs: Sequence[dg.AssetCheckSpec], found: Audit | Exception
) -> Generator[Event, None, dict[str, Any]]:
    """A result for each check of an asset, then an end of the step when one of them blocks.

    Args:
        context: The step's context.
        dataset: The dataset.
        asset: The asset's name.
        specs: The checks to answer for.
        found: The audit of the asset, or why there is none.

    Returns:
        Where to read more, as metadata.

    Raises:
        dagster.Failure: A check blocks; it says which, why and what to do.
    """
    more: dict[str, Any] = {}
    reports: Iterator[Event] = iter(())
    plans = False
    if isinstance(found, Exception):
        results = [unjudged(spec, found, {}) for spec in specs]
    else:
        more = keep(context, dataset, asset, found)
        verdicts = {verdict.check: verdict for verdict in found.verdicts if verdict.table == asset}
        own = [spec for spec in specs if spec.asset_key == dataset.key(asset)]
        yield observation(dataset.key(asset), found.measures, list(verdicts.values()))
        folder = RunOutputs(dataset.output, context.run.run_id).folder
        results = [result_of(spec, verdicts.get(spec.name), found, folder, more) for spec in own]
        others = [spec for spec in specs if spec.asset_key != dataset.key(asset)]
        plans = any(spec.asset_key == dataset.key(PLAN) for spec in others)
        reports = report(dataset, others, found, more)
        specs = own
    blocking = [
        result
        for spec, result in zip(specs, results, strict=True)
        if spec.blocking and not result.passed and result.severity is dg.AssetCheckSeverity.ERROR
    ]
    plan, tracked = tell(context, dataset, asset, Ended(bool(blocking), plans))
    yield from (result.with_metadata({**result.metadata, **tracked}) for result in results)
    yield from reports
    yield from plan
    if blocking:
        answer_for_held_back(context, dataset.key(asset))
        raise dg.Failure(description=_held_back(dataset, asset, blocking), allow_retries=False)
    return {**more, **tracked}


def _held_back(dataset: Dataset, asset: str, blocking: Sequence[dg.AssetCheckResult]) -> str:
    """Which check, why, and what to do."""
    held = dataset.key(TRAINING_SET).to_user_string()
    checks = "1 check" if len(blocking) == 1 else f"{len(blocking)} checks"
    lines = [f"{held} is held back: {checks} of {dataset.key(asset).to_user_string()} failed."]
    for result in blocking:
        lines.append(f"- {result.check_name}: {result.description}")
        remedy = result.metadata.get("what_to_do")
        if remedy is not None and remedy.value:
            lines.append(f"  -> {remedy.value}")
    return "\n".join(lines)
