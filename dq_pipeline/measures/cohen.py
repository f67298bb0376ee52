"""Cohen's kappa of two annotators from their confusion, and of all pairs of annotators at once; Light's mean of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.jackknife import SAME, Z_95, interval_on_atanh
from dq_pipeline.measures.resampling import CELLS, IntervalMethod, Units, interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

JACKKNIFE = IntervalMethod()
ROUNDING = 1e-14


@dataclass(frozen=True)
class Cohen:
    """Kappa (po - pe) / (1 - pe) of a table of two annotators, weighted where labels are ordered (Cohen 1960, 1968).

    Attributes:
        weights: float [K, K], how much two labels agree, 1 on the diagonal.
    """

    weights: Floats

    def estimate(self, confusion: Ints, how: IntervalMethod = JACKKNIFE) -> Estimate:
        """Kappa with its interval; n is the items that both voted on.

        Status `no_overlap` without any, `no_variation` where both gave one and the same label only.
        """
        n = int(confusion.sum())
        if n == 0:
            return Estimate(None, status="no_overlap")
        units = self.cells(confusion)
        sums = units.sums()
        value = float(self.value(sums))
        if not np.isfinite(value):
            return Estimate(None, n=n, status="no_variation")
        return Estimate(value, *interval(self.value, value, units, sums, how), n)

    def cells(self, confusion: Ints) -> Units:
        """The items as units, a kind for each cell: [row one-hot, column one-hot, how much the two labels agree]."""
        labels = len(confusion)
        first, second = np.divmod(np.arange(labels**2), labels)
        one = np.eye(labels)
        terms = np.column_stack([one[first], one[second], self.weights.ravel()])
        return Units(confusion.ravel(), lambda: iter([terms]))

    def value(self, sums: Any) -> Any:
        """Kappa by the sums of terms, NaN where chance is certain."""
        labels = len(self.weights)
        first, second = sums[..., :labels], sums[..., labels : 2 * labels]
        n = first.sum(axis=-1)
        chance = self._chance(first, second) / n**2
        left = 1 - chance
        return (sums[..., -1] / n - chance) / np.where(np.real(left) <= ROUNDING, np.nan, left)

    def chance(self, confusion: Ints) -> float:
        """Pe, what two annotators of these habits agree by chance."""
        n = int(confusion.sum())
        return float(self._chance(confusion.sum(axis=1), confusion.sum(axis=0))) / n**2

    def _chance(self, first: Any, second: Any) -> Any:
        return ((first @ self.weights) * second).sum(axis=-1)


@dataclass(frozen=True)
class PairwiseKappa:
    """Kappa of the N pairs of annotators that share an item.

    Attributes:
        first: int64 [N], the place of the pair's first annotator.
        second: int64 [N], that of the second, larger.
        value: float [N], NaN where kappa is undefined since both gave one and the same label.
        low: float [N], the lower end of the jackknife interval, NaN where there is none.
        high: float [N], the upper end.
        n: int64 [N], items that both voted on.
    """

    first: Ints
    second: Ints
    value: Floats
    low: Floats
    high: Floats
    n: Ints

    def sharing(self, least: int) -> PairwiseKappa:
        """Those of pairs that share at least so many items."""
        kept = self.n >= least
        return PairwiseKappa(
            self.first[kept],
            self.second[kept],
            self.value[kept],
            self.low[kept],
            self.high[kept],
            self.n[kept],
        )

    def estimate(self, pair: int) -> Estimate:
        """One pair's kappa."""
        value, low, high = (
            None if math.isnan(number) else float(number)
            for number in (self.value[pair], self.low[pair], self.high[pair])
        )
        return Estimate(value, low, high, int(self.n[pair]), status="no_variation" if value is None else "ok")


