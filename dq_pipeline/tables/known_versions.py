"""The fingerprints of files that were read before, told again without reading those that nobody has touched since."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dq_pipeline.tables.files import file_version
from dq_pipeline.tables.sealed import read_sealed, write_sealed

if TYPE_CHECKING:
    from pathlib import Path

SETTLED = 2_000_000_000
"""Nanoseconds after which a change of a file is sure to show in its times, on the file systems that tell them in whole seconds."""


class KnownVersions:
    """What is known of files: size, place, and when they were written and last touched, which no program can set.

    Args:
        path: Where it is kept; a file that is not there or is damaged knows nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, list[Any]] = read_sealed(path) or {}
        self._asked: dict[str, list[Any]] = {}

    def __call__(self, file: Path) -> str:
        """The fingerprint of a file's content."""
        name, now, state = str(file.resolve()), time.time_ns(), _state(file)
        known = self._known.get(name)
        if known is None or known[:-1] != state:
            known = [*state, file_version(file)]
        if max(state[1], state[2]) < now - SETTLED:
            self._asked[name] = known
        return str(known[-1])

    def keep(self) -> None:
        """Write what is known of the files that were asked about and had been left alone for a while.

        Raises:
            OSError: It cannot be written.
        """
        if self._known != self._asked:
            write_sealed(self._path, self._asked)


def _state(file: Path) -> list[int]:
    stat = file.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev]
