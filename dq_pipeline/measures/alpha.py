"""Krippendorff's alpha from the pattern histogram, at every level of measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.jackknife import interval_on_atanh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Level = Literal["nominal", "ordinal", "interval", "ratio"]


def krippendorff_alpha(
    vectors: Ints, items: Ints, level: Level = "nominal", values: Floats | None = None
) -> Estimate:
    """Alpha with its jackknife interval over items; n is the items with two votes or more.

    alpha = 1 - (n - 1) sum_u (v_u D v_u') / (m_u - 1) / (n_c D n_c'), over pairable items only: items with one
    vote do not count (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section C).

    Args:
        vectors: int64 [P, K], votes for each label; in the labels' order when the level is ordinal.
        items: int64 [P], items with that vector.
        level: The label's level of measurement.
        values: float [K], the labels' numbers, for interval and ratio.

    Returns:
        Status `empty` without a vote, `no_overlap` without a pairable item, `no_variation` when their votes all agree on
        one label (alpha is then 0/0).

    >>> krippendorff_alpha(np.array([[2, 0], [0, 2], [1, 1]]), np.array([5, 1, 4])).value
    0.09523809523809523
    """
    votes = vectors.sum(axis=1)
    if not (votes * items).any():
        return Estimate(None, status="empty")
    pairable = votes >= 2  # noqa: PLR2004 - two votes make a pair
    v, w, m = vectors[pairable].astype(np.float64), items[pairable], votes[pairable].astype(np.float64)
    n = int(w.sum())
    if n == 0:
        return Estimate(None, n=0, status="no_overlap")
    marginal = w @ v
    left = marginal - v  # [P, K]: the marginals when one item of each kind is left out
    if level in {"nominal", "ratio"}:
        distance = _distances(v.shape[1], level, values)
        within = np.einsum("pc,ck,pk->p", v, distance, v) / (m - 1)
        observed, expected = float(w @ within), float(marginal @ distance @ marginal)
        observed_left, expected_left = observed - within, np.einsum("pc,ck,pk->p", left, distance, left)
    else:
        places = _places(marginal[None, :], level, values)
        places_left = _places(left, level, values)
        # sum_u 2 (m diag(v) - v'v) / (m - 1): squared differences within items are a quadratic form in the labels' places.
        form = np.diag(2 * ((w * m / (m - 1)) @ v)) - 2 * np.einsum("p,pc,pk->ck", w / (m - 1), v, v)
        observed, expected = float(places[0] @ form @ places[0]), float(_spread(marginal[None, :], places)[0])
        observed_left = np.einsum("pc,ck,pk->p", places_left, form, places_left) - _spread(v, places_left) / (
            m - 1
        )
        expected_left = _spread(left, places_left)
    if expected <= 0:
        return Estimate(None, n=n, status="no_variation")
    total = float(marginal.sum())
    value = 1 - (total - 1) * observed / expected
    with np.errstate(divide="ignore", invalid="ignore"):
        without = np.where(expected_left > 0, 1 - (total - m - 1) * observed_left / expected_left, np.nan)
    low, high = interval_on_atanh(value, without, w)
    return Estimate(value, low, high, n)


def _distances(labels: int, level: Level, values: Floats | None) -> Floats:
    if level == "nominal":
        return 1.0 - np.eye(labels)
    if values is None:
        raise ValueError(f"alpha at level {level!r} needs the labels' values")
    total = values[:, None] + values[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total == 0, 0.0, ((values[:, None] - values[None, :]) / total) ** 2)


def _places(marginals: Floats, level: Level, values: Floats | None) -> Floats:
    """Where each label lies, [P, K]: its number, or its mid-rank among the votes (ordinal alpha is interval alpha on these)."""
    if level == "ordinal":
        return np.cumsum(marginals, axis=1) - marginals / 2
    if values is None:
        raise ValueError(f"alpha at level {level!r} needs the labels' values")
    return np.broadcast_to(values, marginals.shape)


def _spread(weights: Floats, places: Floats) -> Floats:
    """sum_ck w_c w_k (x_c - x_k)^2 of each row, [P]."""
    centred = places - np.average(places, axis=1)[:, None]
    total = weights.sum(axis=1)
    spread: Floats = 2 * (total * (weights * centred**2).sum(axis=1) - (weights * centred).sum(axis=1) ** 2)
    return spread
