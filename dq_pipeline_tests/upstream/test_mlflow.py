"""What MLflow does and tracking/ leans on or works around."""

from __future__ import annotations

import shutil

import pytest
from mlflow import MlflowClient, environment_variables
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException
from mlflow.utils import validation

from dq_pipeline.tracking import deliver, names


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return MlflowClient(f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}")


@pytest.fixture
def run(client):
    return client.create_run("0", tags={"key": "abc"}).info.run_id


def test_the_limits_are_at_least_ours():
    assert validation.MAX_METRICS_PER_BATCH >= deliver.METRICS_A_BATCH
    assert validation.MAX_PARAMS_TAGS_PER_BATCH >= deliver.TAGS_A_BATCH >= deliver.PARAMS_A_BATCH
    assert validation.MAX_ENTITY_KEY_LENGTH >= names.LONGEST
    assert validation.MAX_PARAM_VAL_LENGTH >= names.PARAM_LONGEST
    assert validation.MAX_TAG_VAL_LENGTH >= names.TAG_LONGEST


def test_a_metric_logged_twice_with_one_timestamp_stands_once(client, run):
    for _ in range(2):
        client.log_batch(run, metrics=[Metric("a", 0.5, 1_000, 0)])
    assert len(client.get_metric_history(run, "a")) == 1


def test_a_param_may_be_repeated_but_not_changed(client, run):
    for _ in range(2):
        client.log_batch(run, params=[Param("p", "1")])
    with pytest.raises(MlflowException, match="Changing param values"):
        client.log_batch(run, params=[Param("p", "2")])


def test_a_run_is_found_by_the_tag_it_was_made_with(client, run):
    assert run in {found.info.run_id for found in client.search_runs(["0"], "tags.`key` = 'abc'")}


def test_the_file_store_is_gone(tmp_path):
    with pytest.raises(MlflowException, match="file"):
        MlflowClient(str(tmp_path / "mlruns")).search_experiments()
    shutil.rmtree(tmp_path / "mlruns", ignore_errors=True)


def test_a_dead_server_would_be_asked_for_minutes():
    assert environment_variables.MLFLOW_HTTP_REQUEST_MAX_RETRIES.default >= 5
    assert environment_variables.MLFLOW_HTTP_REQUEST_TIMEOUT.default >= 60
