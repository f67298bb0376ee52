"""A folder for what the engine spills: gone when it is closed, and after a kill when the next one is made."""

from __future__ import annotations

import shutil
import tempfile
import uuid
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from filelock import BaseFileLock

PREFIX = "dq_pipeline_spill_"
LOCK = ".lock"


class Scratch:
    """A folder of this process's own.

    A lock beside it, taken before the folder is there, says that its process lives: a folder whose lock is free was left
    by one that was killed, and is taken away.

    Args:
        parent: Where to make it; the system's place for temporary files unless said.

    Attributes:
        path: The folder.

    Raises:
        InputError: It cannot be made there.
    """

    def __init__(self, parent: str | None) -> None:
        above = Path(parent or tempfile.gettempdir())
        self.path = above / f"{PREFIX}{uuid.uuid4().hex}"
        try:
            if not above.is_dir():
                raise NotADirectoryError("no such folder")
            _sweep(above)
            lock = _lock(self.path)
            lock.acquire()
            self.path.mkdir(mode=0o700)
        except OSError as error:
            raise InputError(
                "engine.temp_directory" if parent else "temporary files",
                found=f"{above}: {error.strerror or error}",
                expected="a folder to write to",
                fix="make it, or point engine.temp_directory at one with room",
            ) from error
        self._close = weakref.finalize(self, _remove, self.path, lock)

    def close(self) -> None:
        """Remove the folder and what is in it."""
        self._close()


def _sweep(above: Path) -> None:
    """Take away the folders that killed processes left."""
    from filelock import Timeout

    for beside in above.glob(f"{PREFIX}*{LOCK}"):
        left = beside.with_suffix("")
        if not left.is_dir():
            continue
        lock = _lock(left)
        try:
            lock.acquire()
        except (OSError, Timeout):  # it lives, or is another user's
            continue
        _remove(left, lock)


def _lock(folder: Path) -> BaseFileLock:
    from filelock import FileLock

    return FileLock(f"{folder}{LOCK}", timeout=0, thread_local=False)


def _remove(folder: Path, lock: BaseFileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    Path(lock.lock_file).unlink(missing_ok=True)
    lock.release()
