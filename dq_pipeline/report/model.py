"""What a report says, as plain data: no markup, no picture drawn, every word and number still to be asserted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

    from dq_pipeline.families.check import Verdict
    from dq_pipeline.families.verdict import CheckVerdict

State = Literal["BLOCKED", "WAIVED", "INSUFFICIENT EVIDENCE", "WARNED", "CLEAR"]
"""What the banner says, from worst to best."""
Cell: TypeAlias = "str | float | None"
"""A table's cell: a text that may be a user's, a number unrounded, or nothing."""


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers behind a picture.

    Attributes:
        headings: One a column.
        rows: The cells; numbers are rounded when they are shown.
        more: Rows that are left out here and stand in the file; None where there are some and nobody has counted them.
        file: Where all the rows are.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: int | None = 0
    file: str = "measures.parquet"


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of two dimensions, shaded by their value.

    Attributes:
        rows: The names down the side.
        columns: The names along the top.
        values: One row a name; None where there is no number.
        kind: How values are scaled and written.
        across: What the columns are.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    kind: Literal["agreement", "count", "share", "ratio"]
    across: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """One value a name, with its interval, against limits.

    Attributes:
        names: The names.
        values: Their values.
        lows: Lower ends of the intervals; None where there is none.
        highs: Upper ends.
        limits: Words and place of each limit that holds for all.
        targets: The limit of each name on its own; empty when there is none.
        form: Bars from zero, or points where zero means nothing.
        axis: What the values are.
        percent: Whether values are shares, written as percent.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    lows: tuple[float | None, ...] = ()
    highs: tuple[float | None, ...] = ()
    limits: tuple[tuple[str, float], ...] = ()
    targets: tuple[float, ...] = ()
    form: Literal["bar", "point"] = "bar"
    axis: str = ""
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One number over time."""

    name: str
    times: tuple[datetime, ...]
    values: tuple[float | None, ...]
    lows: tuple[float | None, ...] = ()
    highs: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Lines:
    """Numbers over time, with what happened when.

    Attributes:
        lines: The numbers.
        limits: Words and place of each limit.
        marks: When, and what: a guideline's first day, a calibration.
        axis: What the values are.
    """

    lines: tuple[Line, ...]
    limits: tuple[tuple[str, float], ...] = ()
    marks: tuple[tuple[datetime, str], ...] = ()
    axis: str = ""


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Two dimensions as tiles whose area is their count.

    Attributes:
        columns: The names along the bottom, each as wide as its total.
        rows: The names whose shares stack up.
        counts: One row a name of `rows`, one number a name of `columns`.
    """

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    counts: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two shares a name, and the gap between them."""

    names: tuple[str, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]
    of: tuple[str, str]
    axis: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """What each check said each night; None where it was not asked."""

    checks: tuple[str, ...]
    nights: tuple[str, ...]
    verdicts: tuple[tuple[Verdict | None, ...], ...]


Picture: TypeAlias = "Grid | Bars | Lines | Mosaic | Pairs | Strip"


@dataclass(frozen=True, slots=True)
class Panel:
    """One way that data fails, seen: a picture and the table behind it.

    Attributes:
        id: Its place in the page.
        title: What it shows.
        says: How to read it, or what is seen.
        alt: The picture in words, for those who do not see it.
        table: The numbers behind it.
        picture: What to draw; None where a table says it best.
    """

    id: str
    title: str
    says: str
    alt: str
    table: Table
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """What one family, or several about one question, found."""

    id: str
    title: str
    asks: str
    matters: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Harm:
    """What to fix first: the chance that the limit is truly broken, times the rows it touches, times how far beyond it is.

    Attributes:
        chance: From 0 to 1.
        reach: Share of the table's rows that are touched.
        distance: From 0 at the limit to 1 at the worst there can be.
    """

    chance: float
    reach: float
    distance: float

    @property
    def expected(self) -> float:
        """The product."""
        return self.chance * self.reach * self.distance


@dataclass(frozen=True, slots=True)
class CheckCard:
    """One check as the page tells it.

    Attributes:
        verdict: The verdict.
        id: Its place in the page.
        title: Its number's name.
        what: What the number is.
        matters: What goes wrong when it is bad.
        fix: What to do, with a quantity.
        owners: Who sees to it.
        files: CSVs in the folder that hold its rows or its work.
        waiver: The lines to paste into the spec.
        harm: Why it stands where it stands; None when it is clear.
        failing: The rows beyond the limit; None where there are not several.
    """

    verdict: CheckVerdict
    id: str
    title: str
    what: str
    matters: str
    fix: str
    owners: tuple[str, ...]
    files: tuple[str, ...]
    waiver: str
    harm: Harm | None = None
    failing: Table | None = None


@dataclass(frozen=True)
class Summary:
    """The whole report.

    Attributes:
        state: What the banner says.
        dataset: The dataset.
        data_version: Its fingerprint.
        when: When the audit ended, in UTC.
        held_back: What waits, or what may go on.
        rows: Rows read of each table.
        seconds: Seconds of each stage.
        count: Checks by verdict.
        first: What to fix first, at most seven.
        sections: The pictures.
        checks: All checks, the worst first.
        unlisted: Checks that are left out here and stand in verdicts.json.
        numbers: The overall numbers.
        silent: Families that were not run, and why.
        families: The families of the checks.
        owners: The owners of the checks.
        version: Of this package.
    """

    state: State
    dataset: str
    data_version: str
    when: datetime
    held_back: str
    rows: dict[str, int]
    seconds: dict[str, float]
    count: dict[Verdict, int]
    first: tuple[CheckCard, ...]
    sections: tuple[Section, ...]
    checks: tuple[CheckCard, ...]
    unlisted: int
    numbers: Table
    silent: dict[str, str]
    families: tuple[str, ...]
    owners: tuple[str, ...]
    version: str
    measures: tuple[str, ...] = field(default=())
