"""What every command prints with: colours only on a terminal, and no character of a user's that acts on it."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from dq_pipeline.report.text import NAME, name, sentence
from dq_pipeline.spec import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

STYLE = {"clear": "green", "warn": "yellow", "block": "bold red", "insufficient": "magenta"}
"""The colour of each verdict; the word itself always stands beside it."""
STATE_STYLE = {
    "CLEAR": "bold green",
    "WARNED": "bold yellow",
    "WAIVED": "bold yellow",
    "BLOCKED": "bold red",
    "INSUFFICIENT EVIDENCE": "bold magenta",
}
RIGHT = frozenset({"block", "warn", "too little data", "clear", "before", "after", "n"})
"""Columns of numbers."""
_LOG_WIDTH = 120


class _Console(Console):
    """Lets who prints say what a reader that went away means: rich would end with the status of a block."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console() -> Console:
    """Standard output: as wide as the terminal, or as a log is read; NO_COLOR is respected."""
    wide = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _LOG_WIDTH
    return _Console(highlight=False, soft_wrap=False, width=wide)


@contextmanager
def outlasting_reader() -> Iterator[None]:
    """Print to a reader that may go away, as `| head` does: the exit status is that of the verdict all the same.

    Raises:
        InputError: What is printed cannot be written.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise InputError(
            "standard output",
            found=error.strerror or str(error),
            expected="room for what is printed",
            fix="make room; the results lie in the output folder",
        ) from error


def said(words: str, style: str = "") -> Text:
    """A sentence that may hold users' words."""
    return Text(sentence(words), style)


def named(words: str, style: str = "", limit: int = NAME) -> Text:
    """A user's name for something."""
    return Text(name(words, limit), style)


def verdict_text(verdict: str | None) -> Text:
    """A verdict in its colour."""
    if verdict is None:
        return Text("-")
    return Text(verdict, STYLE.get(verdict.partition(",")[0], ""))


def plain_table(*headings: str, wrap: str = "") -> Table:
    """A table without lines, its columns aligned; the column called `wrap` takes the room that is left."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in headings:
        right = heading in RIGHT
        table.add_column(
            heading, no_wrap=heading != wrap, overflow="fold", justify="right" if right else "left"
        )
    return table
