"""Intervals at 95 % of a function of sums over units: jackknife, bootstrap, linearisation.

A unit is an item, or a group of items that are not independent of each other (a patient, a session).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dq_pipeline.measures.jackknife import Z_95, interval_on_atanh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

    Value = Callable[[Any], Any]
    """f: sums of terms [..., F] to the coefficient [...], NaN where it is undefined; analytic, for complex sums too."""

CELLS = 1 << 21
"""Numbers held at a time."""
MOST_UNDEFINED = 0.05
"""The share of replicates that may be undefined."""


@dataclass(frozen=True)
class IntervalMethod:
    """How intervals are made.

    Attributes:
        method: "jackknife", delete-one on the atanh scale; "bootstrap", percentiles of replicates; "linear", the
            coefficient's linearisation (delta method), as in Gwet (2014).
        resample: What is left out or drawn: "item", or "group" where items are nested.
        replicates: Of the bootstrap.
        seed: Of the bootstrap.
    """

    method: Literal["jackknife", "bootstrap", "linear"] = "jackknife"
    resample: Literal["item", "group"] = "item"
    replicates: int = 2_000
    seed: int = 7


@dataclass(frozen=True)
class Units:
    """The units that a coefficient sums over, U kinds of them.

    Attributes:
        counts: int64 [U], units of each kind.
        blocks: Gives the kinds' terms, float [part of U, F], block by block; each time anew.
    """

    counts: Ints
    blocks: Callable[[], Iterator[Floats]]

    def sums(self) -> Floats:
        """The terms of all units, float [F]."""
        start, total = 0, np.zeros(0)
        for terms in self.blocks():
            here = self.counts[start : start + len(terms)] @ terms
            total = here if start == 0 else total + here
            start += len(terms)
        return total

    def without(self, value: Value, sums: Floats) -> Floats:
        """F without one unit of each kind, float [U]."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.concatenate([value(sums - terms) for terms in self.blocks()])

    def influence(self, value: Value, sums: Floats) -> Floats:
        """Df / dw of the weight w of a unit of each kind, float [U]."""
        # An imaginary step has no difference to cancel in: the derivative is exact to the last digit.
        step = 1e-100
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.concatenate(
                [np.imag(value(sums + 1j * step * terms)) / step for terms in self.blocks()]
            )

    def replicates(self, value: Value, how: IntervalMethod) -> Floats:
        """F of so many samples of units drawn with replacement, float [replicates]."""
        random = np.random.default_rng(how.seed)
        n, made = int(self.counts.sum()), []
        step = max(CELLS // len(self.counts), 1)
        for first in range(0, how.replicates, step):
            drawn = random.multinomial(n, self.counts / n, size=min(step, how.replicates - first)).astype(
                np.float64
            )
            start, total = 0, np.zeros(0)
            for terms in self.blocks():
                here = drawn[:, start : start + len(terms)] @ terms
                total = here if start == 0 else total + here
                start += len(terms)
            with np.errstate(divide="ignore", invalid="ignore"):
                made.append(value(total))
        return np.concatenate(made)


def interval(
    value: Value, point: float, units: Units, sums: Floats, how: IntervalMethod
) -> tuple[float | None, float | None]:
    """The interval at 95 % around the point, in [-1, 1]; (None, None) where there is no saying."""
    if int(units.counts.sum()) < 2:  # noqa: PLR2004 - one unit has no spread
        return None, None
    if how.method == "bootstrap":
        return _percentiles(units.replicates(value, how))
    if how.method == "linear":
        half = Z_95 * standard_error(units.influence(value, sums), units.counts)
        return max(point - half, -1.0), min(point + half, 1.0)
    return interval_on_atanh(point, units.without(value, sums), units.counts)


def standard_error(influence: Floats, counts: Ints, *, sample: bool = True) -> float:
    """The linearised standard error: sqrt(n / (n - 1) sum of squared influences); without `sample`, sqrt(sum of them).

    The second is the one of two-way tables, whose cells are multinomial (Fleiss, Cohen & Everitt 1969).
    """
    n = int(counts.sum())
    squares = float(counts @ influence**2)
    return math.sqrt(squares * n / (n - 1)) if sample else math.sqrt(squares)


def _percentiles(replicates: Floats) -> tuple[float | None, float | None]:
    defined = replicates[np.isfinite(replicates)]
    if len(defined) < (1 - MOST_UNDEFINED) * len(replicates):
        return None, None
    low, high = np.quantile(defined, [0.025, 0.975])
    return float(low), float(high)
