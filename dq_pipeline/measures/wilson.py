"""Wilson's interval of a share."""

from __future__ import annotations

import math

from dq_pipeline.measures.jackknife import Z_95


def wilson(share: float, n: float, z: float = Z_95) -> tuple[float, float]:
    """The score interval of a share of `n` units (Wilson 1927, J Am Stat Assoc 22, 209-212).

    Args:
        share: The share, 0 to 1.
        n: How many independent units it rests on; of units that go together, as many as they are worth.
        z: The normal quantile of the interval's level; 95 % unless said.

    >>> tuple(round(end, 4) for end in wilson(81 / 263, 263))  # Newcombe 1998, table I
    (0.2553, 0.3662)
    """
    z2 = z**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z * math.sqrt(max(share * (1 - share), 0.0) / n + z2 / (4 * n**2)) / (1 + z2 / n)
    # Rounding aside, the interval holds the share.
    return min(max(centre - half, 0.0), share), max(min(centre + half, 1.0), share)
