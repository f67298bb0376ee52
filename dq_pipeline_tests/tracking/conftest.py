"""Payloads, an embedded database that is migrated once, and MLflow's own server."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.tracking import Payload
from dq_pipeline.tracking.server import why_silent


@pytest.fixture
def payload(tmp_path):
    """Make a payload of the night `run`, with `many` more measures and params."""

    def make(run="night1", many=0, artifacts=1, dataset="pets"):
        files = []
        for number in range(artifacts):
            file = tmp_path / "output" / f"artifact_{number}.json"
            file.parent.mkdir(exist_ok=True)
            file.write_text(f'{{"run": "{run}"}}')
            files.append(file)
        return Payload(
            dataset=dataset,
            run_key=run,
            data_version="d" * 32,
            started=1_790_000_000_000 + int.from_bytes(run.encode()[-1:], "big"),
            measures=(
                Measure("agreement", "krippendorff_alpha", "annotations", Estimate(0.5, 0.4, 0.6, 10)),
                Measure("agreement", "gwet_ac1", "annotations", Estimate(None, status="empty")),
                Measure("balance", "share", "items", Estimate(0.25, n=3), "label", "a/b 😀"),
                *(
                    Measure("balance", "share", "items", Estimate(n / 7, n=3), "label", f"l{n}")
                    for n in range(many)
                ),
            ),
            verdicts=({"check": "agreement_alpha", "verdict": "block", "sentence": "Alpha is 0.5."},),
            verdict="block",
            params={"checks/agreement/block": "0.667", **{f"p/{n}": "x" * 7_000 for n in range(many // 10)}},
            tags={"dagster/run_id": "abc"},
            artifacts=tuple(files),
        )

    return make


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """An embedded database with MLflow's schema: the migrations take seconds."""
    from mlflow import MlflowClient

    file = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    MlflowClient(f"sqlite:///{file}").search_experiments()
    return file


@pytest.fixture
def database(migrated, tmp_path):
    """A tracking URI of an embedded database of the test's own."""
    file = tmp_path / "mlflow.db"
    shutil.copyfile(migrated, file)
    return f"sqlite:///{file}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def serve(database, tmp_path):
    """A context in which MLflow's own server runs on the test's database."""
    port = free_port()

    @contextlib.contextmanager
    def running():
        command = [
            sys.executable,
            "-m",
            "mlflow",
            "server",
            "--backend-store-uri",
            database,
            "--workers",
            "1",
        ]
        command += [
            "--artifacts-destination",
            str(tmp_path / "served"),
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        ]
        with (tmp_path / "server.log").open("ab") as log:
            server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
            )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url)
            yield url
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()

    return running


def wait_for(url, seconds=120):
    end = time.monotonic() + seconds
    while True:
        if not why_silent(url):
            return
        assert time.monotonic() < end, "MLflow's server did not start"
        time.sleep(0.3)


@pytest.fixture
def runs(database):
    """All runs in the test's database, each with its metrics' histories."""

    def read(experiment="pets"):
        from mlflow import MlflowClient

        client = MlflowClient(database)
        found = client.get_experiment_by_name(experiment)
        if found is None:
            return []
        return [client.get_run(run.info.run_id) for run in client.search_runs([found.experiment_id])]

    return read
