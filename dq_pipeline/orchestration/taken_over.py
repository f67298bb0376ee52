"""A run executed again from its failure goes on from another: what that run found of tables that are not judged again is taken over."""

from typing import Any

import dagster as dg

from dq_pipeline.audit import Audit
from dq_pipeline.orchestration.dataset import TRAINING_SET, Dataset
from dq_pipeline.orchestration.run_outputs import RunOutputs
from dq_pipeline.orchestration.snapshot import SNAPSHOT


def take_over(context: Any, dataset: Dataset, outputs: RunOutputs) -> None:
    """Take over the parts of the run that this one goes on from, so that what it tells is whole.

    Not of a table that this run judges itself, nor of one that was materialized with another content since.

    Args:
        context: The context of a step of the run.
        dataset: The dataset.
        outputs: The run's folder.
    """
    run = context.run
    if run.parent_run_id is None or run.execution_plan_snapshot_id is None:
        return
    executed = context.instance.get_execution_plan_snapshot(
        run.execution_plan_snapshot_id
    ).step_keys_to_execute
    earlier = RunOutputs(dataset.output, run.parent_run_id)
    for asset in dataset.checks:
        if asset == TRAINING_SET or dataset.step(asset) in executed:
            continue
        part = earlier.part(asset, dataset.spec)
        if part is not None and _stands(context.instance, dataset.key(asset), part):
            outputs.take_over(earlier, asset, part)


def _stands(instance: dg.DagsterInstance, key: dg.AssetKey, part: Audit) -> bool:
    """Whether a table's newest materialization is of the content that a part is of."""
    event = instance.get_latest_materialization_event(key)
    made = event.asset_materialization if event else None
    carried = made.metadata.get(SNAPSHOT) if made else None
    return carried is not None and carried.value == part.versions
