"""One payload into one MLflow run, as often as it takes and never twice."""

from __future__ import annotations

import re
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq_pipeline.tracking import names
from dq_pipeline.tracking.data_input import data_input
from dq_pipeline.tracking.payload import Payload, content_digest
from dq_pipeline.tracking.server import run_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlflow import MlflowClient
    from mlflow.entities import Run

KEY = "dq_pipeline.key"
"""The tag that finds a payload's run again: it is there from the run's first moment."""
SENT = "dq_pipeline.sent."
"""Start of the tag that says which content the run has whole; it is written last."""
METRICS_A_BATCH = 1_000
PARAMS_A_BATCH = 30
TAGS_A_BATCH = 100
"""MLflow allows 1,000 metrics, 100 params, 100 tags and a million bytes a batch."""


def deliver(payload: Payload, client: MlflowClient, uri: str, experiment: str) -> tuple[str, str | None]:
    """Make sure that the payload stands whole in its MLflow run.

    A run that a killed sender left half is found by its tag and completed; a run that has this content already is
    left as it is.

    Args:
        payload: What to send.
        client: A client of the tracking server.
        uri: The tracking URI.
        experiment: Name of the experiment.

    Returns:
        The run's id, and the address of its page when the server has one.

    Raises:
        MlflowException: The server refused or failed; what was sent stays and is not sent again.
    """
    experiment_id = _experiment(client, experiment, uri)
    run = _run(client, experiment_id, payload)
    run_id = run.info.run_id
    sent = SENT + content_digest(payload)[:16]
    if sent not in run.data.tags:
        _metrics(client, run, payload)
        _params(client, run, payload)
        _tags(client, run_id, payload)
        _dataset(client, run, payload)
        for artifact in payload.artifacts:
            client.log_artifact(run_id, str(artifact))
        client.set_tag(run_id, sent, "true")
        client.set_terminated(run_id, "FINISHED", int(time.time() * 1000))
    return run_id, run_url(uri, experiment_id, run_id)


def _experiment(client: MlflowClient, name: str, uri: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    from mlflow.exceptions import MlflowException

    try:
        return str(client.create_experiment(name, artifact_location=_artifacts_of(uri, name)))
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        found = client.get_experiment_by_name(name)
        if found is None:
            raise
        return str(found.experiment_id)


def _artifacts_of(uri: str, experiment: str) -> str | None:
    """Beside an embedded database its artifacts; a server knows its own place."""
    if not uri.startswith("sqlite:///"):
        return None
    database = Path(uri.removeprefix("sqlite:///")).absolute()
    return (database.parent / "mlartifacts" / names.part(experiment)).as_uri()


def _run(client: MlflowClient, experiment_id: str, payload: Payload) -> Run:
    found = client.search_runs([experiment_id], f"tags.`{KEY}` = '{payload.key}'", max_results=1)
    if found:
        return client.get_run(found[0].info.run_id)
    night = time.strftime("%Y-%m-%d %H:%M", time.gmtime(payload.started / 1000))
    tags = {KEY: payload.key, "mlflow.source.name": "dq_pipeline"}
    return client.create_run(experiment_id, payload.started, tags, f"{payload.dataset} {night}")


def _metrics(client: MlflowClient, run: Run, payload: Payload) -> None:
    from mlflow.entities import Metric

    there = run.data.metrics
    missing = (
        Metric(name, value, payload.started, 0)
        for name, value in names.metrics(payload.measures)
        if there.get(name) != value
    )
    for batch in _batches(missing, METRICS_A_BATCH):
        client.log_batch(run.info.run_id, metrics=batch)


def _params(client: MlflowClient, run: Run, payload: Payload) -> None:
    from mlflow.entities import Param

    there = run.data.params
    missing = (
        Param(name, value) for name, value in names.params(payload.params).items() if name not in there
    )
    for batch in _batches(missing, PARAMS_A_BATCH):
        client.log_batch(run.info.run_id, params=batch)


def _tags(client: MlflowClient, run_id: str, payload: Payload) -> None:
    from mlflow.entities import RunTag

    more = {
        **payload.tags,
        "dq.dataset": payload.dataset,
        "dq.data_version": payload.data_version,
        "dq.run_key": payload.run_key,
        "mlflow.note.content": _note(payload),
    }
    tags = (
        RunTag(name, value) for name, value in names.tags(payload.verdict, payload.verdicts, more).items()
    )
    for batch in _batches(tags, TAGS_A_BATCH):
        client.log_batch(run_id, tags=batch)


def _note(payload: Payload) -> str:
    """What the run's page says first: each check that is not clear, in its own sentence."""
    raised = [one for one in payload.verdicts if one.get("verdict") != "clear"]
    told = [f"- **{one['verdict']}** {one['check']}: {_plain(one.get('sentence', ''))}" for one in raised]
    return "\n".join([f"**{payload.verdict}**, {len(payload.verdicts)} checks", "", *told])


def _plain(text: str) -> str:
    """Users' words as they are, in a page that takes Markdown and HTML."""
    return re.sub(r"([\\`*\[<&])", r"\\\1", text)


def _dataset(client: MlflowClient, run: Run, payload: Payload) -> None:
    """The data version as the run's input; a run may be of one version only."""
    named = data_input(payload.dataset, payload.data_version, "audit")
    if all(one.dataset.digest != named.dataset.digest for one in run.inputs.dataset_inputs):
        client.log_inputs(run.info.run_id, [named])


def _batches(of: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(of)
    while batch := list(islice(rest, size)):
        yield batch
