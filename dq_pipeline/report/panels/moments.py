"""Time in pictures: periods as moments, and what happened when."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

from dq_pipeline.report.model import Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.report.subject import Subject

PERIODS = frozenset({"day", "week", "month", "quarter", "year", "time", "period", "window", "time_window"})
"""Breakdowns that are periods of the data."""


def line(name: str, rows: Sequence[Measure]) -> Line | None:
    """Rows whose keys are dates as a line; None when a key is none or there are fewer than two."""
    times = [moment(row.key or "") for row in rows]
    known = [time for time in times if time is not None]
    if len(known) < len(rows) or len(rows) < 2:  # noqa: PLR2004 - a line needs two ends
        return None
    ordered = sorted(zip(known, rows, strict=True), key=lambda pair: pair[0])
    estimates = [row.estimate for _, row in ordered]
    return Line(
        name,
        tuple(time for time, _ in ordered),
        tuple(one.value for one in estimates),
        tuple(one.low for one in estimates),
        tuple(one.high for one in estimates),
    )


def moment(text: str) -> datetime | None:
    """The moment at which a period starts, when its name tells: 2026, 2026-03, 2026-03-01, 2026-03-01T10:00."""
    padded = text + {4: "-01-01", 7: "-01"}.get(len(text), "")
    try:
        return datetime.fromisoformat(padded).replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def marks(subject: Subject) -> tuple[tuple[datetime, str], ...]:
    """The days on which guidelines came into force and annotators were calibrated, as the ledger has them."""
    ledger = subject.spec.calibration
    if ledger is None:
        return ()
    happened = [(_noon(one.in_force), f"guideline {one.version}") for one in ledger.guidelines]
    held = {row.key for row in subject.of("agreement_before", "session")}
    held |= {one.when.isoformat() for one in ledger.sessions}
    happened += [(at, "calibration") for key in held if key and (at := moment(key)) is not None]
    return tuple(sorted(happened))


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
