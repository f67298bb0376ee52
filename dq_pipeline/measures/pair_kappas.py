"""Cohen's kappa of every two annotators at once, from the Gram matrix of votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.measures.jackknife import Z_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Pairs of annotators who share items; P of them, in the order of their places.

    Attributes:
        first: int64 [P].
        second: int64 [P], greater than `first`.
        items: int64 [P], items that both voted on.
        kappa: float [P]; NaN where both gave one and the same label throughout.
        error: float [P], its standard error; NaN likewise.
    """

    first: Ints
    second: Ints
    items: Ints
    kappa: Floats
    error: Floats

    def interval(self, place: int) -> tuple[float | None, float | None]:
        """The interval at 95 %; (None, None) where kappa is undefined or nothing varies."""
        value, half = float(self.kappa[place]), Z_95 * float(self.error[place])
        if not np.isfinite(half) or half == 0.0:
            return None, None
        return max(value - half, -1.0), min(value + half, 1.0)


def pair_kappas(pairs: Any, labels: int, least: int = 1) -> Pairs:
    """Cohen's kappa with its standard error (Cohen 1960; Fleiss, Cohen & Everitt 1969, Psychol Bull 72, 323-327, eq. 13).

    Args:
        pairs: Sparse int64 [A K, A K], items on which annotator a gave c and annotator b gave k; symmetric.
        labels: K.
        least: Fewest items that two must share.
    """
    cells = pairs.tocoo()
    who, other = cells.row // max(labels, 1), cells.col // max(labels, 1)
    upper = who < other
    first, second = who[upper].astype(np.int64), other[upper].astype(np.int64)
    mine, theirs = cells.row[upper] % labels, cells.col[upper] % labels
    count = cells.data[upper].astype(np.int64)
    annotators = pairs.shape[0] // max(labels, 1)
    ids, pair = np.unique(first * annotators + second, return_inverse=True)
    items = np.bincount(pair, count, len(ids))
    enough = items >= least
    kept = enough[pair]
    pair = (np.cumsum(enough) - 1)[pair[kept]]
    ids, items, p = ids[enough], items[enough], count[kept] / items[enough][pair]
    mine, theirs = mine[kept], theirs[kept]
    rows = _Marginals(pair * labels + mine, p)
    columns = _Marginals(pair * labels + theirs, p)
    same = mine == theirs
    observed = np.bincount(pair[same], p[same], len(ids))
    keys = rows.keys
    chance = np.bincount(keys // max(labels, 1), rows.shares * columns.at(keys), len(ids))
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa = np.where(chance < 1 - 1e-12, (observed - chance) / (1 - chance), np.nan)
        left = 1 - kappa
        base = pair * labels
        agreeing = p * (1 - (rows.at(base + mine) + columns.at(base + mine)) * left[pair]) ** 2
        apart = p * (columns.at(base + mine) + rows.at(base + theirs)) ** 2
        terms = np.bincount(pair[same], agreeing[same], len(ids)) + left**2 * np.bincount(
            pair[~same], apart[~same], len(ids)
        )
        spread = np.maximum(terms - (kappa - chance * left) ** 2, 0.0)
        error = np.sqrt(spread / items) / (1 - chance)
    return Pairs(ids // max(annotators, 1), ids % max(annotators, 1), items.astype(np.int64), kappa, error)


class _Marginals:
    """The shares of each pair's labels on one side, by pair K + label."""

    def __init__(self, keys: Ints, shares: Floats) -> None:
        self.keys, at = np.unique(keys, return_inverse=True)
        self.shares = np.bincount(at, shares, len(self.keys))

    def at(self, keys: Ints) -> Floats:
        """The shares under these keys; 0 where there are none."""
        if not len(self.keys):
            return np.zeros(len(keys))
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[place] == keys, self.shares[place], 0.0)
