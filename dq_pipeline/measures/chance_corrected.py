"""Percent agreement and the coefficients that correct it for chance, from the pattern histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.jackknife import interval_on_atanh

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def percent_agreement(vectors: Ints, items: Ints) -> Estimate:
    """The mean share of agreeing pairs of votes over items with two votes or more; n is those items."""
    return _corrected(vectors, items, lambda pi: np.zeros(len(pi)))


def gwet_ac1(vectors: Ints, items: Ints) -> Estimate:
    """Gwet's AC1; items with one vote count towards chance agreement (Gwet 2008, Br J Math Stat Psychol 61, eq. 5-8)."""

    def chance(pi: Floats) -> Floats:
        labels = pi.shape[1]
        return (pi * (1 - pi)).sum(axis=1) / (labels - 1) if labels > 1 else np.ones(len(pi))

    return _corrected(vectors, items, chance)


def fleiss_kappa(vectors: Ints, items: Ints) -> Estimate:
    """Fleiss' kappa for any number of votes an item; items with one vote count towards chance (Gwet 2014, chapter 2)."""
    return _corrected(vectors, items, lambda pi: (pi**2).sum(axis=1))


def specific_agreement(vectors: Ints, items: Ints, label: int) -> Estimate:
    """2 n_cc / (2 n_cc + discordant_c): of the pairs that name the label once, the share that name it twice.

    The n is the votes for the label on items with two votes or more. Status `empty` when there is none.
    """
    votes = vectors.sum(axis=1)
    pairable = votes >= 2  # noqa: PLR2004 - two votes make a pair
    own, m, w = (
        vectors[pairable, label].astype(np.float64),
        votes[pairable].astype(np.float64),
        items[pairable],
    )
    n = int(w @ vectors[pairable, label])
    if n == 0:
        return Estimate(None, n=0, status="empty")
    agreeing, named = own * (own - 1), own * (m - 1)
    total_agreeing, total_named = float(w @ agreeing), float(w @ named)
    value = total_agreeing / total_named
    with np.errstate(divide="ignore", invalid="ignore"):
        without = (total_agreeing - agreeing) / (total_named - named)
    low, high = interval_on_atanh(value, without, w)
    return Estimate(value, low if low is None else max(low, 0.0), high, n)


def _corrected(vectors: Ints, items: Ints, chance: Callable[[Floats], Floats]) -> Estimate:
    """(pa - pe) / (1 - pe) with its jackknife interval; n is the items with two votes or more."""
    votes = vectors.sum(axis=1)
    voted = votes > 0
    v, w, m = vectors[voted].astype(np.float64), items[voted], votes[voted].astype(np.float64)
    if not w.sum():
        return Estimate(None, status="empty")
    pairable = (m >= 2).astype(np.float64)  # noqa: PLR2004 - two votes make a pair
    n = int(w @ pairable)
    if n == 0:
        return Estimate(None, status="no_overlap")
    agreed = np.where(pairable > 0, (v * (v - 1)).sum(axis=1) / np.maximum(m * (m - 1), 1), 0.0)
    shares = v / m[:, None]
    all_agreed, all_shares, total = float(w @ agreed), w @ shares, float(w.sum())
    pa, pe = all_agreed / n, float(chance((all_shares / total)[None, :])[0])
    if pe >= 1:
        return Estimate(None, n=n, status="no_variation")
    value = (pa - pe) / (1 - pe)
    with np.errstate(divide="ignore", invalid="ignore"):
        pa_left = (all_agreed - agreed) / (n - pairable)
        pe_left = chance((all_shares - shares) / (total - 1))
        without = (pa_left - pe_left) / (1 - pe_left)
    low, high = interval_on_atanh(value, without, w)
    return Estimate(value, low, high, n)
