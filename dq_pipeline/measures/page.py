"""Page's cumulative sum: small falls add up until chance no longer makes them."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALLOWANCE = 0.5
"""What a window may lie below what is expected, in standard errors: a fall of twice as much is found soonest."""
LONGEST = 1e12
"""Run lengths beyond it are not told apart: a double no longer solves for them."""


def cusum(before: float, z: float, allowance: float = ALLOWANCE) -> float:
    """The sum after a window that lies `z` standard errors above what is expected: max(0, S - z - allowance).

    Page 1954, Biometrika 41, 100-115; only falls add up.
    """
    return max(0.0, before - z - allowance)


def average_run_length(limit: float, allowance: float = ALLOWANCE, fall: float = 0.0) -> float:
    """Windows until the sum passes `limit`, on average, from a sum of 0.

    Page's integral equation L(x) = 1 + L(0) F(-x) + integral of L(y) f(y - x) over 0..limit, F and f of a window's
    contribution -z - allowance, solved at Gauss-Legendre nodes (Page 1954, section 3; Goel & Wu 1971).

    Args:
        limit: The sum that raises the alarm, 0 or more.
        allowance: See `cusum`.
        fall: By how many standard errors the windows lie below what is expected; at 0 alarms are false.

    >>> round(average_run_length(4), 1), round(average_run_length(5), 1), round(average_run_length(4, fall=1), 2)
    (335.4, 930.9, 8.38)
    """
    from scipy.special import ndtr

    drift = fall - allowance
    if limit <= 0:
        return float(1 / ndtr(drift))
    nodes, weights = _nodes(max(24, math.ceil(10 * limit / 24) * 24))
    x = np.concatenate([[0.0], (nodes + 1) * limit / 2])
    kernel = np.exp(-((x[None, 1:] - x[:, None] - drift) ** 2) / 2) / math.sqrt(2 * math.pi)
    system = np.eye(len(x))
    system[:, 1:] -= kernel * (weights * limit / 2)
    system[:, 0] -= ndtr(-x - drift)
    lengths = np.linalg.solve(system, np.ones(len(x)))
    return float(lengths[0]) if 0 < lengths[0] < LONGEST else LONGEST


@lru_cache(maxsize=32)
def _nodes(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return nodes, weights


@lru_cache(maxsize=256)
def limit_for(run_length: float, allowance: float = ALLOWANCE) -> float:
    """The limit at which false alarms are `run_length` windows apart on average.

    >>> round(limit_for(500), 3)
    4.389
    """
    from scipy.optimize import brentq

    wanted = min(max(run_length, 1.0), LONGEST / 10)
    if wanted <= average_run_length(0.0, allowance):
        return 0.0
    high = 1.0
    while average_run_length(high, allowance) < wanted:
        high *= 2
    found = brentq(lambda h: math.log(average_run_length(h, allowance) / wanted), 0.0, high, xtol=1e-10)
    return float(found)
