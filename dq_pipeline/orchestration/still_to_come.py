"""Whether a step of this run will yet add to what is known of a dataset: only the last one tells of the whole.

The run's plan, as Dagster recorded it, says which steps there are and which stand below which; it is the same in every
process of the run. What a step says of its own end stands beside its part, under the lock, so that of two steps that end
at once one sees the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster._core.execution.stats import StepEventStatus

from dq_pipeline.orchestration.dataset import CONSENSUS, TRAINING_SET, Dataset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster._core.snap import ExecutionPlanSnapshot

    from dq_pipeline.orchestration.run_outputs import Ended

OVER = {StepEventStatus.SUCCESS, StepEventStatus.FAILURE, StepEventStatus.SKIPPED}


def still_to_come(context: Any, dataset: Dataset, ended: Mapping[str, Ended]) -> bool:
    """Whether to wait for another step of the run.

    Not for one that is held back, be it by a step that was killed; nor for one that may yet be held back by a step that is
    not ours, such as a check of the user's own on the consensus: it would be waited for in vain.

    Args:
        context: The context of a step of the run.
        dataset: The dataset.
        ended: The assets whose steps have said that they end; that of the step that asks is among them.
    """
    run = context.run
    if run.execution_plan_snapshot_id is None:
        return False
    above = _above(context.instance.get_execution_plan_snapshot(run.execution_plan_snapshot_id))
    telling = {*dataset.checks, TRAINING_SET}
    waiting = above.keys() & {dataset.step(asset) for asset in telling - ended.keys()}
    if not waiting:
        return False
    stands = {stat.step_key: stat.status for stat in context.instance.get_run_step_stats(run.run_id)}
    over = {step for step, status in stands.items() if status in OVER}
    stopped = {step for step in over if stands[step] is not StepEventStatus.SUCCESS}
    stopped |= {dataset.step(asset) for asset, how in ended.items() if how.blocks}
    ours = {dataset.tables_step, *(dataset.step(asset) for asset in (*telling, CONSENSUS))}
    return any(not above[step] & stopped and above[step] <= ours | over for step in waiting - over)


def _above(plan: ExecutionPlanSnapshot) -> dict[str, set[str]]:
    """Each step that the run executes, with those of them that stand above it."""
    executed = set(plan.step_keys_to_execute)
    parents = {
        step.key: {handle.step_key for given in step.inputs for handle in given.upstream_output_handles}
        & executed
        for step in plan.steps
        if step.key in executed
    }
    return {step: _reached(parents, step) for step in parents}


def _reached(parents: Mapping[str, set[str]], step: str) -> set[str]:
    found: set[str] = set()
    wanted = [*parents[step]]
    while wanted:
        one = wanted.pop()
        if one not in found:
            found.add(one)
            wanted += parents[one]
    return found
