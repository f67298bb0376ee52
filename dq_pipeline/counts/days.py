"""Time as whole days since 1970, and the windows they fall in: integers, the same on every engine."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

EPOCH = date(1970, 1, 1)


def day_of(time: Any) -> Any:
    """A column of times as whole days since 1970, a time with a zone by its day in UTC; null stays null."""
    return (time.epoch_seconds() // 86_400).cast("int64")


def window_of(time: Any, width: int) -> Any:
    """A column of times as the number of its window of `width` days; windows start at 1970."""
    return (day_of(time) // width).cast("int64")


def to_day(when: date) -> int:
    """A date as days since 1970."""
    return (when - EPOCH).days


def to_date(day: int) -> date:
    """Days since 1970 as a date.

    >>> to_date(19783).isoformat(), to_day(date(2024, 3, 1))
    ('2024-03-01', 19783)
    """
    return EPOCH + timedelta(days=int(day))
