"""What a dataset lacks, as its families say it: so many rows of such items."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows to collect.

    Attributes:
        cell: Dimension -> value, of which every row must be: {"weather": "rain"}.
        fewest: How many are lacking whatever else is added.
        family: The family that says so.
        measure: The measure that they would mend.
        reason: Why, in words.
        where: A condition in SQL that every row must meet besides, of an edge case.
        split: The part of the items that lacks them.
        base: Where it is a share that counts, how many are lacking of it before anything is added.
        growth: How many more are lacking of it for every row that comes to the part.
    """

    cell: Mapping[str, str]
    fewest: int
    family: str
    measure: str
    reason: str
    where: str | None = None
    split: str = "train"
    base: Fraction = Fraction(0)
    growth: Fraction = Fraction(0)

    def wanted(self, added: int) -> int:
        """How many rows are lacking once `added` rows have come to the part, those of the gap among them."""
        return max(self.fewest, math.ceil(self.base + self.growth * added), 0)

    @property
    def rows(self) -> int:
        """How many rows of the gap alone close it: they make the part larger too."""
        by_share = math.ceil(self.base / (1 - self.growth)) if self.growth < 1 else 0
        return max(self.fewest, by_share, 0)

    @property
    def words(self) -> str:
        """What to collect: "weather rain, light night"."""
        return what(self.cell, self.where)


def what(cell: Mapping[str, str], where: str | None) -> str:
    """A cell, or the condition of an edge case, in words."""
    if where is not None:
        return f"items where {where}"
    return ", ".join(f"{dim} {value}" for dim, value in cell.items())
