"""Conger's kappa: chance agreement by the habits of each annotator, for any number of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.measures.coefficient import pairable
from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.jackknife import on_atanh

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

ROUNDING = 1e-14


def conger_kappa(
    histogram: tuple[Ints, Ints], votes: Ints, alone: Ints, pairs: Any, agreeing: Mapping[int, Ints]
) -> tuple[Estimate, float | None]:
    """Kappa with its interval on the atanh scale, and its standard error (Conger 1980; Gwet 2014, section 5.4).

    pe = sum_k sum_{g != h} p_gk p_hk / (r (r - 1)), p_gk the share of label k among annotator g's votes. Items with one
    vote count in it. For complete tables it is Hubert's kappa too.

    Args:
        histogram: int64 [P, K] votes for each label, int64 [P] items with that vector.
        votes: int64 [A, K], each annotator's votes for each label.
        alone: int64 [A, K], those on items that nobody else voted on.
        pairs: Sparse int64 [A K, A K], items on which annotator a gave c and another gave k.
        agreeing: Of each number of votes m: int64 [A, K], over the items with m votes on which annotator a gave c, their
            agreeing ordered pairs.

    Returns:
        n is the items with two votes or more.
    """
    vectors, items = histogram
    who = votes.sum(axis=1) > 0
    r = int(who.sum())
    several = pairable(vectors)
    m = vectors[several].sum(axis=1)
    n, n_pairable = int(items[vectors.any(axis=1)].sum()), int(items[several].sum())
    if n == 0:
        return Estimate(None, status="empty"), None
    if n_pairable == 0:
        return Estimate(None, status="no_overlap"), None
    shares = votes[who] / votes[who].sum(axis=1, keepdims=True)
    total = shares.sum(axis=0)
    chance = float((total**2 - (shares**2).sum(axis=0)).sum()) / (r * (r - 1))
    if 1 - chance <= ROUNDING:
        return Estimate(None, n=n_pairable, status="no_variation"), None
    v = vectors[several].astype(np.float64)
    agreed = (v * (v - 1)).sum(axis=1) / (m * (m - 1))
    pa = float(items[several] @ agreed) / n_pairable
    kappa = (pa - chance) / (1 - chance)

    # Linearised, an item counts n / n_pairable (its agreement - pe) / (1 - pe) - 2 (1 - kappa) (its chance - pe) / (1 - pe)
    # - kappa, its chance by how far its votes move the shares of those who gave them. That is linear in its votes, so the
    # squares of all items come from the Gram matrix.
    moved = np.zeros(votes.shape)
    others = (total - shares) / (r * (r - 1))
    moved[who] = (
        n / votes[who].sum(axis=1, keepdims=True) * (others - (shares * others).sum(axis=1, keepdims=True))
    )
    e = moved.ravel()
    scale, slope = n / n_pairable / (1 - chance), -2 * (1 - kappa) / (1 - chance)
    constant = -kappa
    of_pairs = -scale * chance
    chance_sum = float(e @ votes.ravel())
    chance_squares = float(e**2 @ votes.ravel() + e @ (pairs @ e))
    on_pairable = chance_sum - float(e @ alone.ravel())
    crossed = sum(float(e @ counts.ravel()) / (size * (size - 1)) for size, counts in agreeing.items())
    squares = (
        scale**2 * float(items[several] @ agreed**2)
        + of_pairs**2 * n_pairable
        + slope**2 * chance_squares
        + constant**2 * n
        + 2 * scale * of_pairs * pa * n_pairable
        + 2 * scale * slope * crossed
        + 2 * scale * constant * pa * n_pairable
        + 2 * of_pairs * slope * on_pairable
        + 2 * of_pairs * constant * n_pairable
        + 2 * slope * constant * chance_sum
    )
    error = math.sqrt(max(squares, 0.0) / (n * (n - 1))) if n > 1 else None
    low, high = (None, None) if error is None else on_atanh(kappa, error)
    return Estimate(kappa, low, high, n_pairable), error
