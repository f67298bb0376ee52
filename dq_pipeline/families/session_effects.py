"""What a calibration session did: agreement with peers before and after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.families.weighed import stretch, weigh
from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.falls import Part, change

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dq_pipeline.counts import Agreements, Held
    from dq_pipeline.measures.falls import Series

EVERYBODY = ""
"""Whose session it was where it names nobody."""


@dataclass(frozen=True)
class Effect:
    """Agreement around the sessions of one day.

    Attributes:
        day: The day, in days since 1970.
        annotators: Who took part and has votes; () for everybody.
        before: The share of peers that agree with who took part, since their session before; n is the votes.
        after: The same until their next session.
        change: The difference at the same mix of labels, less that of those who did not take part; n is the votes after.
    """

    day: int
    annotators: tuple[str, ...]
    before: Estimate
    after: Estimate
    change: Estimate


def effects_of(compared: Agreements, held: Sequence[Held], least: int) -> tuple[Effect, ...]:
    """The effect of each day of sessions.

    Args:
        compared: Votes against peers, by how many days of sessions lay before.
        held: The sessions.
        least: Fewest votes on either side for the effect to be settled.
    """
    weighed = weigh(compared, "peers")
    series = dict(weighed.series())
    days = sorted({one.day for one in held})
    place_of = {day: place for place, day in enumerate(days, 1)}
    taken: dict[str, set[int]] = {EVERYBODY: set()}
    for one in held:
        taken.setdefault(one.annotator, set()).add(place_of[one.day])
    everybody = taken[EVERYBODY]
    of_annotator = {name: sorted(everybody | taken.get(name, set())) for name in series}
    effects = []
    for place, day in enumerate(days, 1):
        part = [name for name, places in of_annotator.items() if place in places]
        named = () if place in everybody else tuple(part)
        sides = [_around(series[name], of_annotator[name], place) for name in part]
        before, after = _together(one for one, _ in sides), _together(one for _, one in sides)
        if before is None or after is None:
            few = Estimate(None, status="too_few_units")
            effects.append(Effect(day, named, _rate(before), _rate(after), few))
            continue
        others = [one for name, one in series.items() if name not in part]
        first, last = before.first, after.last
        before = _beside(before, (stretch(one, first, place - 1) for one in others))
        after = _beside(after, (stretch(one, place, last) for one in others))
        worth = weighed.worth if len(part) == 1 else weighed.worth_together
        changed = change(before, after, worth)
        if min(before.votes.sum(), after.votes.sum()) < least:
            changed = replace(changed, status="too_few_units")
        effects.append(Effect(day, named, before.rate(worth), after.rate(worth), changed))
    return tuple(effects)


def _around(series: Series, own: Sequence[int], place: int) -> tuple[Part | None, Part | None]:
    """The votes since the annotator's session before, and until the next one; nobody else's beside them."""
    at = own.index(place)
    first = own[at - 1] if at else 0
    last = own[at + 1] - 1 if at + 1 < len(own) else int(np.max(series.window, initial=place))
    alone = replace(
        series,
        votes_of_others=np.zeros_like(series.votes),
        agreeing_of_others=np.zeros_like(series.agreeing),
    )
    return stretch(alone, first, place - 1), stretch(alone, place, last)


def _together(parts: Iterable[Part | None]) -> Part | None:
    whole: Part | None = None
    for part in parts:
        whole = part if whole is None else whole if part is None else whole + part
    return whole


def _beside(part: Part, others: Iterable[Part | None]) -> Part:
    """The part with the votes of others beside it."""
    other = _together(others)
    if other is None:
        return part
    return replace(part, votes_of_others=other.votes, agreeing_of_others=other.agreeing)


def _rate(part: Part | None) -> Estimate:
    return Estimate(None, status="empty") if part is None else part.rate()
