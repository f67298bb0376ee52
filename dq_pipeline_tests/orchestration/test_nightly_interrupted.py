"""A nightly run that is killed: what lies in the output is whole, nothing unjudged is in place, the next run is right.

Each run is `dagster job execute` in a process of its own, forked from one that has imported what takes seconds.
"""

import hashlib
import json
import multiprocessing
import os
import random
import runpy
import signal
import sys
import tempfile
import time

import dagster as dg
import pyarrow.parquet as pq
import pytest

from dq_pipeline.demo import DATASET, make
from dq_pipeline.orchestration.nightly import PRELOADED
from dq_pipeline.orchestration.run_outputs import WRITING
from dq_pipeline.report import history
from dq_pipeline.tables import UNFINISHED

KILLS = int(os.environ.get("DQ_KILLS", "3"))
LOCATION = (
    'from dq_pipeline import build_training_data_quality\ndefs = build_training_data_quality("spec.yaml")\n'
)
CLEAN, SPOILT = (), ("vague_guideline", "one_source")


def execute(folder):
    """`dagster job execute` in a fresh process."""
    os.chdir(folder)
    os.environ["DAGSTER_HOME"] = str(folder / "home")
    tempfile.tempdir = str(folder / "tmp")
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.argv = ["dagster", "job", "execute", "-f", "nights.py", "-j", f"{DATASET}_nightly"]
    runpy.run_module("dagster", run_name="__main__")


class Nights:
    """The demo's tables in a folder, their runs, and what these left.

    Attributes:
        folder: Where the tables lie.
        output: What the runs leave behind.
    """

    def __init__(self, folder):
        self.folder, self.output = folder, folder / ".dq_pipeline" / DATASET
        for name in ("home", "tmp"):
            (folder / name).mkdir()
        (folder / "home" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
        (folder / "nights.py").write_text(LOCATION)
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload([*PRELOADED, "dagster", "dq_pipeline.orchestration.build"])
        warm = self._processes.Process(target=int)
        warm.start()
        warm.join()

    def deliver(self, defects):
        make(self.folder, defects=defects, items=600)
        spec = self.folder / "spec.yaml"
        spec.write_text(
            spec.read_text().replace('mlflow: {tracking_uri: "sqlite:///mlflow.db"}', "mlflow: false")
        )

    def start(self):
        process = self._processes.Process(target=execute, args=(self.folder,))
        process.start()
        return process

    def run(self):
        """What a whole run came to: everything that must not depend on what happened before."""
        process = self.start()
        process.join()
        latest = self.output / "latest"
        with dg.DagsterInstance.from_config(str(self.folder / "home")) as instance:
            versions = {
                key.path[-1]: event.asset_materialization.tags["dagster/data_version"]
                for key in instance.all_asset_keys()
                if (event := instance.get_latest_materialization_event(key)) is not None
            }
        night = history.read(self.output)[-1]
        return {
            "status": process.exitcode,
            "versions": versions,
            "verdicts": json.loads((latest / "verdicts.json").read_text()),
            "measures": pq.read_table(latest / "measures.parquet").to_pylist(),
            "night": (night.run == latest.resolve().name, night.checks, night.numbers),
            "files": {file.name for file in latest.iterdir()},
            "output": {file.name for file in self.output.iterdir()},
            "training set": self.training_set(),
        }

    def training_set(self):
        return hashlib.sha256((self.output / "training_set.parquet").read_bytes()).hexdigest()

    def unfinished(self):
        """What is in the output for a while only."""
        return [
            os.path.join(folder, name)  # noqa: PTH118 - folders may vanish, which Path.rglob does not take
            for folder, folders, files in os.walk(self.output)
            for name in (*folders, *files)
            if name.startswith((UNFINISHED, WRITING, ".latest-"))
        ]

    def left(self):
        return [*self.unfinished(), *(self.folder / "tmp").iterdir()]

    def kill(self, moment, *, amid):
        """Start a run and end it after some seconds, or `amid` its next write to the output; whether it was still running."""
        process = self.start()
        process.join(moment)
        before = set(self.unfinished())
        while amid and process.is_alive() and set(self.unfinished()) <= before:
            time.sleep(0.0005)
        process.kill()
        process.join()
        return process.exitcode == -signal.SIGKILL


@pytest.fixture
def nights(tmp_path):
    return Nights(tmp_path)


def whole(folder):
    """Read every file of a folder that readers go to."""
    for file in folder.glob("[!.]*"):
        if file.suffix == ".json":
            json.loads(file.read_text())
        elif file.suffix == ".parquet":
            pq.read_table(file)
        elif file.suffix == ".html":
            assert file.read_text().rstrip().endswith("</html>")


def test_a_nightly_run_killed_at_any_moment_leaves_nothing_half_written_and_the_next_is_right(nights):
    nights.deliver(CLEAN)
    start = time.monotonic()
    expected = nights.run()
    took = time.monotonic() - start
    assert expected["status"] == 0, (nights.folder / "log").read_text()
    assert not nights.left()
    moments = random.Random(20261126)  # noqa: S311 - any moments will do
    landed = 0
    for number in range(3 * KILLS):
        nights.deliver(SPOILT if number % 2 else CLEAN)
        landed += nights.kill(moments.uniform(0.05, 0.9) * took, amid=number % 3 == 2)
        whole(nights.output)
        whole(nights.output / "latest")
        assert nights.training_set() == expected["training set"], "a spoilt delivery was released"
        if landed == KILLS:
            break
    assert landed == KILLS
    nights.deliver(CLEAN)
    assert nights.run() == expected
    assert not nights.left()
