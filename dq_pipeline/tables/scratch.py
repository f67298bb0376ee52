"""A folder for what is there for a while: gone when it is closed, and after a kill when the next one is made."""

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
        prefix: How its name starts; only those of the same prefix are taken away.
        key: What names the place in the spec, for errors.

    Attributes:
        path: The folder.

    Raises:
        InputError: It cannot be made there.
    """

    def __init__(self, parent: str | None, prefix: str = PREFIX, key: str = "engine.temp_directory") -> None:
        above = Path(parent or tempfile.gettempdir())
        try:
            if not above.is_dir():
                raise NotADirectoryError("no such folder")
            _sweep(above, prefix)
            self.path, lock = _named(above, prefix)
            self.path.mkdir(mode=0o700)
        except OSError as error:
            raise InputError(
                key if parent else "temporary files",
                found=f"{above}: {error.strerror or error}",
                expected="a folder to write to",
                fix=f"make it, or point {key} at one with room",
            ) from error
        self._close = weakref.finalize(self, _remove, self.path, lock)

    def close(self) -> None:
        """Remove the folder and what is in it."""
        self._close()


def _named(above: Path, prefix: str) -> tuple[Path, BaseFileLock]:
    """A name for a folder, and its lock, held: another name where a sweep came between a lock's file and its being held."""
    from filelock import Timeout

    while True:
        path = above / f"{prefix}{uuid.uuid4().hex}"
        lock = _lock(path)
        try:
            lock.acquire()
        except Timeout:
            continue
        if Path(lock.lock_file).exists():
            return path, lock
        lock.release()


def _sweep(above: Path, prefix: str) -> None:
    """Take away what killed processes left."""
    from filelock import Timeout

    for beside in above.glob(f"{prefix}*{LOCK}"):
        left = beside.with_suffix("")
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
