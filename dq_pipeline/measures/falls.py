"""Whether someone's agreement with a reference has fallen: stratified comparisons of each window with all before it.

A chart needs no calibration period: each window is compared with the windows before it, by the reference's label, so that
another mix of labels is no fall, and less the fall of everybody else in the same windows, so that harder items are none
(self-starting charts: Hawkins 1987, The Statistician 36, 299-316; strata: Mantel & Haenszel 1959, JNCI 22, 719-748).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.jackknife import Z_95
from dq_pipeline.measures.page import cusum
from dq_pipeline.measures.strata import difference
from dq_pipeline.measures.wilson import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RANGES = 20
"""Fewest pairs of neighbouring windows to tell the windows' spread by."""


@dataclass(frozen=True)
class Series:
    """Votes compared with a reference, window by window.

    Attributes:
        window: int64 [W], the windows in which there are votes, ascending.
        votes: float [W, S], votes by the reference's label (stratum); a vote may spread over several.
        agreeing: float [W, S], what of them agrees.
        votes_of_others: float [W, S], the same of everybody else; zeros where there is nobody else.
        agreeing_of_others: float [W, S].
    """

    window: NDArray[np.int64]
    votes: Floats
    agreeing: Floats
    votes_of_others: Floats
    agreeing_of_others: Floats


@dataclass(frozen=True)
class Part:
    """A stretch of windows put together: [S] each, as in Series."""

    first: int
    last: int
    votes: Floats
    agreeing: Floats
    votes_of_others: Floats
    agreeing_of_others: Floats

    def __add__(self, other: Part) -> Part:
        return Part(
            min(self.first, other.first),
            max(self.last, other.last),
            self.votes + other.votes,
            self.agreeing + other.agreeing,
            self.votes_of_others + other.votes_of_others,
            self.agreeing_of_others + other.agreeing_of_others,
        )

    def rate(self, worth: float = 1.0) -> Estimate:
        """The share that agrees with its Wilson interval; n is the votes."""
        total = float(self.votes.sum())
        if not total:
            return Estimate(None, status="empty")
        share = min(float(self.agreeing.sum()) / total, 1.0)
        return Estimate(share, *wilson(share, total * worth), n=round(total))


@dataclass(frozen=True)
class Chart:
    """One chart.

    Attributes:
        steps: The stretches after the first, each of enough votes.
        z: Each step's standardised difference from all before it.
        sums: The cumulative sum of falls after each step.
        before: What the last step is compared with.
        since: The steps since the sum was last 0; the last step where it is 0 now.
    """

    steps: tuple[Part, ...]
    z: tuple[float, ...]
    sums: tuple[float, ...]
    before: Part
    since: Part


def steps_of(series: Series, least: float) -> list[Part]:
    """The windows put together until each stretch has `least` votes; what is left at the end waits for more."""
    parts: list[Part] = []
    open_part: Part | None = None
    for place, window in enumerate(series.window):
        here = Part(
            int(window),
            int(window),
            series.votes[place],
            series.agreeing[place],
            series.votes_of_others[place],
            series.agreeing_of_others[place],
        )
        open_part = here if open_part is None else open_part + here
        if open_part.votes.sum() >= least:
            parts.append(open_part)
            open_part = None
    return parts


