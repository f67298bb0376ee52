"""Many tests at once: at which level each may reject so that few rejections are false."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FALSE = 0.05
"""The share of rejections that may be false, on average."""


def rejecting_level(p: Floats, false: float = FALSE) -> float:
    """The level at or below which p-values reject so that the share of false rejections stays below `false`.

    With m tests of which R reject it is R false / m; false / m where none does (Benjamini & Hochberg 1995, J R Stat Soc B
    57, 289-300). Intervals at that level exclude what their tests reject, and of the intervals so selected the same share
    misses (Benjamini & Yekutieli 2005, J Am Stat Assoc 100, 71-81).

    Args:
        p: float [m], one-sided p-values.
        false: The share of rejections that may be false.

    >>> rejecting_level(np.array([0.01, 0.02, 0.9]))
    0.03333333333333333
    """
    tests = len(p)
    if not tests:
        return false
    ordered = np.sort(p)
    passed = np.flatnonzero(ordered <= false * np.arange(1, tests + 1) / tests)
    rejected = int(passed[-1]) + 1 if len(passed) else 1
    return false * rejected / tests


def discoveries(p: Floats, false: float = FALSE) -> NDArray[np.bool_]:
    """Which tests reject when of those that do at most the share `false` may be false.

    >>> discoveries(np.array([0.01, 0.5, 0.02, 0.04]))
    array([ True, False,  True, False])
    """
    rejects: NDArray[np.bool_] = p <= rejecting_level(p, false)
    return rejects


def quantile_beyond(z: Floats, false: float = FALSE) -> float:
    """How many standard errors beyond its limit a number must lie to be a discovery among all.

    Args:
        z: float [m], how many standard errors each lies beyond its limit; negative within it.
        false: The share of discoveries that may be false.
    """
    from scipy.special import ndtr, ndtri

    return float(-ndtri(rejecting_level(ndtr(-z), false)))
