"""A night tells its whole once: its page, its line in the history, its MLflow run and the plan of what to collect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dagster as dg

from dq_pipeline.orchestration.collecting import plan_told
from dq_pipeline.orchestration.run_outputs import Ended, RunOutputs
from dq_pipeline.orchestration.run_tracking import send
from dq_pipeline.orchestration.still_to_come import still_to_come
from dq_pipeline.orchestration.taken_over import take_over

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from dq_pipeline.audit import Audit
    from dq_pipeline.orchestration.dataset import Dataset


def keep(context: Any, dataset: Dataset, asset: str, found: Audit) -> dict[str, Any]:
    """Keep what a step found, so that what its checks name is there.

    Returns:
        Where to read more, as metadata: the page of the run, which its last step writes. Verdicts are told also where
        nothing can be written; it then says so.
    """
    outputs = RunOutputs(dataset.output, context.run.run_id)
    try:
        take_over(context, dataset, outputs)
        outputs.keep(asset, found, dataset.families)
    except Exception as error:  # noqa: BLE001 - the answers are due whatever became of the files
        return {"outputs": _warn(context, outputs, error)}
    return {"report": dg.MetadataValue.path(str(outputs.folder / "report.html"))}


def tell(
    context: Any, dataset: Dataset, asset: str, how: Ended
) -> tuple[list[dg.AssetMaterialization], dict[str, Any]]:
    """Note that a step ends, and tell of the run where it is the last that had something to say.

    Returns:
        The plan's materialization where it is to be reported now, and links to the MLflow run.
    """
    outputs = RunOutputs(dataset.output, context.run.run_id)
    try:
        take_over(context, dataset, outputs)
        whole = outputs.end(
            asset,
            how,
            (dataset.spec, dataset.families),
            lambda ended: still_to_come(context, dataset, ended),
        )
        if whole is None:
            return [], {}
        planned = any(one.plans for one in outputs.ended.values())
        plan = [plan_told(dataset, whole, outputs.folder)] if planned else []
        return plan, send(context, dataset, whole, outputs)
    except Exception as error:  # noqa: BLE001 - the answers are due whatever became of the files
        return [], {"outputs": _warn(context, outputs, error)}


def telling(context: Any, dataset: Dataset, asset: str, events: Iterator[Any]) -> Generator[Any, None, None]:
    """The events of a step that others wait for, which tells of what there is where it ends without having been judged."""
    try:
        yield from events
    except Exception:  # whatever ends the step goes on, once what others wait for is told
        yield from _left(context, dataset, asset, blocks=True)
        raise
    yield from _left(context, dataset, asset, blocks=False)


def _left(context: Any, dataset: Dataset, asset: str, *, blocks: bool) -> Iterator[dg.AssetMaterialization]:
    outputs = RunOutputs(dataset.output, context.run.run_id)
    if (outputs.begun or context.run.parent_run_id) and asset not in outputs.ended:
        plan, _ = tell(context, dataset, asset, Ended(blocks))
        yield from plan


def _warn(context: Any, outputs: RunOutputs, error: Exception) -> str:
    said = f"The audit could not be kept in {outputs.output}: {type(error).__name__}: {error}"
    context.log.warning(said)
    return said
