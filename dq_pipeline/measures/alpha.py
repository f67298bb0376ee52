"""Krippendorff's alpha from the pattern histogram, at every level of measurement.

alpha = 1 - (n - 1) sum_ck o_ck d_ck / sum_ck n_c n_k d_ck over the coincidences o_ck = sum_u n_uc (n_uk - [c = k]) / (m_u - 1)
of items with two votes or more; n_c = sum_k o_ck, n = sum_c n_c (Krippendorff 2011, Computing Krippendorff's
Alpha-Reliability, sections C to E).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dq_pipeline.measures.coefficient import JACKKNIFE, Coefficient, pairable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dq_pipeline.measures.coefficient import Groups
    from dq_pipeline.measures.estimate import Estimate
    from dq_pipeline.measures.resampling import IntervalMethod

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Level = Literal["nominal", "ordinal", "interval", "ratio"]
ROUNDING = 1e-12
"""The share of a sum that may be rounding."""


def krippendorff_alpha(
    vectors: Ints,
    items: Ints,
    level: Level = "nominal",
    values: Floats | None = None,
    how: IntervalMethod = JACKKNIFE,
    groups: Groups | None = None,
) -> Estimate:
    """Alpha with its interval; n is the items with two votes or more, others do not count.

    Args:
        vectors: int64 [P, K], votes for each label; in the labels' order when the level is ordinal.
        items: int64 [P], items with that vector.
        level: The label's level of measurement.
        values: float [K], the labels' numbers, for interval and ratio.
        how: How the interval is made.
        groups: Sparse int64 [G, P], the items of each kind in each group, and int64 [G], how many groups are like it.

    Returns:
        Status `empty` without a vote, `no_overlap` without a pairable item, `no_variation` when their votes all agree on
        one label (alpha is then 0/0).

    >>> krippendorff_alpha(np.array([[2, 0], [0, 2], [1, 1]]), np.array([5, 1, 4])).value
    0.09523809523809523
    """
    return alpha_at(level, vectors, items, values).estimate(vectors, items, how, groups)


def alpha_at(level: Level, vectors: Ints, items: Ints, values: Floats | None = None) -> Coefficient:
    """The coefficient at a level of measurement, for these votes.

    Raises:
        ValueError: No numbers for the labels of an interval or ratio scale.
    """
    if level == "nominal":
        return Nominal()
    if level == "ordinal":
        return Ordinal(vectors.shape[1])
    if values is None:
        raise ValueError(f"alpha at level {level!r} needs the labels' values")
    if level == "ratio":
        return Ratio(values)
    shared = (items[:, None] * vectors)[pairable(vectors)].sum(axis=0)
    # Squares of large numbers that lie close together would lose their digits: measured from the middle they keep them.
    middle = float(shared @ values / shared.sum()) if shared.any() else 0.0
    return OnScale(values - middle)


def distances(level: Level, shared: Floats, values: Floats | None = None) -> Floats:
    """d_ck, float [K, K], of K labels with `shared` votes each; values are their numbers, for interval and ratio.

    Raises:
        ValueError: No numbers for the labels of an interval or ratio scale.
    """
    if level == "nominal":
        return 1.0 - np.eye(len(shared))
    if level == "ordinal":
        values = np.cumsum(shared) - shared / 2
    if values is None:
        raise ValueError(f"alpha at level {level!r} needs the labels' values")
    apart = values[:, None] - values[None, :]
    if level == "ratio":
        total = values[:, None] + values[None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.where(total == 0, 0.0, apart / total)
    squared: Floats = apart**2
    return squared


class _Alpha(Coefficient):
    def terms(self, vectors: Ints) -> Floats:
        """Of items with fewer than two votes all zero."""
        several = pairable(vectors)
        made = np.zeros((len(vectors), self.width(vectors.shape[1])))
        v = vectors[several].astype(np.float64)
        made[several] = self._of_pairable(v, v.sum(axis=1))
        return made

    @abstractmethod
    def _of_pairable(self, v: Floats, m: Floats) -> Floats:
        """The terms of items with m >= 2 votes, float [P], by their votes for each label, float [P, K]."""


class Nominal(_Alpha):
    """Terms: n_uc for each label, and the agreeing share of the coincidences, sum_c n_uc (n_uc - 1) / (m_u - 1)."""

    def width(self, labels: int) -> int:
        """A term a label, and one."""
        return labels + 1

    def _of_pairable(self, v: Floats, m: Floats) -> Floats:
        return np.column_stack([v, (v * (v - 1)).sum(axis=1) / (m - 1)])

    def value(self, sums: Any) -> Any:
        """Observed: n - sum_c o_cc. Expected: sum_c n_c (n - n_c)."""
        marginals, agreeing = sums[..., :-1], sums[..., -1]
        n = marginals.sum(axis=-1)
        return _one_minus((n - 1) * (n - agreeing), (marginals * (n[..., None] - marginals)).sum(axis=-1))

    def disagreement(self, sums: Floats) -> tuple[float, float]:
        """Observed and expected disagreement D_o and D_e, whose ratio alpha takes from 1."""
        marginals, agreeing = sums[:-1], sums[-1]
        n = float(marginals.sum())
        return 1 - float(agreeing) / n, (n**2 - float((marginals**2).sum())) / (n * (n - 1))


@dataclass(frozen=True)
class OnScale(_Alpha):
    """Interval alpha: d_ck = (x_c - x_k)^2. Terms: m, sum x, sum x^2, and sum_ij (x_i - x_j)^2 / (m - 1) of an item.

    Attributes:
        values: float [K], the labels' numbers, best near zero.
    """

    values: Floats

    def width(self, labels: int) -> int:  # noqa: ARG002 - however many there are
        """Four, however many labels there are."""
        return 4

    def _of_pairable(self, v: Floats, m: Floats) -> Floats:
        first = v @ self.values
        # About the item's own mean, so that an item of one mind adds exactly nothing.
        within = (v * (self.values - (first / m)[:, None]) ** 2).sum(axis=1)
        within[(v > 0).sum(axis=1) == 1] = 0.0
        return np.column_stack([m, first, v @ self.values**2, 2 * m * within / (m - 1)])

    def value(self, sums: Any) -> Any:
        """Expected: 2 (n sum x^2 - (sum x)^2)."""
        n, first, second, within = (sums[..., place] for place in range(4))
        spread, most = n * second - first**2, n * second
        # Where all have one value nothing but rounding is left.
        spread = np.where(np.real(spread) < ROUNDING * np.real(most), 0.0, spread)
        return _one_minus((n - 1) * within, 2 * spread)


@dataclass(frozen=True)
class Ratio(_Alpha):
    """d_ck = ((x_c - x_k) / (x_c + x_k))^2. Terms: n_uc for each label, and sum_ck n_uc n_uk d_ck / (m - 1).

    Attributes:
        values: float [K], the labels' numbers.
    """

    values: Floats

    def width(self, labels: int) -> int:
        """A term a label, and one."""
        return labels + 1

    def _of_pairable(self, v: Floats, m: Floats) -> Floats:
        observed = ((v @ self._distances) * v).sum(axis=1) / (m - 1)
        return np.column_stack([v, observed])

    def value(self, sums: Any) -> Any:
        """Expected: sum_ck n_c n_k d_ck."""
        marginals, observed = sums[..., :-1], sums[..., -1]
        n = marginals.sum(axis=-1)
        return _one_minus((n - 1) * observed, ((marginals @ self._distances) * marginals).sum(axis=-1))

    @property
    def _distances(self) -> Floats:
        return distances("ratio", self.values, self.values)


@dataclass(frozen=True)
class Ordinal(_Alpha):
    """Interval alpha on mid-ranks. Terms: n_uc for each label, and n_uc n_uk / (m - 1) for each two.

    The mid-ranks cumsum(n)_c - n_c / 2 change with the items, so that the coincidences are needed one by one.

    Attributes:
        labels: K.
    """

    labels: int

    def width(self, labels: int) -> int:
        """A term a label, and one for each two of them."""
        return labels + labels * (labels - 1) // 2

    def _of_pairable(self, v: Floats, m: Floats) -> Floats:
        first, second = self._pairs
        return np.hstack([v, v[:, first] * v[:, second] / (m - 1)[:, None]])

    def value(self, sums: Any) -> Any:
        """Expected: 2 n sum_c n_c (mid_c - n / 2)^2, as n / 2 is the mean of mid-ranks."""
        marginals, coincidences = sums[..., : self.labels], sums[..., self.labels :]
        n = marginals.sum(axis=-1)
        centred = np.cumsum(marginals, axis=-1) - marginals / 2 - n[..., None] / 2
        first, second = self._pairs
        apart = (centred[..., first] - centred[..., second]) ** 2
        observed = 2 * (coincidences * apart).sum(axis=-1)
        return _one_minus((n - 1) * observed, 2 * n * (marginals * centred**2).sum(axis=-1))

    @property
    def _pairs(self) -> tuple[Ints, Ints]:
        first, second = np.triu_indices(self.labels, 1)
        return first, second


def _one_minus(observed: Any, expected: Any) -> Any:
    """1 - observed / expected, NaN where nothing is expected to disagree."""
    return 1 - observed / np.where(expected == 0, np.nan, expected)
