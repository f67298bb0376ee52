"""One MLflow run for each Dagster run and dataset, sent when all is known, and the way back from it."""

import os
from typing import Any

import dagster as dg

from dq_pipeline.audit import Audit, track_audit
from dq_pipeline.orchestration.dataset import Dataset
from dq_pipeline.orchestration.run_outputs import RunOutputs

URL = "DAGSTER_WEBSERVER_URL"
"""The environment variable that says where Dagster's UI is, for links from MLflow to the run."""


def send(context: Any, dataset: Dataset, audit: Audit, outputs: RunOutputs) -> dict[str, Any]:
    """Send the audit of a run; it completes what the run may have sent before.

    Returns:
        Metadata that links to the MLflow run, or says that it waits.
    """
    run = context.run
    record = context.instance.get_run_record_by_id(run.run_id)
    tags = {
        "dagster/run_id": run.run_id,
        "dagster/job": run.job_name,
        **{f"dq.version.{table}": version for table, version in audit.versions.items()},
    }
    ui = os.environ.get(URL)
    if ui:
        tags["dagster/run_url"] = f"{ui.rstrip('/')}/runs/{run.run_id}"
    tracked = track_audit(
        audit,
        dataset.families,
        outputs.folder,
        run_key=run.run_id,
        started=int(record.create_timestamp.timestamp() * 1000) if record else 0,
        tags=tags,
    )
    if tracked is None:
        return {}
    if tracked.problem:
        context.log.warning(tracked.sentence)
        return {"mlflow": tracked.sentence}
    return link(tracked.url, tracked.run_id)


def link(url: str | None, run_id: str | None) -> dict[str, Any]:
    """The MLflow run as metadata: its page where there is one, else its id."""
    if url:
        return {"mlflow": dg.MetadataValue.url(url)}
    return {"mlflow": f"run {run_id}"} if run_id else {}
