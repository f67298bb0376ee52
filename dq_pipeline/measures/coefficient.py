"""A coefficient of agreement as a function of sums over items, and its value with an interval.

Every coefficient here is f(sum over items of t(u)), where t(u) depends on the votes of one item only. So a histogram of
like items gives the coefficient, the coefficient without any one item or group of items, its linearisation and its
replicates under resampling, all by the same f.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.resampling import CELLS, IntervalMethod, Units, interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dq_pipeline.measures.estimate import Status

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Groups = tuple[Any, Ints]

JACKKNIFE = IntervalMethod()


class Coefficient(ABC):
    """One coefficient. Vectors are int64 [P, K], the votes for each label of items of kind p."""

    lowest: float = -1.0
    nothing: Status = "no_overlap"
    """The status without units."""
    singles: bool = False
    """Whether items with one vote count: where they do not, no interval depends on how many of them there are."""

    @abstractmethod
    def width(self, labels: int) -> int:
        """How many terms F an item has when there are K labels."""

    @abstractmethod
    def terms(self, vectors: Ints) -> Floats:
        """t(u) of an item of each kind, float [P, F]."""

    @abstractmethod
    def value(self, sums: Any) -> Any:
        """F of sums of terms [..., F], also complex ones: the coefficient [...], NaN where it is undefined."""

    def units(self, vectors: Ints, items: Ints) -> int:
        """What n counts: items with two votes or more."""
        return int(items[pairable(vectors)].sum())

    def of_items(self, vectors: Ints, items: Ints) -> Units:
        """The items as units."""
        step = max(CELLS // max(self.width(vectors.shape[1]), 1), 1)

        def blocks() -> Iterator[Floats]:
            for start in range(0, len(vectors), step):
                yield self.terms(vectors[start : start + step])

        return Units(items if self.singles else np.where(pairable(vectors), items, 0), blocks)

    def of_groups(self, vectors: Ints, groups: Groups) -> Units:
        """Groups of items as units."""
        items = self.of_items(vectors, np.ones(len(vectors), np.int64))
        matrix, counts = groups
        total, start = np.zeros((matrix.shape[0], self.width(vectors.shape[1]))), 0
        for terms in items.blocks():
            total += matrix[:, start : start + len(terms)] @ terms
            start += len(terms)
        if not self.singles:
            counts = np.where(matrix @ pairable(vectors).astype(np.int64) > 0, counts, 0)
        return Units(counts, lambda: iter([total]))

    def estimate(
        self, vectors: Ints, items: Ints, how: IntervalMethod = JACKKNIFE, groups: Groups | None = None
    ) -> Estimate:
        """The coefficient with its interval.

        Args:
            vectors: int64 [P, K], votes for each label.
            items: int64 [P], items with that vector.
            how: How the interval is made.
            groups: Sparse int64 [G, P], the items of each kind in each group, and int64 [G], how many groups are like it;
                to resample groups.

        Returns:
            Status `empty` without a vote, `no_overlap` without an item with two votes, `no_variation` where the
            coefficient is 0/0.
        """
        counted = (items > 0) & vectors.any(axis=1)
        if not counted.any():
            return Estimate(None, status="empty")
        n = self.units(vectors, items)
        if n == 0:
            return Estimate(None, status=self.nothing)
        of_items = self.of_items(vectors, items)
        sums = of_items.sums()
        with np.errstate(divide="ignore", invalid="ignore"):
            value = float(self.value(sums))
        if not np.isfinite(value):
            return Estimate(None, n=n, status="no_variation")
        units = of_items
        if how.resample == "group" and groups is not None:
            units = self.of_groups(vectors, groups)
        low, high = interval(self.value, value, units, sums, how)
        return Estimate(value, None if low is None else max(low, self.lowest), high, n)


def pairable(vectors: Ints) -> NDArray[np.bool_]:
    """Which kinds of items have two votes or more, bool [P]."""
    several: NDArray[np.bool_] = vectors.sum(axis=1) >= 2  # noqa: PLR2004 - two votes make a pair
    return several
