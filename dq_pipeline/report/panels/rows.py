"""Rows of the measures table as tables and bars that stay short, however many rows there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.report.model import Bars, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal

    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.report.model import Cell

SHOWN = 20
"""Rows that a table shows; the file that it names has the rest."""
DRAWN = 16
"""Names that a picture of bars shows."""


def table(
    headings: Sequence[str],
    rows: Sequence[tuple[Cell, ...]],
    file: str = "measures.parquet",
    most: int = SHOWN,
) -> Table:
    """The first rows, and how many more there are."""
    return Table(tuple(headings), tuple(rows[:most]), max(len(rows) - most, 0), file)


def estimates(rows: Iterable[Measure], what: str, unit: str = "n") -> Table:
    """Name, value, interval and n of each row, in the order given."""
    cells: list[tuple[Cell, ...]] = [
        (row.key, row.estimate.value, row.estimate.low, row.estimate.high, row.estimate.n) for row in rows
    ]
    return table((what, "value", "low", "high", unit), cells)


def bars(
    rows: Sequence[Measure],
    limits: tuple[tuple[str, float], ...] = (),
    form: Literal["bar", "point"] = "bar",
    axis: str = "",
    *,
    percent: bool = False,
) -> Bars:
    """The first rows as bars; all of them have a value."""
    drawn = rows[:DRAWN]
    return Bars(
        tuple(row.key or "" for row in drawn),
        tuple(row.estimate.value or 0.0 for row in drawn),
        tuple(row.estimate.low for row in drawn),
        tuple(row.estimate.high for row in drawn),
        limits,
        form=form,
        axis=axis,
        percent=percent,
    )


def by_value(rows: Iterable[Measure], *, down: bool = False) -> list[Measure]:
    """The rows in order of their value, the smallest first unless `down`."""
    return sorted(rows, key=lambda row: row.estimate.value or 0.0, reverse=down)
