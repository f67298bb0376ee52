"""Edge cases: is each scenario that somebody named there often enough?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Literal

from pydantic import model_validator

from dq_pipeline.counts import ALL, EdgeCaseCounts, EdgeCaseRows
from dq_pipeline.families.check import Bound, Check
from dq_pipeline.families.dimensions import split_known
from dq_pipeline.families.family import Family
from dq_pipeline.families.gap import Gap
from dq_pipeline.families.policy import Policy
from dq_pipeline.families.verdict import number_of, shown
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.keys import key_of
from dq_pipeline.measures.shares import share
from dq_pipeline.spec.predicate import fixed_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.counts import Counts
    from dq_pipeline.families.check import Finding
    from dq_pipeline.spec.edge_case import EdgeCase

BY = "edge_case,split"


@dataclass(frozen=True, slots=True)
class Held:
    """What a part of the items holds of one edge case.

    Attributes:
        case: The edge case.
        part: train or validation.
        rows: How many; None where the part is not known.
        quota: How many are asked for.
        days_late: Days since the day it is due; at most 0 until then, and without one.
    """

    case: EdgeCase
    part: str
    rows: int | None
    quota: int
    days_late: int

    @property
    def short(self) -> int:
        """The rows that it lacks; 0 where they are not known."""
        return 0 if self.rows is None else max(self.quota - self.rows, 0)

    @property
    def standing(self) -> Literal["met", "short", "overdue", "not known"]:
        """In a word."""
        if self.rows is None:
            return "not known"
        if not self.short:
            return "met"
        return "overdue" if self.days_late > 0 else "short"


class EdgeCasesPolicy(Policy):
    """What follows when an edge case is short of its quota.

    Attributes:
        short: Whether a shortage warns or blocks, once its date is past or where it has none.
        before_due: Whether it warns or blocks until the day that it is due.
    """

    short: Literal["warn", "block"] = "block"
    before_due: Literal["warn", "block"] = "warn"

    @model_validator(mode="after")
    def _no_harsher_before_it_is_due(self) -> EdgeCasesPolicy:
        if self.before_due == "block" and self.short == "warn":
            raise ValueError("before_due is no harsher than short (found before_due block, short warn)")
        return self


class EdgeCases(Family[EdgeCasesPolicy]):
    """The registry of edge cases: rows of each in train and validation against its quota, one check each."""

    name = "edge_cases"
    Policy = EdgeCasesPolicy

    def silent(self) -> str | None:
        """Without a registry there is nothing to keep."""
        return None if self.spec.edge_cases else "the spec names no edge_cases"

    def checks(self) -> list[Check]:
        """One an edge case, so that each has its own owner."""
        return [
            Check(
                f"edge_case_{case.name}",
                self.name,
                "items",
                "edge_case_count",
                f"Edge case {case.name} ({case.where})",
                "items",
                BY,
                self._bounds(case),
                self.policy.require_evidence,
                tuple(key_of((case.name, part)) for part in self._quotas(case)),
                case.owner,
            )
            for case in self.spec.edge_cases
        ]

    def requests(self) -> list[EdgeCaseCounts]:
        """The rows of all edge cases."""
        return [self._counted]

    def measure(self, counts: Counts) -> list[Measure]:
        """edge_case_count by edge case and split; days_overdue and production_share by edge case."""
        seen: EdgeCaseRows = counts[self._counted]
        today = datetime.now(timezone.utc).date()
        made = []
        for case in self.spec.edge_cases:
            made += [
                Measure(self.name, "edge_case_count", "items", estimate, BY, key_of((case.name, part)))
                for part, estimate in self._of_parts(case, seen).items()
            ]
            if case.due is not None:
                late = Estimate(float((today - case.due).days), n=1)
                made.append(Measure(self.name, "days_overdue", "items", late, "edge_case", case.name))
            if case.name in seen.production:
                met = share(seen.production[case.name], seen.production_rows)
                made.append(Measure(self.name, "production_share", "production", met, "edge_case", case.name))
        return made

    def sentence(self, finding: Finding, measures: Sequence[Measure]) -> str | None:
        """How many rows of how many, who answers for it, why, and until when."""
        case = self._case(finding.check)
        counted = self._rows(case, measures)
        if not counted:
            return None
        short = {part: quota for part, (have, quota) in counted.items() if have < quota}
        told = ", ".join(
            f"{have:,} of {number_of(quota, 'rows')} in {part}"
            + (f" (short by {quota - have:,})" if part in short else "")
            for part, (have, quota) in counted.items()
        )
        said = f"Edge case {case.name} ({case.where}) has {told}."
        if len(counted) < len(self._quotas(case)):
            said += " Its rows in validation are not known: neither items.split nor training_set tells the parts apart."
        seen = next(
            (row for row in measures if row.measure == "production_share" and row.key == case.name), None
        )
        if seen is not None and seen.estimate.value is not None:
            said += f" Production meets it in {shown(100 * seen.estimate.value)} % of {number_of(seen.estimate.n, 'rows')}."
        return said + self._answered_for(case, bool(short))

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """How many rows to collect for which part."""
        case = self._case(finding.check)
        if finding.verdict == "insufficient":
            if self._rows(case, measures):
                return "Name items.split or training_set, so that the validation rows are known, or take `validation` out."
            return "Export the items again: there is nothing to count."
        missing = {
            part: quota - have for part, (have, quota) in self._rows(case, measures).items() if have < quota
        }
        wanted = " and ".join(f"{number_of(rows, 'rows')} for {part}" for part, rows in missing.items())
        asked = f" {case.owner} answers for it." if case.owner else ""
        return f"Collect {wanted} where {case.where}.{asked}"

    def held(self, measures: Sequence[Measure]) -> list[Held]:
        """The registry as it stands, an edge case and part after the other; empty where nothing was counted."""
        today = datetime.now(timezone.utc).date()
        if not any(row.measure == "edge_case_count" for row in measures):
            return []
        return [
            Held(
                case,
                part,
                self._rows(case, measures).get(part, (None, quota))[0],
                quota,
                (today - case.due).days if case.due else 0,
            )
            for case in self.spec.edge_cases
            for part, quota in self._quotas(case).items()
        ]

    def gaps(self, measures: Sequence[Measure]) -> list[Gap]:
        """The rows that each edge case is short of; its equalities fix the conditions of their columns."""
        names = {c.column: c.name for c in self.spec.items.conditions} if self.spec.items else {}
        return [
            Gap(
                {
                    names[column]: value
                    for column, value in fixed_values(case.predicate).items()
                    if column in names
                },
                quota - have,
                self.name,
                "edge_case_count",
                f"edge case {case.name}" + (f": {case.reason}" if case.reason else ""),
                case.where,
                part,
            )
            for case in self.spec.edge_cases
            for part, (have, quota) in self._rows(case, measures).items()
            if have < quota
        ]

    @property
    def _counted(self) -> EdgeCaseCounts:
        return EdgeCaseCounts(split_known(self.spec))

    def _quotas(self, case: EdgeCase) -> dict[str, int]:
        return case.quotas(split=split_known(self.spec))

    def _bounds(self, case: EdgeCase) -> tuple[Bound, ...]:
        """A minimum for each part; a date softens a block to a warning until it is past."""
        dated = case.due is not None and self.policy.before_due != self.policy.short
        floors = tuple(
            Bound(self.policy.short, "edge_case_count", at_least=quota, by=BY, key=key_of((case.name, part)))
            for part, quota in self._quotas(case).items()
        )
        in_time = Bound("relief", "days_overdue", at_most=0, by="edge_case", key=case.name)
        return (*floors, in_time) if dated else floors

    def _of_parts(self, case: EdgeCase, seen: EdgeCaseRows) -> dict[str, Estimate]:
        """The rows of each part with a quota, and of the parts without one that are there."""
        if not self._counted.split:
            total = seen.rows.get(ALL, 0)
            counted = (
                Estimate(float(seen.counts[case.name, ALL]), n=total)
                if total
                else Estimate(None, status="empty")
            )
            return {part: Estimate(None, status="empty") for part in self._quotas(case)} | {"train": counted}
        whole = sum(seen.rows.values())
        return {
            part: Estimate(float(seen.counts.get((case.name, part), 0)), n=seen.rows.get(part, 0))
            if whole
            else Estimate(None, status="empty")
            for part in dict.fromkeys([*self._quotas(case), *sorted(seen.rows)])
        }

    def _case(self, check: Check) -> EdgeCase:
        return next(case for case in self.spec.edge_cases if f"edge_case_{case.name}" == check.name)

    def _rows(self, case: EdgeCase, measures: Sequence[Measure]) -> dict[str, tuple[int, int]]:
        """Part -> rows there and rows wanted, of the parts that are counted."""
        counted = {row.key: row.estimate.value for row in measures if row.measure == "edge_case_count"}
        return {
            part: (int(value), quota)
            for part, quota in self._quotas(case).items()
            if (value := counted.get(key_of((case.name, part)))) is not None
        }

    @staticmethod
    def _answered_for(case: EdgeCase, short: bool) -> str:  # noqa: FBT001 - what the sentence tells
        parts = []
        if case.owner:
            parts.append(f"owner {case.owner}")
        if case.reason:
            parts.append(f"reason: {case.reason}")
        if case.due:
            late = (datetime.now(timezone.utc).date() - case.due).days
            parts.append(
                f"due {case.due.isoformat()}" + (f", {late:,} days overdue" if short and late > 0 else "")
            )
        said = "; ".join(parts)
        return f" {said[0].upper()}{said[1:]}." if said else ""
