"""The calibration ledger: when annotators were calibrated, on which guideline, and how often they must be."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from dq_pipeline.spec.part import SpecPart, several_times
from dq_pipeline.spec.roles import Columns  # noqa: TC001 - pydantic reads it
from dq_pipeline.spec.table_ref import TableRef

DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def days(value: Any) -> Any:
    """A span as whole days: `90`, `90 days`, `12 weeks`; a month counts 30 days, a year 365."""
    text = str(value).strip().lower()
    found = re.fullmatch(r"(\d{1,5})\s*(?:(day|week|month|year)s?)?", text)
    if isinstance(value, bool) or not found:
        raise ValueError(f"a span like 90 days or 12 weeks (found {value!r})")
    return int(found[1]) * DAYS[found[2] or "day"]


def day(value: Any) -> Any:
    """A date, `2024-03-01`; of a time its date."""
    if isinstance(value, date | None):
        return value
    try:
        return date.fromisoformat(re.sub(r"[T ]\d.*", "", str(value).strip()))
    except ValueError:
        raise ValueError(f"a date like 2024-03-01 (found {value!r})") from None


def as_of_day(value: Any) -> Any:
    """A date, or the word today."""
    return value if value == "today" else day(value)


Days = Annotated[int, BeforeValidator(days)]
Day = Annotated[date, BeforeValidator(day)]
Text = Annotated[
    str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float | date) else value)
]


class Session(SpecPart):
    """One calibration session: annotators label the same items, compare, and settle how to read the guideline.

    Attributes:
        when: The day it was held.
        annotators: Who took part; everybody unless said.
        guideline: The version it was held on; the one in force that day unless said.
    """

    when: Day
    annotators: Annotated[Columns | None, Field(min_length=1)] = None
    guideline: Text | None = None


class GuidelineVersion(SpecPart):
    """One version of the guideline and the day from which annotators must work by it.

    Attributes:
        version: Its name, as annotations.guideline has it.
        in_force: The first day.
    """

    version: Text
    in_force: Day


class Calibration(TableRef):
    """When annotators were calibrated and by which rules: sessions listed here, or in a table of one row each.

    The table lies where any table may lie.

    Attributes:
        every: How long a session counts.
        grace: How long annotators may go on after a session has run out or a guideline has come into force.
        sessions: The sessions.
        when: The table's column of the day.
        annotator: The table's column of who took part; without it every session was everybody's.
        guideline: The table's column of the version it was held on.
        guidelines: The guideline's versions.
        as_of: The day to judge by: `today`, a date, or that of the newest annotation unless said.
    """

    every: Days = Field(default=90, ge=1)
    grace: Days = 0
    sessions: tuple[Session, ...] = ()
    when: str | None = None
    annotator: str | None = None
    guideline: str | None = None
    guidelines: tuple[GuidelineVersion, ...] = ()
    as_of: Annotated[date | Literal["today"] | None, BeforeValidator(as_of_day)] = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> Calibration:
        """Sessions are listed or lie in a table; a part of either alone says nothing."""
        if self.given:
            super()._is_somewhere()  # type: ignore[operator] # pydantic leaves the method callable
        if self.given and self.sessions:
            raise ValueError(
                "sessions are listed or lie in a table, not both: take `sessions` or `table` out"
            )
        if self.given and self.when is None:
            raise ValueError("a table of sessions needs `when`, the column of the day")
        of_table = ("when", "annotator", "guideline", "database", "catalog", "delimiter")
        alone = [name for name in of_table if getattr(self, name)]
        if not self.given and alone:
            raise ValueError(f"{alone[0]!r} is of a table of sessions: add `table`, or list `sessions`")
        return self

    @model_validator(mode="after")
    def _something_is_asked(self) -> Calibration:
        if not self.keeps_sessions and not self.guidelines:
            raise ValueError("calibration needs `sessions`, a `table` of them, or `guidelines`")
        return self

    @model_validator(mode="after")
    def _versions_differ(self) -> Calibration:
        for name, values in (
            ("version", [one.version for one in self.guidelines]),
            ("in_force", [one.in_force.isoformat() for one in self.guidelines]),
        ):
            if twice := several_times(values):
                raise ValueError(f"guidelines differ in their {name}; found twice: {', '.join(twice)}")
        known = {one.version for one in self.guidelines}
        for session in self.sessions:
            if known and session.guideline is not None and session.guideline not in known:
                raise ValueError(
                    f"the session of {session.when} is on guideline {session.guideline!r}, which `guidelines` lacks "
                    f"(it has {', '.join(sorted(known))})"
                )
        return self

    @property
    def keeps_sessions(self) -> bool:
        """Whether sessions are asked for: an empty list of them means that nobody was ever calibrated."""
        return self.given or "sessions" in self.model_fields_set

    def roles(self) -> dict[str, str]:
        """Role to column of the table of sessions."""
        named = {"time": self.when, "annotator": self.annotator, "guideline": self.guideline}
        return {role: column for role, column in named.items() if column}
