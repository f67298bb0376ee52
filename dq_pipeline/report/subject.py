"""What a report is about: an audit's verdicts and numbers, and what lies in its folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import limit_of, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dq_pipeline.families.check import Verdict
    from dq_pipeline.families.handout import Handout
    from dq_pipeline.families.verdict import CheckVerdict
    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.report.history import Night
    from dq_pipeline.spec import Spec


@dataclass(frozen=True, slots=True)
class File:
    """A CSV in the audit's folder, and how it begins.

    Attributes:
        name: Its name.
        headings: Its header.
        rows: Its first rows.
        whole: Whether these are all.
    """

    name: str
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    whole: bool = True


@dataclass(frozen=True)
class Subject:
    """One audit, as the report needs it.

    Attributes:
        spec: What was audited, for labels, owners and edge cases.
        data_version: The fingerprint of the tables.
        when: When the audit ended, in UTC.
        verdict: The dataset's verdict.
        verdicts: One a check.
        measures: The numbers.
        silent: Families that were not run, and why.
        rows: Rows read of each table.
        seconds: Seconds of each stage.
        handouts: The CSVs of work to hand out.
        files: The CSVs in the folder.
        failing: Check to the rows that broke its bound, worst first.
        nights: The history, this night last.
    """

    spec: Spec
    data_version: str
    when: datetime
    verdict: Verdict
    verdicts: tuple[CheckVerdict, ...]
    measures: tuple[Measure, ...]
    silent: dict[str, str]
    rows: dict[str, int]
    seconds: dict[str, float]
    handouts: tuple[Handout, ...] = ()
    files: tuple[File, ...] = ()
    failing: Mapping[str, tuple[Measure, ...]] = field(default_factory=dict)
    nights: tuple[Night, ...] = ()

    @cached_property
    def _by_number(self) -> dict[tuple[str, str | None], list[Measure]]:
        found: dict[tuple[str, str | None], list[Measure]] = {}
        for row in self.measures:
            found.setdefault((row.measure, row.by), []).append(row)
        return found

    def of(self, measure: str, by: str | None = None, table: str | None = None) -> list[Measure]:
        """The rows of one measure with one breakdown; of the first table that has it unless said."""
        rows = self._by_number.get((measure, by), [])
        wanted = table or (rows[0].table if rows else None)
        return [row for row in rows if row.table == wanted]

    def defined(self, measure: str, by: str | None = None, table: str | None = None) -> list[Measure]:
        """Those of them that have a value."""
        return [row for row in self.of(measure, by, table) if row.estimate.value is not None]

    def tables(self, measure: str, by: str | None = None) -> list[str]:
        """The tables that a measure was counted on."""
        return list(dict.fromkeys(row.table for row in self._by_number.get((measure, by), [])))

    def breakdowns(self, measure: str) -> list[str]:
        """The breakdowns that a measure has."""
        return [by for name, by in self._by_number if name == measure and by is not None]

    def shares(self, measure: str, by: str) -> dict[str, float]:
        """Key to value of a measure's defined rows."""
        rows = self.defined(measure, by)
        return {
            row.key: row.estimate.value
            for row in rows
            if row.key is not None and row.estimate.value is not None
        }

    def values(self, dimension: str) -> tuple[str, ...]:
        """The values of a dimension, in the order in which their shares were measured."""
        return tuple(row.key for row in self.of("share", dimension) if row.key is not None)

    def limits(self, measure: str, by: str | None = None) -> tuple[tuple[str, float], ...]:
        """The limits that checks hold a measure against: words and number."""
        found = []
        for verdict in self.verdicts:
            if verdict.measure == measure and verdict.by == by:
                least, most = limit_of(verdict.bound)
                found += [
                    (f"limit {sign} {shown(one)}", one)
                    for sign, one in (("\u2265", least), ("\u2264", most))
                    if one is not None
                ]
        return tuple(dict.fromkeys(found))
