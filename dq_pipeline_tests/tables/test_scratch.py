"""Folders for what the engine spills: gone when closed, and after a kill when the next one is made."""

import io
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from dq_pipeline.spec import InputError
from dq_pipeline.tables.scratch import PREFIX, Scratch

HELD = "import sys; from dq_pipeline.tables.scratch import Scratch; s = Scratch(sys.argv[1]); print(s.path, flush=True); input()"


def test_it_is_gone_when_it_is_closed(tmp_path):
    scratch = Scratch(str(tmp_path))
    (scratch.path / "spilled").write_text("rows")
    scratch.close()
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_goes_with_the_next_one_and_a_living_ones_stays(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HELD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    theirs = process.stdout.readline().strip()
    ours = Scratch(str(tmp_path))
    assert Path(theirs).is_dir()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    another = Scratch(str(tmp_path))
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {ours.path.name, another.path.name}
    ours.close()
    another.close()
    assert not list(tmp_path.iterdir())


def test_a_folder_without_a_lock_beside_it_is_somebody_elses(tmp_path):
    (tmp_path / f"{PREFIX}mine").mkdir()
    Scratch(str(tmp_path)).close()
    assert [path.name for path in tmp_path.iterdir()] == [f"{PREFIX}mine"]


def test_a_place_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        Scratch(str(tmp_path / "gone"))


def test_a_lock_without_its_folder_goes(tmp_path):
    (tmp_path / f"{PREFIX}left.lock").touch()
    Scratch(str(tmp_path)).close()
    assert not list(tmp_path.iterdir())


def test_many_at_once_take_nothing_from_each_other(tmp_path):
    def make(_):
        with closing(Scratch(str(tmp_path))) as scratch:
            (scratch.path / "spilled").write_text("rows")
            return Path(f"{scratch.path}.lock").exists()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(make, range(400)))
    assert not list(tmp_path.iterdir())


def test_one_of_another_prefix_stays(tmp_path):
    old = tmp_path / f"{PREFIX}old.lock"
    old.touch()
    Scratch(str(tmp_path), ".writing-").close()
    assert list(tmp_path.iterdir()) == [old]


FULL = """
import resource, signal, sys
from dq_pipeline.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
sys.argv = ["dq-pipeline", "audit", "spec.yaml", "--output", "out"]
sys.exit(main())
"""


def test_a_full_disk_is_one_error_and_leaves_nothing(tmp_path):
    rows = "".join(f"item {n % 40_000},annotator {n % 7},label {n % 3}\n" for n in range(120_000))
    pq.write_table(
        csv.read_csv(io.BytesIO(("item,annotator,label\n" + rows).encode())), tmp_path / "a.parquet"
    )
    spill = tmp_path / "spill"
    spill.mkdir()
    (tmp_path / "spec.yaml").write_text(
        "dataset: d\nannotations: {table: a.parquet, item: item, annotator: annotator, label: label}\n"
        f"engine: {{temp_directory: {spill}}}\nmlflow: false\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", FULL], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2, ended.stderr
    assert "engine.temp_directory" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(spill.iterdir()) == []
