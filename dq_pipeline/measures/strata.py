"""Two groups' shares compared at the same mix of strata, as Mantel and Haenszel weigh two-by-two tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """The sums over strata of many comparisons at once; float [...] each.

    Attributes:
        weight: Of n m / (n + m): divide by it for a difference of shares.
        value: Of the weighted differences.
        variance: Their hypergeometric variance where the shares are equal.
        third: Their hypergeometric third moment.
    """

    weight: Floats
    value: Floats
    variance: Floats
    third: Floats


def difference(hits: Floats, votes: Floats, hits_of_other: Floats, votes_of_other: Floats) -> Difference:
    """The share of hits of one group less that of another, stratum by stratum (Mantel & Haenszel 1959, JNCI 22, 719-748).

    Args:
        hits: float [..., S], by stratum; counts need not be whole.
        votes: float [..., S].
        hits_of_other: float [..., S].
        votes_of_other: float [..., S].

    Returns:
        Sums over the strata in which both have votes.
    """
    both = (votes > 0) & (votes_of_other > 0)
    n, m = np.where(both, votes, 1.0), np.where(both, votes_of_other, 1.0)
    y, x = np.where(both, hits, 0.0), np.where(both, hits_of_other, 0.0)
    total, hit = n + m, y + x
    weight = n * m / total
    share = hit / total
    variance = weight * share * (1 - share) * total / np.maximum(total - 1, total / 2)
    third = variance * (total - 2 * hit) * (m - n) / (total * np.maximum(total - 2, total / 2))
    value = weight * (y / n - x / m)
    kept = (np.where(both, one, 0.0).sum(axis=-1) for one in (weight, value, variance, third))
    return Difference(*kept)
