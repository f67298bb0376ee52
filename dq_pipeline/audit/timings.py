"""What an audit cost: seconds of each stage, rows read, peak memory."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STAGES = ("import", "open", "release", "contracts", "counts", "measures", "suite", "report")


@dataclass
class Timings:
    """The cost so far.

    Attributes:
        seconds: Seconds of each stage.
        rows: Rows of each table.
        parts: Of each table in several files how many there are, and how many of them were counted now (`files`, `counted`).
        on_stage: Called with a stage's name when it starts.
    """

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    rows: dict[str, int] = field(default_factory=dict)
    parts: dict[str, dict[str, int]] = field(default_factory=dict)
    on_stage: Callable[[str], None] | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add what is done within to the stage's seconds."""
        if self.on_stage is not None:
            self.on_stage(name)
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += perf_counter() - start

    def as_dict(self) -> dict[str, Any]:
        """What timings.json holds."""
        return {
            "seconds": self.seconds,
            "rows": self.rows,
            "parts": self.parts,
            "peak_memory_bytes": peak_memory(),
        }

    @property
    def reused(self) -> str:
        """One sentence about what was counted now and what had been before; empty where no table is in several files."""
        now = [
            f"{part['counted']:,} of {part['files']:,} files of {table}"
            for table, part in self.parts.items()
            if part["counted"]
        ]
        kept = [
            f"{part['files'] - part['counted']:,} of {table}"
            for table, part in self.parts.items()
            if part["counted"] < part["files"]
        ]
        said = f"Counted {' and '.join(now)}" if now else "Counted no file anew" if self.parts else ""
        return f"{said}; kept the counts of {' and '.join(kept)}." if kept else f"{said}." if said else ""


def peak_memory() -> int | None:
    """The most memory this process has held, in bytes; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
