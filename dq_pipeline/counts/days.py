"""Time as whole days since 1970, and the windows they fall in: integers, the same on every engine."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

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


def to_iso(day: int) -> str:
    """Days since 1970 as a date is written, also of years that a `date` cannot have: an engine's times reach further.

    >>> to_iso(19783), to_day(date(2024, 3, 1))
    ('2024-03-01', 19783)
    >>> to_iso(106_751_991)
    '294247-01-10'
    """
    return str(np.datetime64(int(day), "D"))
