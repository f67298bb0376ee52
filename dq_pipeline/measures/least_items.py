"""How many items must be annotated twice to tell that alpha is high enough."""

from __future__ import annotations

import math

Z_ONE_SIDED_95 = 1.6448536269514722


def least_items(alpha: float, rarest: float, z: float = Z_ONE_SIDED_95) -> int:
    """The least items for a one-sided test that alpha reaches a threshold (Bloch & Kraemer 1989, eq. 3.7).

    N = 2 z^2 ((1 + a) (3 - a) / (4 (1 - a) p (1 - p)) - a), as in Krippendorff (2019).

    Args:
        alpha: The threshold a, below 1.
        rarest: The share p of the rarest label, above 0 and below 1.
        z: The quantile of the test's level; 5 % unless said.

    >>> least_items(0.667, 0.25), least_items(0.8, 0.25)
    (81, 139)
    """
    uncertain = (1 + alpha) * (3 - alpha) / (4 * (1 - alpha) * rarest * (1 - rarest))
    return math.ceil(2 * z**2 * (uncertain - alpha))
