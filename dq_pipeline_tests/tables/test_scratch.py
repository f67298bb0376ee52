"""Folders for what the engine spills: gone when closed, and after a kill when the next one is made."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_a_lock_without_its_folder_goes_when_it_is_too_old_for_one_to_come(tmp_path):
    fresh, old = (tmp_path / f"{PREFIX}{name}.lock" for name in ("fresh", "old"))
    for lock in (fresh, old):
        lock.touch()
    os.utime(old, (1_000, 1_000))
    Scratch(str(tmp_path)).close()
    assert list(tmp_path.iterdir()) == [fresh]


def test_one_of_another_prefix_stays(tmp_path):
    old = tmp_path / f"{PREFIX}old.lock"
    old.touch()
    os.utime(old, (1_000, 1_000))
    Scratch(str(tmp_path), ".writing-").close()
    assert list(tmp_path.iterdir()) == [old]
