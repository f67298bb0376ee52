"""How much less annotators agree in one slice than in the others, over many slices at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.coefficient import pairable
from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.jackknife import spread_on_atanh

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from dq_pipeline.measures.coefficient import Coefficient

    Ints = NDArray[np.int64]

RATE = 0.05
"""The share of the slices found worse that may be found so by chance."""


@dataclass(frozen=True)
class Gap:
    """The others' coefficient less the slice's: above 0 where annotators agree less in the slice.

    Attributes:
        slice: The slice's place.
        value: The gap.
        p_value: One-sided, of so wide a gap where there is none; of the difference on the atanh scale.
        own: (coefficient, its standard error on the atanh scale) of the slice.
        rest: The same of the others.
        n: Items with two votes or more in the slice.
    """

    slice: int
    value: float
    p_value: float
    own: tuple[float, float]
    rest: tuple[float, float]
    n: int


def gap(
    place: int, made: Callable[[Ints, Ints], Coefficient], vectors: Ints, items: Ints, everything: Ints
) -> Gap | None:
    """The gap of one slice; None where the coefficient or its error cannot be told in the slice or in the others.

    Args:
        place: The slice's place.
        made: The coefficient, of vectors and items.
        vectors: int64 [P, K], votes for each label.
        items: int64 [P], the slice's items with that vector.
        everything: int64 [P], those of all the slices.
    """
    own = _spread(made, vectors, items)
    rest = _spread(made, vectors, everything - items)
    if own is None or rest is None:
        return None
    error = math.hypot(own[1], rest[1])
    if error == 0:
        return None
    z = (math.atanh(rest[0]) - math.atanh(own[0])) / error
    n = int(items[pairable(vectors)].sum())
    return Gap(place, rest[0] - own[0], _upper_tail(z), own, rest, n)


def told_apart(gaps: Sequence[Gap]) -> list[Estimate]:
    """The gaps with intervals at 95 %, as wide as looking at so many slices makes them.

    Gaps that stand at a false discovery rate of RATE have intervals above 0, and of the intervals of those at most that
    share misses its gap (Benjamini & Hochberg 1995; Benjamini & Yekutieli 2005, JASA 100, 71-81). The interval of a gap is
    made of those of its two coefficients (Zou 2007, Psychological Methods 12, 399-413).
    """
    m = len(gaps)
    ordered = sorted(gap.p_value for gap in gaps)
    stand = max((rank for rank, p in enumerate(ordered, 1) if p <= RATE / 2 * rank / m), default=0)
    made = []
    for one in gaps:
        z = _quantile(1 - RATE / 2 * max(stand, 1) / m)
        (own_low, own_high), (rest_low, rest_high) = (_interval(part, z) for part in (one.own, one.rest))
        low = one.value - math.hypot(one.rest[0] - rest_low, own_high - one.own[0])
        high = one.value + math.hypot(rest_high - one.rest[0], one.own[0] - own_low)
        made.append(Estimate(one.value, max(low, -2.0), min(high, 2.0), one.n))
    return made


def _spread(
    made: Callable[[Ints, Ints], Coefficient], vectors: Ints, items: Ints
) -> tuple[float, float] | None:
    there = items > 0
    vectors, items = vectors[there], items[there]
    if not pairable(vectors).any():
        return None
    coefficient = made(vectors, items)
    units = coefficient.of_items(vectors, items)
    sums = units.sums()
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(coefficient.value(sums))
    if not abs(value) < 1:
        return None
    error = spread_on_atanh(units.without(coefficient.value, sums), units.counts)
    return None if error is None else (value, error)


def _interval(part: tuple[float, float], z: float) -> tuple[float, float]:
    centre, half = math.atanh(part[0]), z * part[1]
    return math.tanh(centre - half), math.tanh(centre + half)


def _upper_tail(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2


def _quantile(p: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(p)
