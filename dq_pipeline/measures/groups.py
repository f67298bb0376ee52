"""Alpha within groups of annotators and across them, from their joint patterns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.measures.coefficient import JACKKNIFE
from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.resampling import CELLS, IntervalMethod, Units, interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class GroupAgreement:
    """Alpha of pairs of votes of one group, of pairs of two groups, and how much higher the first is.

    Each vote is compared with all those of its own group on the item, or with all those of the others, and weighs one:
    alpha = 1 - (n - 1) sum_ck o_ck d_ck / sum_ck n_c n_k d_ck with o_ck = sum_u sum_g n_ugc (n_ugk - [c = k]) / (m_ug - 1)
    within, and n_ugc (n_uk - n_ugk) / (m_u - m_ug) across. With every annotator a group of her own, alpha across is
    Krippendorff's; so is alpha within, with all in one group.

    Attributes:
        distances: float [K, K], d_ck.
        vectors: int64 [P, G, K], votes of each group for each label.
        items: int64 [P], items with these votes.
    """

    distances: Floats
    vectors: Ints
    items: Ints

    def within(self, how: IntervalMethod = JACKKNIFE) -> Estimate:
        """Alpha within groups; n is the items on which a group has two votes or more."""
        return self._estimate(self._within, how, self._alpha)

    def across(self, how: IntervalMethod = JACKKNIFE) -> Estimate:
        """Alpha across groups; n is the items with votes of two groups or more."""
        return self._estimate(self._across, how, self._alpha)

    def gap(self, how: IntervalMethod = JACKKNIFE) -> Estimate:
        """Alpha within less alpha across: above 0 where groups read the guideline unlike each other."""
        half = self.vectors.shape[2] + 2

        def both(vectors: Ints) -> Floats:
            return np.hstack([self._within(vectors), self._across(vectors)])

        return self._estimate(
            both, how, lambda sums: self._alpha(sums[..., :half]) - self._alpha(sums[..., half:])
        )

    def _estimate(self, terms: Any, how: IntervalMethod, value: Any) -> Estimate:
        if not self.items.any():
            return Estimate(None, status="empty")
        step = max(CELLS // max(self.vectors[0].size, 1), 1)

        def blocks() -> Iterator[Floats]:
            for start in range(0, len(self.vectors), step):
                yield terms(self.vectors[start : start + step])

        compared = np.concatenate([made.any(axis=1) for made in blocks()])
        units = Units(np.where(compared, self.items, 0), blocks)
        sums = units.sums()
        n = round(float(sums[-1]))
        if n == 0:
            return Estimate(None, status="no_overlap")
        with np.errstate(divide="ignore", invalid="ignore"):
            point = float(value(sums))
        if not np.isfinite(point):
            return Estimate(None, n=n, status="no_variation")
        return Estimate(point, *interval(value, point, units, sums, how), n)

    def _within(self, vectors: Ints) -> Floats:
        """[votes that are compared by label, observed disagreement, items], float [P, K + 2]."""
        v = vectors.astype(np.float64)
        m = v.sum(axis=2, keepdims=True)
        v = np.where(m > 1, v, 0.0)
        apart = ((v @ self.distances) * v).sum(axis=2) / np.maximum(m[..., 0] - 1, 1)
        return np.column_stack([v.sum(axis=1), apart.sum(axis=1), (m > 1).any(axis=(1, 2))])

    def _across(self, vectors: Ints) -> Floats:
        v = vectors.astype(np.float64)
        others = v.sum(axis=1, keepdims=True) - v
        there = others.sum(axis=2, keepdims=True)
        v = np.where(there > 0, v, 0.0)
        apart = ((v @ self.distances) * others).sum(axis=2) / np.maximum(there[..., 0], 1)
        compared = v.sum(axis=1)
        return np.column_stack([compared, apart.sum(axis=1), compared.any(axis=1)])

    def _alpha(self, sums: Any) -> Any:
        marginals, observed = sums[..., :-2], sums[..., -2]
        n = marginals.sum(axis=-1)
        expected = ((marginals @ self.distances) * marginals).sum(axis=-1)
        return 1 - (n - 1) * observed / np.where(expected == 0, np.nan, expected)
