"""Great Expectations' import beside the counts: it takes seconds, a quarter of them in passes of the garbage collector."""

from __future__ import annotations

import gc
import importlib
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def import_in_background(module: str) -> threading.Thread:
    """Import what takes seconds while the engine counts; an error shows again where the module is used."""

    def load() -> None:
        try:
            if module in sys.modules:
                return
            with _uncollected():
                importlib.import_module(module)
        except ImportError:
            return

    thread = threading.Thread(target=load, daemon=True)
    thread.start()
    return thread


@contextmanager
def _uncollected() -> Iterator[None]:
    """No pass for cycles while a block makes what stays; it then counts as old, as it would after three passes.

    Where a process has its collector off, or objects set apart, both stay as they are.
    """
    if not gc.isenabled() or gc.get_freeze_count():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        gc.enable()
