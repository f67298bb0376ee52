"""What a dataset lacks, as its families say it: so many rows of such items."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows to collect.

    Attributes:
        cell: Dimension -> value, of which every row must be: {"weather": "rain"}.
        rows: How many are lacking.
        family: The family that says so.
        measure: The measure that they would mend.
        reason: Why, in words.
        where: A condition in SQL that every row must meet besides, of an edge case.
        split: The part of the items that lacks them.
    """

    cell: dict[str, str]
    rows: int
    family: str
    measure: str
    reason: str
    where: str | None = None
    split: str = "train"

    @property
    def words(self) -> str:
        """What to collect: "weather rain, light night"."""
        parts = [f"{dim} {value}" for dim, value in self.cell.items()]
        return ", ".join(parts) if self.where is None else f"items where {self.where}"
