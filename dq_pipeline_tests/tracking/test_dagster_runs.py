"""Nights in Dagster with MLflow's own server there, stopped in between, and there again: one MLflow run a night."""

from __future__ import annotations

import sys

import dagster as dg
import pytest

from dq_pipeline import build_training_data_quality, log_training_data
from dq_pipeline.spec import InputError
from dq_pipeline.tracking import names, sender
from dq_pipeline.tracking.outbox import Outbox
from dq_pipeline_tests.orchestration.dataset_world import DatasetWorld, evaluations


@pytest.fixture(autouse=True)
def no_server_stays_set(monkeypatch):
    """MLflow's fluent calls keep the server and the experiment for the process and, in its environment, for others."""
    import mlflow

    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr(mlflow.tracking.fluent, "_active_experiment_id", None)
    yield
    mlflow.set_tracking_uri("")


def with_model(world, tracking):
    """The dataset with assets of the user's own behind its training set, the model with an MLflow run."""

    @dg.asset(key=["ours", "features"], deps=[world.key("training_set")])
    def features(): ...

    @dg.asset(key=["ours", "model"], deps=[features])
    def model(context):
        import mlflow

        mlflow.set_tracking_uri(tracking)
        mlflow.set_experiment(world.name)
        with mlflow.start_run():
            assert log_training_data(context).keys() == {world.name}

    downstream = [features.key, model.key]
    data = build_training_data_quality(world.spec, base=world.folder, downstream=downstream)
    return dg.Definitions.merge(data, dg.Definitions(assets=[features, model]))


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    """Other tests run beside these: MLflow's server may be slow, which is not what they are about."""
    monkeypatch.setattr(sys.modules["dq_pipeline.tracking.track"], "DEADLINE_SECONDS", 240.0)
    monkeypatch.setitem(sender.ENVIRONMENT, "MLFLOW_HTTP_REQUEST_TIMEOUT", "120")
    monkeypatch.setattr(sys.modules["dq_pipeline.tracking.track"], "PROBE_SECONDS", 60.0)


@pytest.fixture
def world(tmp_path):
    (tmp_path / "home").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "home")) as instance:
        yield DatasetWorld(instance, tmp_path / "scenes")


def test_each_night_is_one_mlflow_run_also_when_the_server_is_away_for_one(world, serve, runs, monkeypatch):
    monkeypatch.setenv("DAGSTER_WEBSERVER_URL", "http://dagster:3000/")
    with serve() as url:
        world.spec["mlflow"] = {"tracking_uri": url}
        first = world.nightly()
    assert first.success
    links = {one.metadata["mlflow"].value for one in evaluations(first).values() if "mlflow" in one.metadata}
    (found,) = runs("scenes")
    assert links == {f"{url}/#/experiments/{found.info.experiment_id}/runs/{found.info.run_id}"}

    world.plant("one_source")
    second = world.nightly()
    assert not second.success
    assert len(runs("scenes")) == 1
    said = evaluations(second)["items:concentration_largest_share"].metadata["mlflow"].value
    assert "refuses the connection): 1 runs wait in" in said
    waiting = Outbox(world.folder / ".dq_pipeline" / "outbox" / "scenes").names()
    assert len(waiting) == 1, "the steps of one night wait as one"

    world.plant()
    with serve() as url:
        world.spec["mlflow"] = {"tracking_uri": url}
        third = world.nightly()
    assert third.success
    nights = {run.data.tags["dq.run_key"]: run for run in runs("scenes")}
    assert nights.keys() == {first.run_id, second.run_id, third.run_id}
    assert len(runs("scenes")) == 3
    verdicts = [nights[one.run_id].data.tags["dq.verdict"] for one in (first, second, third)]
    assert verdicts == ["clear", "block", "clear"]


def test_the_run_holds_every_asset_of_the_night(world, database, runs):
    world.spec["mlflow"] = {"tracking_uri": database}
    night = world.nightly(with_model(world, database))
    run, model = sorted(runs("scenes"), key=lambda one: "dq.verdict" not in one.data.tags)
    tables = {name.split("/")[0] for name in run.data.metrics}
    assert {"items", "annotations", "training_set"} <= tables
    told = {name.removeprefix("dq.check.") for name in run.data.tags if name.startswith("dq.check.")}
    answered = {
        check
        for asset, _, check in (name.partition(":") for name in evaluations(night))
        if asset in tables and check != "quality_gate"
    }
    assert told == answered
    assert run.data.tags["dagster/run_id"] == night.run_id
    assert run.data.tags["dagster/job"] == "scenes_nightly"
    made = next(
        event.step_materialization_data.materialization
        for event in night.all_events
        if event.event_type_value == "ASSET_MATERIALIZATION" and event.asset_key.path[-1] == "training_set"
    )
    assert run.data.tags["dq.version.training_set"] == made.tags["dagster/data_version"]
    assert made.metadata["mlflow"].value == f"run {run.info.run_id}"
    assert max(len(name) for name in run.data.metrics) <= names.LONGEST

    said = ("dq.dataset", "dq.data_version", "dq.version.training_set", "dagster/run_id")
    assert {tag: model.data.tags[tag] for tag in said} == {tag: run.data.tags[tag] for tag in said}
    judged, learned = (one.inputs.dataset_inputs[0] for one in (run, model))
    for one in (judged, learned):
        assert (one.dataset.name, one.dataset.digest) == ("scenes", run.data.tags["dq.data_version"])
    assert [one.tags[0].value for one in (judged, learned)] == ["audit", "training"]


def test_a_model_that_reads_no_audited_data_or_logs_no_run_is_told_what_to_write(database):
    import mlflow

    told = []

    @dg.asset(deps=["elsewhere"])
    def model(context):
        mlflow.set_tracking_uri(database)
        with pytest.raises(InputError, match=r"(?s)no active MLflow run.*with mlflow.start_run\(\)"):
            log_training_data(context)
        mlflow.set_experiment("ours")
        with mlflow.start_run() as run:
            told.append(run.info.run_id)
            with pytest.raises(
                InputError, match="model, which reads nothing that comes from an audited dataset"
            ):
                log_training_data(context)

    assert dg.materialize([model]).success
    assert not mlflow.MlflowClient(database).get_run(told[0]).inputs.dataset_inputs
