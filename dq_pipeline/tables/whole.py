"""A file that is there whole or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNFINISHED = ".unfinished-"
"""How the names of files start that are still being written; a killed process may leave one."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file to write beside `path`, put in its place in one step when it is done and removed when it fails."""
    unfinished = path.with_name(f"{UNFINISHED}{os.getpid()}-{path.name}")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
