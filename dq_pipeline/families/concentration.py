"""Concentration: does one source decide what the model learns?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts import Contingency
from dq_pipeline.families.check import Bound, Check
from dq_pipeline.families.composition import Composition, missing_counts, others, table_of
from dq_pipeline.families.concentration_words import remedy_of, sentence_of
from dq_pipeline.families.dimensions import condition_names, domain, label_table, told_apart
from dq_pipeline.families.family import Family
from dq_pipeline.families.handout import Handout
from dq_pipeline.families.policy import IndexCeiling, Policy, ShareCeiling
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.keys import MISSING, key_of
from dq_pipeline.measures.shares import effective_number, hhi, largest_share, share
from dq_pipeline.measures.spellings import suspects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dq_pipeline.counts import Cells, Counts
    from dq_pipeline.families.check import Finding
    from dq_pipeline.families.composition import Rows
    from dq_pipeline.measures.spellings import Spelling

TIME = "time"
SPELLINGS = "source_spellings.csv"


class ConcentrationPolicy(Policy):
    """How much of the data one source may give.

    Attributes:
        largest_share: Where the largest source's share warns and blocks.
        hhi: Where the Herfindahl-Hirschman index warns and blocks; two even sources have .5.
        by_label: The same as largest_share for each label, judged by the low end of its interval unless said.
        unknown_share: Where the share of items without a source warns and blocks.
        spellings: How many names of sources may be suspected to be others spelled differently.
    """

    largest_share: ShareCeiling = ShareCeiling(warn=0.5, block=0.8)
    hhi: IndexCeiling = IndexCeiling(warn=0.25)
    by_label: ShareCeiling = ShareCeiling(warn=0.8, compare="low")
    unknown_share: ShareCeiling = ShareCeiling(warn=0.05)
    spellings: int | None = 0


class Concentration(Family[ConcentrationPolicy]):
    """Shares, HHI and effective number of sources: overall, by label, by condition and by month; unknown and misspelled ones."""

    name = "concentration"
    Policy = ConcentrationPolicy

    def silent(self) -> str | None:
        """Without a source there is nothing to concentrate."""
        return None if self.spec.items and self.spec.items.source else "the spec names no items.source"

    def checks(self) -> list[Check]:
        """Largest share and HHI overall, the largest share of each label, unknown sources, suspected spellings."""
        policy = self.policy
        largest = policy.largest_share.bounds("largest_share")
        made = [
            self._check("largest_share", "The largest source's share", largest),
            self._check("hhi", "The sources' HHI", policy.hhi.bounds("hhi")),
            self._check("unknown_share", "The share of items without a source", policy.unknown_share.bounds("unknown_share")),
        ]  # fmt: skip
        if policy.spellings is not None:
            few = Bound("warn", "suspected_spellings", at_most=policy.spellings)
            made.append(self._check("suspected_spellings", "The number of suspected spellings", (few,)))
        table = label_table(self.spec)
        if table is not None and (bounds := policy.by_label.bounds("largest_share", "label")):
            made.append(
                Check(
                    "concentration_largest_share_by_label",
                    self.name,
                    table,
                    "largest_share",
                    "The largest source's share",
                    "votes" if table == "annotations" else "rows",
                    "label",
                    bounds,
                    policy.require_evidence,
                )
            )
        return made

    def requests(self) -> list[Contingency]:
        """Items by source, and by source and each of label, conditions and month."""
        return [
            Contingency("items", ("source",)),
            *(Contingency(table_of(self.spec, (dim,)), (dim, "source")) for dim in self._dims),
        ]

    def measure(self, counts: Counts) -> list[Measure]:
        """Share by source; largest_share, hhi, effective_sources overall and by label, condition, month; what else is judged."""
        sources = Composition(self.spec, counts).rows("source")
        made = [*self._overall(sources), *self._spellings(sources)]
        for dim in self._dims:
            # Of unlisted sources it is not known whose the rows of a label are.
            if sources.tail is None:
                cells: Cells = counts[Contingency(table_of(self.spec, (dim,)), (dim, "source"))]
                made += self._by(dim, told_apart(self.spec, cells), sources)
        return made

    def sentence(self, finding: Finding, measures: Sequence[Measure]) -> str | None:
        """Which names are suspected to be the same."""
        return sentence_of(finding, measures)

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """How many items of other sources bring the largest one under the bound, or what to find out."""
        return remedy_of(finding, measures)

    def handouts(self, counts: Counts) -> list[Handout]:
        """The suspected spellings."""
        sources = Composition(self.spec, counts).rows("source")
        rows = tuple(
            (one.name, one.other, sources.values[one.name], sources.values[one.other], one.why)
            for one in self._suspected(sources)
        )
        return [
            Handout(
                SPELLINGS, ("source", "suspected_spelling", "items", "items_of_spelling", "differs_in"), rows
            )
        ]

    @property
    def _dims(self) -> tuple[str, ...]:
        labels = ("label",) if label_table(self.spec) else ()
        time = (TIME,) if self.spec.items and self.spec.items.time else ()
        return (*labels, *condition_names(self.spec), *time)

    def _overall(self, sources: Rows) -> Iterator[Measure]:
        for name, rows in sources.values.items():
            yield self._row("share", share(rows, sources.total), "source", name)
        if sources.without:
            yield self._row("share", share(sources.without, sources.total), "source", MISSING)
        more, squares = (sources.tail.rows, sources.tail.squares) if sources.tail else (0, 0.0)
        yield from missing_counts(sources, self.name, "source")
        if sources.tail:
            rest = others(sources.tail.distinct)
            yield self._row("share", share(more, sources.total), "source", rest)
        counts = np.array([*sources.values.values(), sources.without], dtype=np.int64)
        known = (
            Estimate(float(sources.distinct), n=sources.total)
            if sources.total
            else Estimate(None, status="empty")
        )
        yield self._row("largest_share", largest_share(counts, more))
        yield self._row("hhi", hhi(counts, more, squares))
        yield self._row("effective_sources", effective_number(counts, more, squares))
        yield self._row("unknown_share", share(sources.without, sources.total))
        yield self._row("distinct_sources", known)

    def _by(self, dim: str, cells: Cells, sources: Rows) -> Iterator[Measure]:
        """Concentration within each value of a dimension, and what is left of each label without the largest source."""
        values = domain(self.spec, dim, cells)
        names: tuple[str | None, ...] = (*sources.values, None)
        grid = cells.dense(values, names)
        overall = np.array([*sources.values.values(), sources.without])
        largest = int(overall.argmax())
        table = table_of(self.spec, (dim,))
        for value, counts in zip(values, grid, strict=True):
            for name, estimate in (
                ("largest_share", largest_share(counts)),
                ("hhi", hhi(counts)),
                ("effective_sources", effective_number(counts)),
            ):
                yield Measure(self.name, name, table, estimate, dim, value)
            if dim == "label":
                rows = int(counts.sum())
                left = (
                    Estimate(float(rows - counts[largest]), n=rows)
                    if rows
                    else Estimate(None, status="empty")
                )
                yield Measure(self.name, "rows_without_largest_source", table, left, dim, value)

    def _spellings(self, sources: Rows) -> Iterator[Measure]:
        found = self._suspected(sources)
        yield self._row(
            "suspected_spellings",
            Estimate(float(len(found)), n=sources.total) if sources.total else Estimate(None, status="empty"),
        )
        for one in found:
            rows = Estimate(float(sources.values[one.other]), n=sources.total)
            yield self._row("suspected_spelling", rows, "source,source", key_of((one.other, one.name)))

    @staticmethod
    def _suspected(sources: Rows) -> list[Spelling]:
        return suspects({name: rows for name, rows in sources.values.items() if rows})

    def _row(
        self, measure: str, estimate: Estimate, by: str | None = None, key: str | None = None
    ) -> Measure:
        return Measure(self.name, measure, "items", estimate, by, key)

    def _check(self, measure: str, title: str, bounds: tuple[Bound, ...]) -> Check:
        return Check(
            f"concentration_{measure}",
            self.name,
            "items",
            measure,
            title,
            "items",
            bounds=bounds,
            require_evidence=self.policy.require_evidence,
        )
