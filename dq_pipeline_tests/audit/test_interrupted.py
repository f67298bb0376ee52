"""An audit that is killed, disturbed or not alone: what lies in the output is whole, and the next audit is right."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from dq_pipeline.audit import audit
from dq_pipeline.audit.outputs import LOCK
from dq_pipeline.audit.watch import Watch
from dq_pipeline.spec import InputError, load_spec
from dq_pipeline.tables import Tables

KILLS = int(os.environ.get("DQ_KILLS", "4"))
SPEC = """\
dataset: pets
annotations: {table: votes.csv, item: item, annotator: annotator, label: label}
checks: {agreement: {krippendorff_alpha: {block: 0.5, warn: 0.95}, min_items: 10}}
training_set: {}
mlflow: false
engine: {temp_directory: scratch}
"""
COMMAND = [
    sys.executable, "-c", "from dq_pipeline.cli import main; main()", "audit", "spec.yaml", "--output", "out",
    "--format", "json",
]  # fmt: skip


@pytest.fixture
def pets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("scratch").mkdir()
    Path("spec.yaml").write_text(SPEC)
    votes(agreeing=True)
    return tmp_path


def votes(*, agreeing):
    """The table, put in its place in one step."""
    rows = [
        f"i{n},{who},{'cat' if (n % 7 if agreeing else n + len(who) % 2) % 2 else 'dog'}"
        for n in range(3_000)
        for who in ("ana", "ben", "cyd", "dora")
    ]
    Path("votes.new").write_text("item,annotator,label\n" + "\n".join(rows) + "\n")
    Path("votes.new").replace("votes.csv")


def run():
    ended = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
    assert not ended.stderr or ended.returncode == 2
    return ended


def whole(folder):
    """Read every file that lies there to its end."""
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.name.startswith("."):
            continue
        if file.suffix == ".json":
            json.loads(file.read_text())
        elif file.suffix == ".parquet":
            pq.read_table(file)
        elif file.suffix == ".html":
            assert file.read_text().rstrip().endswith("</html>")


def test_an_audit_killed_at_any_moment_leaves_nothing_half_written_and_the_next_is_right(pets):
    start = time.monotonic()
    expected = run()
    took = time.monotonic() - start
    names = {file.name for file in (pets / "out").iterdir()}
    moments = random.Random(20261126)  # noqa: S311 - any moments will do
    for _ in range(KILLS):
        process = subprocess.Popen(COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.1, 1.0) * took)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        whole(pets / "out")
    again = run()
    assert (again.returncode, again.stdout) == (expected.returncode, expected.stdout)
    assert {file.name for file in (pets / "out").iterdir()} == names
    assert not list((pets / "scratch").iterdir())


def test_a_second_audit_into_the_same_folder_is_told_to_wait(pets):
    (pets / "out").mkdir()
    with FileLock(pets / "out" / LOCK):
        ended = run()
    assert ended.returncode == 2
    assert "another audit is writing there" in ended.stderr


def test_ctrl_c_ends_without_a_verdict_and_without_a_traceback(pets):
    started = time.monotonic()
    run()
    took = time.monotonic() - started
    for share in (0.3, 0.7):
        shutil.rmtree(pets / "out", ignore_errors=True)
        process = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(share * took)
        process.send_signal(signal.SIGINT)
        said, told = process.communicate()
        # It may have come to its end before.
        assert (process.returncode, told) == (130, "dq-pipeline: interrupted\n") or said
        assert "Traceback" not in told
        assert not list((pets / "scratch").iterdir())


def small_files_only():
    """What a full disk does to all but the first bytes of a file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


@pytest.mark.usefixtures("pets")
def test_a_disk_that_is_full_when_results_are_written_is_told():
    few = Path("votes.csv").read_text().splitlines()[:201]
    Path("votes.csv").write_text("\n".join(few) + "\n")
    ended = subprocess.run(COMMAND, capture_output=True, text=True, check=False, preexec_fn=small_files_only)
    assert ended.returncode == 2
    assert ended.stderr.startswith("dq-pipeline: --output out\n  found: ")
    assert "fix:      make room there, or name another folder" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_folder_where_a_file_of_the_results_is_to_lie_is_told(pets):
    (pets / "out" / "history.jsonl").mkdir(parents=True)
    ended = run()
    assert ended.returncode == 2
    assert "found:    history.jsonl: Is a directory" in ended.stderr


@pytest.mark.parametrize(("agreeing", "status"), [(True, 0), (False, 1)])
@pytest.mark.usefixtures("pets")
def test_a_reader_that_goes_away_does_not_change_the_exit_status(agreeing, status):
    votes(agreeing=agreeing)
    process = subprocess.Popen([*COMMAND[:-1], "table"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    _, said = process.communicate()
    assert (process.returncode, said) == (status, b"")


class Meddling(Watch):
    """Does something when the audit comes to a stage."""

    def __init__(self, stage, act):
        self._stage, self._act = stage, act

    def connected(self, connection):
        pass

    def counted(self, rows):
        pass

    def stage(self, name):
        if name == self._stage:
            self._act()


@pytest.mark.parametrize("stage", ["contracts", "counts"])
def test_a_table_replaced_while_it_is_counted_is_not_judged(pets, stage):
    spec, source = load_spec(pets / "spec.yaml")
    with pytest.raises(InputError, match="changed while it was counted"):
        audit(spec, source, watch=Meddling(stage, lambda: votes(agreeing=False)))


def test_a_table_that_is_gone_while_it_is_counted_is_told(pets):
    spec, source = load_spec(pets / "spec.yaml")
    with pytest.raises(InputError, match="changed while it was counted"):
        audit(spec, source, watch=Meddling("counts", lambda: Path("votes.csv").unlink()))


def test_a_table_replaced_before_its_version_is_known_is_not_judged(pets):
    spec, _ = load_spec(pets / "spec.yaml")
    with Tables(spec) as tables:
        votes(agreeing=False)
        with pytest.raises(InputError, match="changed while it was counted"):
            _ = tables.data_version


def test_a_table_written_again_with_the_same_content_is(pets):
    spec, source = load_spec(pets / "spec.yaml")
    found = audit(spec, source, watch=Meddling("counts", lambda: votes(agreeing=True)))
    assert found.verdict == "warn"
