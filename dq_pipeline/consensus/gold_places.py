"""The items that have gold, by their place among the ballots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.tables.ballots import HIGH, LOW, key_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class GoldPlaces:
    """Items with gold.

    Attributes:
        items: int64 [G], the places of the items, rising.
        labels: int64 [G], the place of each one's gold label among the labels; -1 where nobody gave it.
        names: The gold label of each.
    """

    items: Ints
    labels: Ints
    names: NDArray[np.object_]

    def within(self, first: int, count: int) -> slice:
        """Those of them that lie among the `count` items from the `first` on."""
        return slice(*np.searchsorted(self.items, [first, first + count]))


def gold_places(tables: Tables, labels: Sequence[str]) -> GoldPlaces:
    """The gold of items that somebody voted on; none without a table of gold.

    Args:
        tables: The tables.
        labels: The labels of a consensus.
    """
    gold = tables.gold
    if gold is None:
        return GoldPlaces(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, object))
    rows = gold.select("gold", **key_columns(gold.item)).order_by([HIGH, LOW]).to_pyarrow()
    places = tables.ballots.find(rows[HIGH].to_numpy(), rows[LOW].to_numpy())
    voted = places >= 0
    names = rows["gold"].to_numpy()[voted]
    code = {label: place for place, label in enumerate(labels)}
    codes = np.array([code.get(name, -1) for name in names], np.int64)
    return GoldPlaces(places[voted], codes, names)
