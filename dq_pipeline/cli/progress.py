"""One line on a terminal's error stream: the stage, how far the engine's query is, its rate and the time left."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

SOON = 1.0
"""Seconds that a query runs before its rate means something."""
LONG = 3.0
"""Seconds after which a stage tells how long it has been running."""


@dataclass
class Pace:
    """How fast a query goes, from the percent that the engine tells now and then.

    Attributes:
        since: When the query that runs now was first seen.
        percent: How far it was when it was last asked about; -1 where there is none.
    """

    since: float = 0.0
    percent: float = field(default=-1.0)

    def words(self, percent: float, now: float, rows: int) -> str:
        """What can be said now: share done, rows a second and seconds left; empty when nothing can be.

        Args:
            percent: What the engine tells, 0 to 100; -1 where no query runs.
            now: Seconds on any clock.
            rows: Rows of the largest table, which the rate is told in.
        """
        if percent < self.percent or self.percent < 0:
            self.since = now
        self.percent = percent
        took = now - self.since
        if not 1 <= percent < 100 or took < SOON:  # noqa: PLR2004 - percents
            return ""
        rate = rows * percent / 100 / took
        told = f", about {_rows(rate)} rows/s" if rows else ""
        return f"{percent:.0f} % of this query{told}, {_time(took * (100 - percent) / percent)} left"


class Progress:
    """Tells on a terminal how far an audit is, and nothing elsewhere; a Watch, to be used in a `with` statement."""

    def __init__(self) -> None:
        self._stage, self._began = "start", time.monotonic()
        self._connection: Any = None
        self._rows = 0
        self._pace = Pace()
        self._live: Any = None

    def stage(self, name: str) -> None:
        """A stage begins."""
        self._stage, self._began = name, time.monotonic()

    def connected(self, connection: Any) -> None:
        """Ask this engine from now on, if it can tell."""
        if self._live is not None and connection.name == "duckdb":
            connection.con.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
            self._connection = connection.con

    def counted(self, rows: Mapping[str, int]) -> None:
        """Tell rates in the rows of the largest table."""
        self._rows = max(rows.values(), default=0)

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.live import Live
        from rich.spinner import Spinner

        console = Console(stderr=True, highlight=False)
        if sys.stderr.isatty() and not console.is_dumb_terminal:
            self._spinner = Spinner("dots")
            self._live = Live(self, console=console, transient=True, refresh_per_second=5)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def __rich__(self) -> Any:
        """The line as it is now; called by the terminal's own thread."""
        self._spinner.update(text=f"{self._stage}  {self._how_far()}")
        return self._spinner

    def _how_far(self) -> str:
        now = time.monotonic()
        told = self._pace.words(self._percent(), now, self._rows)
        took = now - self._began
        return told or (_time(took) if took >= LONG else "")

    def _percent(self) -> float:
        import duckdb

        if self._connection is None:
            return -1.0
        try:
            return float(self._connection.query_progress())
        except duckdb.Error:
            self._connection = None
            return -1.0


def _rows(number: float) -> str:
    for size, word in ((1e9, " billion"), (1e6, " million"), (1e3, " thousand")):
        if number >= size:
            return f"{number / size:.3g}{word}"
    return f"{number:.0f}"


def _time(seconds: float) -> str:
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
    )
