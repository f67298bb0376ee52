"""The delete-one jackknife over items, from a histogram of like items."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Z_95 = 1.959963984540054


def interval_on_atanh(
    value: float, without: NDArray[np.float64], items: NDArray[np.int64]
) -> tuple[float | None, float | None]:
    """The interval at 95 % of a coefficient in [-1, 1], by the delete-one jackknife on the atanh scale.

    Args:
        value: The coefficient.
        without: float [P], the coefficient when one item of the kind p is left out; NaN where it is undefined then.
        items: int64 [P], how many items are of that kind.

    Returns:
        (low, high); (None, None) with fewer than two items, or where leaving one out leaves nothing to measure and the
        others are not all of one mind.
    """
    defined = np.isfinite(without)
    if defined.any() and (without[defined] == value).all():
        return value, value
    n = int(items.sum())
    if n < 2 or not defined.all():  # noqa: PLR2004 - one item has no spread
        return None, None
    on_scale = abs(value) < 1 and bool((np.abs(without) < 1).all())
    replicates = np.arctanh(without) if on_scale else without
    centre = math.atanh(value) if on_scale else value
    mean = float(np.average(replicates, weights=items))
    spread = math.sqrt((n - 1) / n * float((items * (replicates - mean) ** 2).sum()))
    low, high = centre - Z_95 * spread, centre + Z_95 * spread
    return (math.tanh(low), math.tanh(high)) if on_scale else (max(low, -1.0), min(high, 1.0))
