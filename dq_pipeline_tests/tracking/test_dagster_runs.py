"""Nights in Dagster with MLflow's own server there, stopped in between, and there again: one MLflow run a night."""

from __future__ import annotations

import time

import dagster as dg
import pytest

from dq_pipeline.tracking import names
from dq_pipeline.tracking.outbox import Outbox
from dq_pipeline_tests.orchestration.dataset_world import DatasetWorld, evaluations


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
    start = time.monotonic()
    second = world.nightly()
    spent = time.monotonic() - start
    assert not second.success
    assert len(runs("scenes")) == 1
    said = evaluations(second)["items:concentration_largest_share"].metadata["mlflow"].value
    assert "refuses the connection): 1 runs wait in" in said
    waiting = Outbox(world.folder / ".dq_pipeline" / "outbox" / "scenes").names()
    assert len(waiting) == 1, "the steps of one night wait as one"
    assert spent < 60

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
    night = world.nightly()
    (run,) = runs("scenes")
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
