"""Cells of conditions, as the measures table writes them and as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.measures.estimate import Measure

MISSING = "(missing)"
"""How a row without the condition's value is shown: a value of its own."""


def key_of(values: Sequence[str | None]) -> str:
    """The key of a cell: its values joined by "|".

    >>> key_of(("rain", None))
    'rain|(missing)'
    """
    return "|".join(MISSING if value is None else value for value in values)


def cell_of(row: Measure) -> dict[str, str]:
    """The cell of a row as dimension -> value."""
    dims, values = (row.by or "").split(","), (row.key or "").split("|")
    if len(dims) != len(values):
        return {row.by or "": row.key or ""}
    return dict(zip(dims, values, strict=True))


def cell_in_words(row: Measure) -> str:
    """The cell of a row: "weather rain, light night"; the key as it is where a value holds the mark between values."""
    return ", ".join(f"{dim} {value}" for dim, value in cell_of(row).items())
