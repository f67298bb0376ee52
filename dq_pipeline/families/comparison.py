"""One sample held against another, cell by cell: which cells it has too rarely, and which not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.families.cells import cell_in_words, cell_of
from dq_pipeline.families.check import ANY, Bound
from dq_pipeline.families.gap import Gap
from dq_pipeline.families.verdict import beside_limit, limit, number_of, shown
from dq_pipeline.measures.discoveries import discoveries
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.keys import key_of
from dq_pipeline.measures.representation import more_common, share_ratios
from dq_pipeline.measures.shares import share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dq_pipeline.counts import Compared, Part
    from dq_pipeline.families.check import Finding
    from dq_pipeline.families.policy import RatioCeiling

FAMILY = "coverage"
Cell = tuple[str | None, str | None]
"""The breakdown and the key of a cell."""


@dataclass(frozen=True)
class Comparison:
    """A reference, which is judged, and a target that it should be like.

    Attributes:
        measure: The name of the ratio of the target's share to the reference's.
        unseen: The name of the share of the target that the reference lacks.
        reference: What is judged.
        target: What it is compared with.
        names: What sentences call the reference and the target.
        policy: Where the ratio warns and blocks.
        by_fact: Whether a cell that the reference lacks counts even where chance alone may have left it out.
        fewest: Fewest rows of the target in such a cell.
    """

    measure: str
    unseen: str
    reference: Part
    target: Part
    names: tuple[str, str]
    policy: RatioCeiling
    by_fact: bool
    fewest: int

    @property
    def counts(self) -> tuple[str, str]:
        """The names of the measures that count a cell's rows in the reference and in the target."""
        return f"{self.names[0]}_count", f"{self.names[1]}_count"

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """The ratio's, and one that what is not there at all breaks: it does what the harshest threshold asks for."""
        ratio = self.policy.bounds(self.measure, ANY)
        return (*(Bound(one.severity, self.unseen, at_most=0.0, by=ANY) for one in ratio[:1]), *ratio)

    @property
    def least(self) -> float | None:
        """The ratio from which on something follows; None where nothing ever does."""
        return min((one for one in (self.policy.warn, self.policy.block) if one is not None), default=None)

    def rows(self, compared: Sequence[Compared]) -> Iterator[Measure]:
        """The counts of every listed cell, the ratio of those with the least share, the share of those not there."""
        p_values = [
            more_common(one.target, one.target_rows, one.reference, one.reference_rows) for one in compared
        ]
        stands = iter(discoveries(np.concatenate(p_values)).tolist())
        unseen: set[frozenset[tuple[str, str | None]]] = set()
        for one in compared:
            by = ",".join(one.dims)
            ratios = share_ratios(one.target, one.target_rows, one.reference, one.reference_rows)
            for values, x, y, ratio in zip(
                one.keys, one.target.tolist(), one.reference.tolist(), ratios, strict=True
            ):
                key, sure = key_of(values), next(stands)
                yield _row(self.counts[0], Estimate(float(y), n=one.reference_rows), by, key)
                yield _row(self.counts[1], Estimate(float(x), n=one.target_rows), by, key)
                if x < one.floor:
                    continue
                yield _row(self.measure, self._told(ratio, sure=sure), by, key)
                cell = frozenset(zip(one.dims, values, strict=True))
                missing = ratio.status == "no_overlap" and (x >= self.fewest if self.by_fact else sure)
                # Of a cell that is missing, the cells within it are missing too, and say nothing new.
                if missing and not any(wider < cell for wider in unseen):
                    unseen.add(cell)
                    yield _row(self.unseen, share(x, one.target_rows), by, key)

    def _told(self, ratio: Estimate, *, sure: bool) -> Estimate:
        """The ratio, unless it is beyond its limit by what may well be chance among so many cells."""
        if sure or ratio.value is None or self.least is None or ratio.value <= self.least:
            return ratio
        return replace(ratio, value=None, status="too_few_units")

    def sentence(self, finding: Finding, measures: Sequence[Measure]) -> str | None:
        """The worst cell in words: how often here and how often there."""
        worst, bound = finding.worst, finding.bound
        if worst is None or bound is None:
            return None
        here, there = self._counted(measures)[worst.by, worst.key]
        cell, e, (reference, target) = cell_in_words(worst), worst.estimate, self.names
        if worst.measure == self.unseen:
            said = (
                f"None of the {number_of(here.n, 'rows')} of {reference} is of {cell}, {_percent(e.value)} of the {number_of(e.n, 'rows')} of "
                f"{target} ({_percent(e.low)} to {_percent(e.high)})"
            )
        else:
            said = (
                f"{target.capitalize()} has {beside_limit(e.value, bound)} times {reference}'s share of {cell} ({shown(e.low)} to "
                f"{shown(e.high)}): {int(there.value or 0):,} of {number_of(there.n, 'rows')} against {int(here.value or 0):,} of "
                f"{here.n:,}; the limit is {limit(bound)}"
            )
        others = len({(row.by, row.key) for row in finding.failing}) - 1
        return said + (f" ({others:,} more cell{'s' * (others > 1)} beyond it)" if others > 0 else "") + "."

    def gaps(self, measures: Sequence[Measure], fewest: int, split: str) -> list[Gap]:
        """What the reference lacks for each cell to keep its ratio and to have `fewest` rows."""
        counted = self._counted(measures)
        judged = {(row.by, row.key): row for row in measures if row.measure in {self.measure, self.unseen}}
        found = [(row, self._gap(row, *counted[place], fewest, split)) for place, row in judged.items()]
        return [gap for row, gap in found if gap.fewest > 0 or self._is_beyond(row)]

    def _gap(self, row: Measure, here: Estimate, there: Estimate, fewest: int, split: str) -> Gap:
        """The rows x of a cell that bring its ratio down to the limit while the reference grows by X, x among them.

        p / ((y + x) / (N + X)) <= limit, that is x >= (p N / limit - y) + (p / limit) X.
        """
        thin = fewest - int(here.value or 0)
        of_here, of_there = (_percent((one.value or 0.0) / one.n if one.n else None) for one in (here, there))
        reason = (
            f"{cell_in_words(row)}: {of_there} of {self.names[1]}, {of_here} of {self.names[0]} "
            f"({number_of(int(here.value or 0), 'rows')})"
        )
        if self.least is None or not self._is_beyond(row):
            return Gap(cell_of(row), thin, FAMILY, "uncovered_mass", reason, split=split)
        growth = Fraction(int(there.value or 0), there.n) / Fraction(str(self.least))
        base = growth * here.n - int(here.value or 0)
        return Gap(cell_of(row), max(thin, 0), FAMILY, self.measure, reason, None, split, base, growth)

    def _is_beyond(self, row: Measure) -> bool:
        if self.least is None:
            return False
        return row.measure == self.unseen or (row.estimate.value or 0.0) > self.least

    def gap_of(self, row: Measure, measures: Sequence[Measure]) -> int:
        """The rows of one cell that the reference lacks for its ratio."""
        here, there = self._counted(measures)[row.by, row.key]
        return self._gap(row, here, there, 0, "").rows

    def _counted(self, measures: Sequence[Measure]) -> Mapping[Cell, tuple[Estimate, Estimate]]:
        """The rows of each cell in the reference and in the target."""
        here, there = ({} for _ in self.counts)
        for row in measures:
            if row.measure == self.counts[0]:
                here[row.by, row.key] = row.estimate
            elif row.measure == self.counts[1]:
                there[row.by, row.key] = row.estimate
        return {place: (here[place], there[place]) for place in here if place in there}


def _row(measure: str, estimate: Estimate, by: str, key: str) -> Measure:
    return Measure(FAMILY, measure, "items", estimate, by, key)


def _percent(value: float | None) -> str:
    return "undefined" if value is None else f"{shown(100 * value)} %"
