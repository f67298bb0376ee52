"""The nightly job: every asset of a dataset and every check on them, also those that others put there."""

from collections.abc import Sequence

import dagster as dg

from dq_pipeline.orchestration.dataset import Dataset

PRELOADED = ["duckdb", "great_expectations", "ibis", "numpy", "pandas", "pyarrow"]
"""What the server of several processes imports once, for all of them."""
TAGS = {"dagster/retry_on_asset_or_op_failure": "false"}
"""A failed check fails again: only a run whose process died is worth another try."""


def nightly(
    dataset: Dataset,
    keys: Sequence[dg.AssetKey],
    downstream: Sequence[dg.AssetKey] = (),
    reported: Sequence[dg.AssetKey] = (),
) -> dg.ScheduleDefinition:
    """The schedule, with its job.

    The steps run in one process, unless the spec asks for several: each would import Great Expectations for seconds in
    a process of its own.

    Args:
        dataset: The dataset.
        keys: Its assets.
        downstream: Assets of the user's own that are to follow in the same run, such as a model.
        reported: Assets that the steps of the checks report; they have no step of their own.
    """
    all_keys = [*keys, *downstream]
    job = dg.define_asset_job(
        f"{dataset.name}_nightly",
        selection=dg.AssetSelection.assets(*all_keys)
        | dg.AssetSelection.checks_for_assets(*all_keys, *reported),
        description=f"Materialize and audit {dataset.name}; a failed blocking check holds its training set back.",
        executor_def=_executor(dataset.spec.nightly.processes),
        tags=TAGS,
    )
    return dg.ScheduleDefinition(
        name=f"{dataset.name}_nightly_schedule",
        job=job,
        cron_schedule=dataset.spec.nightly.cron,
        execution_timezone=dataset.spec.nightly.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Audit {dataset.name} at {dataset.spec.nightly.cron} ({dataset.spec.nightly.timezone}).",
    )


def _executor(processes: int) -> dg.ExecutorDefinition:
    if processes == 1:
        return dg.in_process_executor
    start = {"forkserver": {"preload_modules": PRELOADED}}
    return dg.multiprocess_executor.configured({"max_concurrent": processes, "start_method": start})
