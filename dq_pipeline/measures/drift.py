"""How far two distributions over the same values lie apart: for information, since both are deaf to what is rare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_LEAST = 1e-4
"""The share that an empty cell is given, so that the logarithm exists: the usual choice of those who use the index."""


def psi(reference: Ints, target: Ints) -> Estimate:
    """The population stability index sum (q - p) ln(q / p); n is the target's rows (Siddiqi 2006).

    Status `empty` where either has no rows.

    >>> round(psi(np.array([50, 50]), np.array([60, 40])).value, 6)
    0.040547
    """
    shares = _shares(reference, target)
    if shares is None:
        return Estimate(None, n=int(target.sum()), status="empty")
    p, q = (np.where(share > 0, share, _LEAST) for share in shares)
    used = (reference + target) > 0
    return Estimate(float(((q - p) * np.log(q / p))[used].sum()), n=int(target.sum()))


def jensen_shannon(reference: Ints, target: Ints) -> Estimate:
    """The Jensen-Shannon distance, 0 to 1: the root of the divergence in bits; n is the target's rows (Endres 2003).

    Status `empty` where either has no rows.

    >>> jensen_shannon(np.array([7, 0]), np.array([0, 7])).value
    1.0
    """
    shares = _shares(reference, target)
    if shares is None:
        return Estimate(None, n=int(target.sum()), status="empty")
    p, q = shares
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = sum(float(np.where(one > 0, one * np.log2(one / middle), 0.0).sum()) for one in (p, q))
    return Estimate(float(np.sqrt(min(max(apart / 2, 0.0), 1.0))), n=int(target.sum()))


def _shares(reference: Ints, target: Ints) -> tuple[Floats, Floats] | None:
    if not reference.sum() or not target.sum():
        return None
    return reference / reference.sum(), target / target.sum()