def pairwise_kappa(pairs: Any, labels: int, weights: Floats | None = None, least: int = 1) -> PairwiseKappa:
    """Cohen's kappa of every two annotators, with intervals by the delete-one jackknife on the atanh scale.

    Args:
        pairs: Sparse int64 [A K, A K], the Gram matrix's pairs: annotator a's label c in row and column a K + c.
        labels: K.
        weights: float [K, K], symmetric, how much two labels agree; only the same label unless said.
        least: Fewest items that two must share.
    """
    labels = max(labels, 1)
    cells = pairs.tocoo()
    a, c = np.divmod(cells.row.astype(np.int64), labels)
    b, k = np.divmod(cells.col.astype(np.int64), labels)
    annotators = max(pairs.shape[0] // labels, 1)
    upper = a < b
    key = a[upper] * annotators + b[upper]
    # The cells of a sparse matrix come in ordered runs, of which a merge sort makes short work.
    order = np.argsort(key, kind="stable")
    key, c, k, counts = (
        key[order],
        c[upper][order],
        k[upper][order],
        cells.data[upper][order].astype(np.int64),
    )
    new = np.diff(key, prepend=-1) > 0
    keys, pair = key[new], np.cumsum(new) - 1
    items = np.bincount(pair, counts, len(keys)).astype(np.int64)
    enough = items >= least
    kept = enough[pair]
    pair, c, k, counts = (np.cumsum(enough) - 1)[pair[kept]], c[kept], k[kept], counts[kept]
    keys, items = keys[enough], items[enough]
    step = max(CELLS // labels, 1)
    parts = [(np.zeros(0), np.zeros(0), np.zeros(0))]
    for first in range(0, len(keys), step):
        here = slice(*np.searchsorted(pair, [first, first + step]))
        size = min(step, len(keys) - first)
        parts.append(_kappas(pair[here] - first, c[here], k[here], counts[here], (size, labels), weights))
    value, low, high = (np.concatenate(each) for each in zip(*parts, strict=True))
    one, other = np.divmod(keys, annotators)
    return PairwiseKappa(one, other, value, low, high, items)


def _kappas(
    pair: Ints, c: Ints, k: Ints, counts: Ints, shape: tuple[int, int], weights: Floats | None
) -> tuple[Floats, Floats, Floats]:
    """Values, lower and upper ends of some pairs, by the cells (c, k) of their confusions."""
    size, labels = shape
    rows = np.bincount(pair * labels + c, counts, size * labels).reshape(shape)
    columns = np.bincount(pair * labels + k, counts, size * labels).reshape(shape)
    same = (c == k).astype(np.float64) if weights is None else weights[c, k]
    by_column, by_row = (columns, rows) if weights is None else (columns @ weights, rows @ weights)
    n: Floats = rows.sum(axis=1)
    agreed: Floats = np.bincount(pair, counts * same, size).astype(np.float64)
    expected = (rows * by_column).sum(axis=1)
    value = _kappa(agreed, expected, n)
    # Without an item of the cell (c, k) its row's and its column's sums are one less.
    left = expected[pair] - by_column[pair, c] - by_row[pair, k] + same
    without = _kappa(agreed[pair] - same, left, n[pair] - 1)
    return value, *_intervals(value, without, pair, counts, n)


def lights_kappa(kappas: PairwiseKappa) -> Estimate:
    """The mean kappa over all pairs of annotators where it is defined; n is those pairs (Light 1971).

    Its interval is the jackknife's over annotators, as the pairs of one of them are not independent.
    """
    defined = np.isfinite(kappas.value)
    n = int(defined.sum())
    if n == 0:
        return Estimate(None, status="no_variation" if len(kappas.value) else "no_overlap")
    first, second, value = kappas.first[defined], kappas.second[defined], kappas.value[defined]
    several = int(max(second.max(), first.max())) + 1
    total = np.bincount(first, value, several) + np.bincount(second, value, several)
    pairs = np.bincount(first, minlength=several) + np.bincount(second, minlength=several)
    seen = pairs > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        without = ((value.sum() - total) / (n - pairs))[seen]
    point = float(value.mean())
    return Estimate(point, *interval_on_atanh(point, without, np.ones(len(without), np.int64)), n)


def _kappa(agreed: Floats, expected: Floats, n: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = expected / n**2
        left = np.where(1 - chance <= ROUNDING, np.nan, 1 - chance)
        kappa: Floats = (agreed / n - chance) / left
    return kappa


def _intervals(value: Floats, without: Floats, pair: Ints, counts: Ints, n: Floats) -> tuple[Floats, Floats]:
    """interval_on_atanh of each pair, for all pairs at once."""
    size = len(value)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.bincount(pair, np.abs(without) >= 1 - SAME, size) == 0
        on_scale = inside & (np.abs(value) < 1 - SAME)
        replicates = np.where(on_scale[pair], np.arctanh(without), without)
        centre = np.where(on_scale, np.arctanh(value), value)
        mean = np.bincount(pair, counts * replicates, size) / n
        squares = np.bincount(pair, counts * (replicates - mean[pair]) ** 2, size)
        half = Z_95 * np.sqrt((n - 1) / n * squares)
        low = np.where(on_scale, np.tanh(centre - half), np.maximum(centre - half, -1.0))
        high = np.where(on_scale, np.tanh(centre + half), np.minimum(centre + half, 1.0))
    settled = np.bincount(pair, ~(np.abs(without - value[pair]) <= SAME), size) == 0
    low[settled], high[settled] = value[settled], value[settled]
    alone = n < 2  # noqa: PLR2004 - one item has no spread
    low[alone], high[alone] = np.nan, np.nan
    return low, high
