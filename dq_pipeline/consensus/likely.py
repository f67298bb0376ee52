"""How likely each label is of each item, by either method, some items at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.consensus.dawid_skene import block_size, largest, posteriors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dq_pipeline.consensus.dawid_skene import Model
    from dq_pipeline.consensus.encode import Votes

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Likely:
    """Whole items with their votes.

    Attributes:
        first: The place of the first of them among all items.
        bounds: int32 [B + 1], where each item's votes begin, and where the last one's end.
        sizes: int32 [B], its votes.
        columns: int32 [V], the column of each vote.
        labels: int32 [V], its label.
        shares: float [B, K], shares of the votes or posteriors; rows sum to 1.
    """

    first: int
    bounds: NDArray[np.int32]
    sizes: NDArray[np.int32]
    columns: NDArray[np.int32]
    labels: NDArray[np.int32]
    shares: Floats

    @property
    def most(self) -> Floats:
        """Float [B], the likeliest label's share."""
        return largest(self.shares)

    def likeliest(self) -> Bools:
        """Bool [B, K], the likeliest labels of each item: several where it is tied."""
        equal: Bools = self.shares == self.most[:, None]
        return equal

    def summed(self, of_votes: NDArray[np.generic]) -> Ints:
        """int64 [B], the sum of a number of each vote over the votes of each item."""
        so_far = np.zeros(len(of_votes) + 1, np.int64)
        np.cumsum(of_votes, out=so_far[1:])
        at: Ints = so_far[self.bounds]
        return at[1:] - at[:-1]


def likely(votes: Votes, model: Model | None) -> Iterator[Likely]:
    """All items in the votes' order, by a model of Dawid-Skene's or, without one, by the shares of their votes."""
    size, first = block_size(votes), 0
    told = posteriors(votes, model) if model is not None else None
    for columns, bounds in votes.blocks(size):
        sizes = np.diff(bounds)
        labels = votes.of_label[columns]
        shares = next(told) if told is not None else _shares(labels, sizes, len(votes.labels))
        yield Likely(first, bounds, sizes, columns, labels, shares)
        first += len(sizes)


def _shares(labels: NDArray[np.int32], sizes: NDArray[np.int32], width: int) -> Floats:
    cells = np.repeat(np.arange(len(sizes)), sizes) * width + labels
    counts = np.bincount(cells, minlength=len(sizes) * width).reshape(len(sizes), width)
    shares: Floats = counts / sizes[:, None]
    return shares
