"""How much two labels of an ordered scale agree: 1 when they are the same, 0 when they are as far apart as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Weighting = Literal["linear", "quadratic"]
WEIGHTINGS: tuple[Weighting, ...] = ("linear", "quadratic")


def agreement_weights(places: Floats, weighting: Weighting) -> Floats:
    """Float [K, K]: 1 - |x_c - x_k| / range, or its square in place of it (Cicchetti & Allison 1971, Fleiss & Cohen 1973).

    Args:
        places: float [K], where each label lies: its rank on an ordinal scale, its number on an interval scale.
        weighting: By how far apart they are, or by the square of it.

    >>> agreement_weights(np.array([0.0, 1.0, 2.0]), "quadratic").tolist()
    [[1.0, 0.75, 0.0], [0.75, 1.0, 0.75], [0.0, 0.75, 1.0]]
    """
    distance = np.abs(places[:, None] - places[None, :])
    widest = distance.max(initial=0.0)
    apart = distance / widest if widest > 0 else distance
    return 1 - (apart if weighting == "linear" else apart**2)