def chart(parts: Sequence[Part], limit: float, spread: float = 1.0, worth: float = 1.0) -> Chart | None:
    """Page's sum over the steps; None with fewer than two stretches.

    What a step is compared with grows with every step, until the sum passes the limit: the steps since it was 0 are then
    left out, so that a fall that lasts is not taken for the rule. The alarm ends when the sum is back at 0, or when a rise
    above the fallen steps is as certain as the fall was.

    Args:
        parts: The stretches, from `steps_of`.
        limit: The sum that raises the alarm; the sum stays within twice of it.
        spread: The standard deviation of z where nothing falls, from `spread_of`.
        worth: Independent yes-or-no answers that a vote is worth: more than 1 where several peers share in its answer, less
            where votes go together.
    """
    if len(parts) < 2:  # noqa: PLR2004 - one stretch has nothing to be compared with
        return None
    settled, fallen, risen = parts[0], None, None
    before, since, alarm, rise = parts[0], parts[1], False, 0.0
    z: list[float] = []
    sums: list[float] = [0.0]
    for part in parts[1:]:
        against = settled if alarm else _sum(settled, fallen)
        z.append(standardised(against, part, worth) / spread)
        sums.append(min(cusum(sums[-1], z[-1]), 2 * limit))
        if alarm and fallen is not None:
            rise = cusum(rise, -standardised(fallen, part, worth) / spread)
            risen = _sum(risen, part)
            if rise > limit:
                sums[-1], settled = 0.0, _sum(settled, risen)
            elif rise == 0.0:
                fallen, risen = _sum(fallen, risen), None
        else:
            fallen = _sum(fallen, part)
        if sums[-1] > 0.0:
            before, since = settled, _sum(fallen, risen)
            alarm = alarm or sums[-1] > limit
        else:
            before, since = against, part
            settled = settled if alarm else _sum(settled, fallen)
            fallen, risen, alarm, rise = None, None, False, 0.0
    return Chart(tuple(parts[1:]), tuple(z), tuple(sums[1:]), before, since)


def _sum(part: Part | None, other: Part | None) -> Part:
    """Two stretches together, of which one may be missing."""
    if part is None or other is None:
        return part or other  # type: ignore[return-value] # never both
    return part + other


def spread_of(charts: Sequence[Chart]) -> float:
    """The standard deviation of z, at least 1, from the differences of neighbouring steps, which a lasting fall leaves alone.

    Votes of one window go together more than chance has it (Laney 2002, Quality Engineering 14, 531-537). 1 with fewer than
    20 differences.
    """
    ranges = [abs(after - here) for one in charts for here, after in zip(one.z, one.z[1:], strict=False)]
    return max(1.0, float(np.mean(ranges)) / (2 / math.sqrt(math.pi))) if len(ranges) >= RANGES else 1.0


def standardised(before: Part, part: Part, worth: float = 1.0) -> float:
    """How many standard errors `part` agrees more than `before`; 0 where they share no label.

    Near normal when nothing falls: the skew of few and mostly agreeing votes is taken out as from a gamma variable
    (Wilson & Hilferty 1931, PNAS 17, 684-688).
    """
    value, variance, _, third = _compared(before, part, worth)
    if variance <= 0:
        return 0.0
    z, skew = value / math.sqrt(variance), third / variance**1.5
    if abs(skew) < 1e-3:  # noqa: PLR2004 - its limit
        return float(z - skew / 6 * (z * z - 1))
    return float(6 / skew * (np.cbrt(max(1 + skew * z / 2, 0.0)) - 1) + skew / 6)


def change(before: Part, since: Part, worth: float = 1.0) -> Estimate:
    """The difference `since` - `before` at the same mix of labels, less that of everybody else; n is the votes since.

    The Mantel-Haenszel difference of shares with its interval at 95 %. Status `no_overlap` where they share no label.
    """
    apart, variance, weight, _ = _compared(before, since, worth)
    n = round(float(since.votes.sum()))
    if not weight:
        return Estimate(None, n=n, status="no_overlap")
    value, half = apart / weight, Z_95 * math.sqrt(variance) / weight
    return Estimate(value, max(value - half, -1.0), min(value + half, 1.0), n)


def _compared(before: Part, part: Part, worth: float) -> tuple[float, float, float, float]:
    """The difference of agreeing votes at the same mix of labels, less that of the others; its variance, weight, third moment.

    Divided by the weight, the difference is one of shares.
    """
    own = difference(part.agreeing, part.votes, before.agreeing, before.votes)
    others = difference(
        part.agreeing_of_others, part.votes_of_others, before.agreeing_of_others, before.votes_of_others
    )
    weight, value, variance = float(own.weight), float(own.value), float(own.variance)
    if (everybody := float(others.weight)) > 0:
        value -= weight * float(others.value) / everybody
        variance += weight**2 * float(others.variance) / everybody**2
    return value, variance / worth, weight, float(own.third) / worth**2
