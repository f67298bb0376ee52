"""Whether annotators were calibrated when they labelled, and worked by the guideline in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Rules:
    """How long a session counts; all days are days since 1970.

    Attributes:
        every: Days that a session counts after its own.
        grace: Days more, also to follow a new version of the guideline.
        versions: The guideline's versions, oldest first.
        in_force: int64 [V], the day from which each is in force, ascending.
    """

    every: int
    grace: int
    versions: tuple[str, ...]
    in_force: Ints

    def current(self, day: Ints) -> Ints:
        """The place of the version that is in force on each day; -1 before the first."""
        return np.searchsorted(self.in_force, day, side="right") - 1

    def counts_until(self, day: int, version: str) -> int:
        """The last day that a session counts for: until it runs out, or a newer version than its own is in force.

        Args:
            day: The day it was held.
            version: What it was held on; "" for the version in force that day, and so is one that the spec does not know.
        """
        until = day + self.every
        known = version in self.versions
        place = self.versions.index(version) if known else int(self.current(np.array([day]))[0])
        if place + 1 < len(self.versions):
            until = min(until, int(self.in_force[place + 1]) - 1)
        return until + self.grace


@dataclass(frozen=True)
class Standing:
    """How one annotator stands.

    Attributes:
        annotations: Annotations that were looked at.
        first: The first day with annotations.
        last: The last day with annotations.
        session: The day of the last session; None where there was none.
        on_version: What that session was held on; "" where it says nothing.
        until: The last day that counts as calibrated; the day before the first annotation where there was no session.
        since: Annotations after it.
        uncalibrated: Annotations on days that no session counts for, at any time.
        old_version: Annotations by an older version of the guideline than the one in force.
        known_version: Annotations by a version that the spec knows.
    """

    annotations: int
    first: int
    last: int
    session: int | None
    on_version: str
    until: int
    since: int
    uncalibrated: int
    old_version: int
    known_version: int

    @property
    def days_overdue(self) -> int:
        """Days from the last that counts as calibrated to the last with annotations; 0 where it is not past."""
        return max(self.last - self.until, 0)


def standing(
    day: Ints, version: Sequence[str], annotations: Ints, sessions: Sequence[tuple[int, str]], rules: Rules
) -> Standing:
    """How an annotator stands.

    Args:
        day: int64 [N], days with annotations; at least one.
        version: [N], the guideline that they were given by; "" where none is named.
        annotations: int64 [N], how many.
        sessions: The annotator's sessions until the day of judgement: day, and the version it was held on or "".
        rules: How long a session counts.
    """
    spans = [(held, rules.counts_until(held, on)) for held, on in sessions]
    calibrated = np.zeros(len(day), dtype=bool)
    for held, until in spans:
        calibrated |= (day >= held) & (day <= until)
    until = max((until for _, until in spans), default=int(day.min()) - 1)
    last_session = max(sessions, default=None)
    places = {name: place for place, name in enumerate(rules.versions)}
    of_version = np.array([places.get(name, -1) for name in version], dtype=np.int64)
    known = of_version >= 0
    old = known & (of_version < rules.current(day - rules.grace))
    return Standing(
        annotations=int(annotations.sum()),
        first=int(day.min()),
        last=int(day.max()),
        session=last_session[0] if last_session else None,
        on_version=last_session[1] if last_session else "",
        until=until,
        since=int(annotations[day > until].sum()),
        uncalibrated=int(annotations[~calibrated].sum()),
        old_version=int(annotations[old].sum()),
        known_version=int(annotations[known].sum()),
    )
