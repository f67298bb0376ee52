"""Concentration: does one source decide what the model learns?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.counts import Contingency
from dq_pipeline.families.check import Check
from dq_pipeline.families.dimensions import declared_domain, label_table
from dq_pipeline.families.family import Family
from dq_pipeline.families.policy import Policy, ShareCeiling
from dq_pipeline.families.verdict import shown
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.shares import effective_number, hhi, largest_share, share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from dq_pipeline.counts import Cells, Counts
    from dq_pipeline.families.check import Finding

MEASURES: dict[str, Callable[[NDArray[np.int64]], Estimate]] = {
    "largest_share": largest_share,
    "hhi": hhi,
    "effective_sources": effective_number,
}
UNKNOWN = "(unknown)"
"""How an item without a source is shown: a value of its own."""


class ConcentrationPolicy(Policy):
    """How much of the data one source may give.

    Attributes:
        largest_share: Where the largest source's share warns and blocks.
        hhi: Where the Herfindahl-Hirschman index warns and blocks; two even sources have .5.
    """

    largest_share: ShareCeiling = ShareCeiling(warn=0.5, block=0.8)
    hhi: ShareCeiling = ShareCeiling(warn=0.25)


class Concentration(Family[ConcentrationPolicy]):
    """Largest share, HHI and effective number of sources, overall and by label."""

    name = "concentration"
    Policy = ConcentrationPolicy

    def silent(self) -> str | None:
        """Without a source there is nothing to concentrate."""
        return None if self.spec.items and self.spec.items.source else "the spec names no items.source"

    def checks(self) -> list[Check]:
        """The two measures overall; by label they are told, not judged."""
        titles = {"largest_share": "The largest source's share", "hhi": "The sources' HHI"}
        policies = {"largest_share": self.policy.largest_share, "hhi": self.policy.hhi}
        return [
            Check(
                f"concentration_{name}",
                self.name,
                "items",
                name,
                title,
                "items",
                bounds=policies[name].bounds(name),
                require_evidence=self.policy.require_evidence,
            )
            for name, title in titles.items()
        ]

    def requests(self) -> list[Contingency]:
        """Items by source, and labels by source."""
        return [self._overall, *([self._by_label] if self._labelled else [])]

    def measure(self, counts: Counts) -> list[Measure]:
        """largest_share, hhi and effective_sources overall and by label; share by source."""
        sources: Cells = counts[self._overall]
        total = int(sources.counts.sum())
        rows = [
            self._row("share", "items", share(int(count), total), "source", key[0] or UNKNOWN)
            for key, count in zip(sources.keys, sources.counts, strict=True)
        ]
        rows += [self._row(name, "items", estimate(sources.counts)) for name, estimate in MEASURES.items()]
        if self._labelled:
            rows += self._of_labels(counts[self._by_label])
        return rows

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """How many items of other sources bring the largest one under the bound."""
        shares = [row for row in measures if row.by == "source" and row.estimate.value is not None]
        if finding.verdict == "insufficient" or not shares:
            return "Name the source of the items."
        largest = max(shares, key=lambda row: row.estimate.value or 0.0)
        n, p = largest.estimate.n, largest.estimate.value or 0.0
        if finding.check.measure == "largest_share" and finding.bound is not None and finding.bound.at_most:
            wanted = max(round(n * p / finding.bound.at_most) - n, 1)
            return f"Collect {wanted:,} items from sources other than {largest.key!r}, or train on fewer of its {round(n * p):,}."
        return f"Collect items from more sources: {largest.key!r} gives {shown(p)} of {n:,}."

    @property
    def _overall(self) -> Contingency:
        return Contingency("items", ("source",))

    @property
    def _labelled(self) -> str | None:
        return label_table(self.spec)

    @property
    def _by_label(self) -> Contingency:
        return Contingency(self._labelled or "items", ("label", "source"))

    def _of_labels(self, cells: Cells) -> list[Measure]:
        declared = declared_domain(self.spec, "label")
        labels = (*declared, *(label for label in cells.values("label") if label not in declared))
        sources = tuple(dict.fromkeys(key[1] for key in cells.keys))
        grid = cells.dense(labels, sources)
        return [
            self._row(name, cells_table, estimate(grid[place]), "label", label)
            for cells_table in (self._labelled or "items",)
            for place, label in enumerate(labels)
            for name, estimate in MEASURES.items()
        ]

    def _row(
        self, measure: str, table: str, estimate: Estimate, by: str | None = None, key: str | None = None
    ) -> Measure:
        return Measure(self.name, measure, table, estimate, by, key)
