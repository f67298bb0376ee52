"""The delete-one jackknife over items, from a histogram of like items."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Z_95 = 1.959963984540054
SAME = 1e-12
"""Coefficients that differ by less are the same but for rounding, which depends on the order of the labels and annotators."""


def interval_on_atanh(
    value: float, without: NDArray[np.float64], items: NDArray[np.int64]
) -> tuple[float | None, float | None]:
    """The interval at 95 % of a coefficient in [-1, 1], by the delete-one jackknife on the atanh scale.

    Args:
        value: The coefficient.
        without: float [P], the coefficient when one item of the kind p is left out; NaN where it is undefined then.
        items: int64 [P], how many items are of that kind.

    Returns:
        (low, high); (None, None) with fewer than two items, or where leaving one out leaves nothing to measure: all that
        is told rests on that one.
    """
    without, items = without[items > 0], items[items > 0]
    if int(items.sum()) < 2 or not np.isfinite(without).all():  # noqa: PLR2004 - one item has no spread
        return None, None
    if (np.abs(without - value) <= SAME).all():
        return value, value
    error = spread_on_atanh(without, items) if abs(value) < 1 - SAME else None
    if error is not None:
        centre = math.atanh(value)
        return math.tanh(centre - Z_95 * error), math.tanh(centre + Z_95 * error)
    half = Z_95 * _spread(without, items)
    return max(value - half, -1.0), min(value + half, 1.0)


def spread_on_atanh(without: NDArray[np.float64], items: NDArray[np.int64]) -> float | None:
    """The jackknife's standard error on the atanh scale; None where a replicate is undefined, 1 or -1 but for rounding."""
    if int(items.sum()) < 2 or not (np.abs(without) < 1 - SAME).all():  # noqa: PLR2004 - one item has no spread
        return None
    return _spread(np.arctanh(without), items)


def _spread(replicates: NDArray[np.float64], items: NDArray[np.int64]) -> float:
    n = int(items.sum())
    mean = float(np.average(replicates, weights=items))
    return math.sqrt((n - 1) / n * float((items * (replicates - mean) ** 2).sum()))


def on_atanh(value: float, error: float) -> tuple[float, float]:
    """The interval at 95 % of a standard error, on the atanh scale; on its own where the value is 1 or -1."""
    if abs(value) >= 1 - SAME:
        return max(value - Z_95 * error, -1.0), min(value + Z_95 * error, 1.0)
    centre, half = math.atanh(value), Z_95 * error / (1 - value**2)
    return math.tanh(centre - half), math.tanh(centre + half)
