"""Cells of conditions, as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dq_pipeline.measures.estimate import Measure


def cell_of(row: Measure) -> dict[str, str]:
    """The cell of a row as dimension -> value; empty where the row is of a whole dimension."""
    if row.key is None:
        return {}
    return dict(zip((row.by or "").split(","), row.values, strict=True))


def cell_in_words(row: Measure) -> str:
    """The cell of a row: "weather rain, light night"."""
    return ", ".join(f"{dim} {value}" for dim, value in cell_of(row).items())
