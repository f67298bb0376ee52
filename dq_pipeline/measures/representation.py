"""How often something comes in one sample against another: the ratio of two shares, its interval, its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.jackknife import Z_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_STEPS = 100
"""Halvings of the bracket: more than a double can resolve."""
_FARTHEST = 1e12
"""Ratios beyond it are not searched for."""


def share_ratios(target: Ints, target_rows: int, reference: Ints, reference_rows: int) -> list[Estimate]:
    """(target / target_rows) / (reference / reference_rows) of each cell, with Koopman's score interval at 95 %.

    The interval holds where a count is 0, unlike that of Katz on the log scale (Koopman 1984, Biometrics 40:513).

    Args:
        target: int64 [C], rows of each cell in the target sample.
        target_rows: Its rows, n of the estimates.
        reference: int64 [C], rows of each cell in the reference sample.
        reference_rows: Its rows.

    Returns:
        [C] estimates. A cell that the reference lacks has no ratio: its status is `no_overlap`, and of its interval it has
        the lower end only. Status `empty` where either sample, or the cell in both, has no rows.

    >>> one = share_ratios(np.array([36]), 40, np.array([16]), 80)[0]  # Koopman's example
    >>> round(one.value, 3), round(one.low, 2), round(one.high, 2)
    (4.5, 2.94, 7.15)
    """
    if not target_rows or not reference_rows:
        return [Estimate(None, n=target_rows, status="empty")] * len(target)
    low, high = _koopman(target, target_rows, reference, reference_rows)
    made = []
    for x, y, below, above in zip(target, reference, low, high, strict=True):
        if y:
            ratio = (int(x) * reference_rows) / (int(y) * target_rows)
            made.append(Estimate(ratio, float(below), float(above), target_rows))
        elif x:
            made.append(Estimate(None, float(below), None, target_rows, "no_overlap"))
        else:
            made.append(Estimate(None, n=target_rows, status="empty"))
    return made


def _koopman(x: Ints, m: int, y: Ints, n: int) -> tuple[Floats, Floats]:
    """Both ends of the interval: where the score statistic of a ratio crosses chi-square's .95."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(y > 0, (x / m) / (y / n), np.inf)
    inside = np.clip(ratio, 1 / _FARTHEST, _FARTHEST)
    low = _crossing(x, m, y, n, np.full(len(x), 1 / _FARTHEST), inside)
    high = _crossing(x, m, y, n, np.full(len(x), _FARTHEST), inside)
    return np.where(x > 0, low, 0.0), np.where(y > 0, high, np.inf)


def _crossing(x: Ints, m: int, y: Ints, n: int, outside: Floats, inside: Floats) -> Floats:
    """Halve, on the log scale, between a ratio that the interval leaves out and one that it holds."""
    out, within = np.log(outside), np.log(inside)
    for _ in range(_STEPS):
        middle = (out + within) / 2
        held = _score(x, m, y, n, np.exp(middle)) <= Z_95**2
        within, out = np.where(held, middle, within), np.where(held, out, middle)
    found: Floats = np.exp(within)
    return found


def _score(x: Ints, m: int, y: Ints, n: int, ratio: Floats) -> Floats:
    """Koopman's statistic: Pearson's chi-square of both counts at the likeliest shares with that ratio."""
    a = ratio * (m + y) + x + n
    root = np.sqrt(np.maximum(a**2 - 4 * ratio * (m + n) * (x + y), 0.0))
    # Of the quadratic's two forms the one that loses no digits to cancellation.
    q = np.clip(2 * (x + y) / (a + root), 1e-300, 1.0)
    p = np.clip(ratio * q, 1e-300, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_x = np.where(p < 1, (x - m * p) ** 2 / (m * p * (1 - p)), np.where(x == m, 0.0, np.inf))
        of_y = np.where(q < 1, (y - n * q) ** 2 / (n * q * (1 - q)), np.where(y == n, 0.0, np.inf))
    total: Floats = of_x + of_y
    return total


def more_common(target: Ints, target_rows: int, reference: Ints, reference_rows: int) -> Floats:
    """The one-sided p-value of each cell that the target has it no more often than the reference (Fisher's exact test).

    Returns:
        float [C]; 1 where there is nothing to compare.
    """
    from scipy.stats import hypergeom

    found = hypergeom.sf(target - 1, target_rows + reference_rows, target + reference, target_rows)
    p: Floats = np.where(target + reference > 0, found, 1.0)
    return p
