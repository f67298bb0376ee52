"""Balance: is every label, and every label under every condition, there often enough to be learned?"""

from __future__ import annotations

import math
import re
from itertools import product
from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from dq_pipeline.counts import Contingency
from dq_pipeline.families.check import Bound, Check
from dq_pipeline.families.dimensions import condition_names, declared_domain, dimensions, label_table
from dq_pipeline.families.family import Family
from dq_pipeline.families.policy import Policy, RatioCeiling
from dq_pipeline.families.verdict import shown
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.shares import imbalance_ratio, normalised_entropy, share
from dq_pipeline.spec import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.counts import Cells, Counts
    from dq_pipeline.families.check import Finding
    from dq_pipeline.spec import SpecSource


class BalancePolicy(Policy):
    """How uneven the labels may be, and how few rows a cell may hold.

    Attributes:
        imbalance_ratio: Where the ratio of the most to the least frequent label warns and blocks.
        cells: Pairs of dimensions whose cells need `min_cell` rows; label x each condition unless said.
        min_cell: Fewest rows of a cell before it warns; 30 lets one say anything at all.
    """

    imbalance_ratio: RatioCeiling = RatioCeiling(warn=10, block=100)
    cells: tuple[tuple[str, str], ...] | None = None
    min_cell: int = Field(default=30, ge=0)

    @field_validator("cells")
    @classmethod
    def _pairs_differ(cls, value: tuple[tuple[str, str], ...] | None) -> tuple[tuple[str, str], ...] | None:
        for first, second in value or ():
            if first == second:
                raise ValueError(f"a cell crosses two dimensions (found [{first}, {second}])")
        return value


class Balance(Family[BalancePolicy]):
    """Shares, imbalance ratio and evenness of labels and conditions, and the cells of two dimensions."""

    name = "balance"
    Policy = BalancePolicy

    def silent(self) -> str | None:
        """Without labels or conditions there is nothing to balance."""
        if label_table(self.spec) is None and not condition_names(self.spec):
            return "the spec names no labels and no conditions"
        return None

    def refuse(self, source: SpecSource) -> None:
        """Refuse cells over dimensions that the spec does not name."""
        known = dimensions(self.spec)
        for place, pair in enumerate(self.policy.cells or ()):
            for name in pair:
                if name not in known:
                    raise InputError(
                        source.where(("checks", "balance", "cells", place)),
                        found=f"unknown dimension {name!r}",
                        expected=f"two of {', '.join(known)}",
                        fix=f"add {name!r} to items.conditions, or take the pair out",
                    )

    def checks(self) -> list[Check]:
        """The labels' imbalance, and for each pair of dimensions its thinnest cell."""
        made = []
        table = label_table(self.spec)
        if table is not None:
            bounds = self.policy.imbalance_ratio.bounds("imbalance_ratio", "label")
            made.append(
                self._check(
                    "balance_imbalance_ratio",
                    table,
                    "imbalance_ratio",
                    "The labels' imbalance ratio",
                    "label",
                    bounds,
                )
            )
        for pair in self._pairs:
            by = ",".join(pair)
            bound = Bound("warn", "cell_count", at_least=self.policy.min_cell, by=by)
            name = re.sub(r"[^A-Za-z0-9_]", "_", f"balance_cells_{pair[0]}_{pair[1]}")
            made.append(
                self._check(
                    name, self._table(pair), "cell_count", f"The count of {pair[0]} x {pair[1]}", by, (bound,)
                )
            )
        return made

    def requests(self) -> list[Contingency]:
        """The counts of each dimension alone and of each pair."""
        return [Contingency(self._table(dims), dims) for dims in (*self._single, *self._pairs)]

    def measure(self, counts: Counts) -> list[Measure]:
        """Share by dimension, imbalance_ratio and normalised_entropy by dimension, cell_count by pair."""
        rows: list[Measure] = []
        domains: dict[str, tuple[str, ...]] = {}
        for dims in self._single:
            cells: Cells = counts[Contingency(self._table(dims), dims)]
            domains[dims[0]] = self._domain(dims[0], cells)
            rows += self._one_way(dims[0], cells, domains[dims[0]])
        for pair in self._pairs:
            crossed: Cells = counts[Contingency(self._table(pair), pair)]
            grid = crossed.dense(domains[pair[0]], domains[pair[1]])
            total = int(grid.sum())
            rows += [
                self._row(
                    "cell_count",
                    self._table(pair),
                    Estimate(float(grid[i, j]), n=total),
                    ",".join(pair),
                    f"{first}|{second}",
                )
                for (i, first), (j, second) in product(
                    enumerate(domains[pair[0]]), enumerate(domains[pair[1]])
                )
            ]
        return rows

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """How many rows of what to collect."""
        worst = finding.worst
        if worst is not None and worst.estimate.status == "no_variation":
            return "Declare the other labels under labels.values and collect rows of them, if there are any."
        if worst is None or finding.verdict == "insufficient":
            return "Label some items: there is nothing to balance yet."
        if worst.measure == "cell_count":
            missing = sum(self.policy.min_cell - int(row.estimate.value or 0) for row in finding.failing)
            first = self.policy.min_cell - int(worst.estimate.value or 0)
            of_all = (
                f" ({missing:,} over all {len(finding.failing)} thin cells)"
                if len(finding.failing) > 1
                else ""
            )
            return f"Collect {first:,} rows of {worst.key}{of_all}."
        shares = [
            row
            for row in measures
            if row.measure == "share" and row.by == worst.by and row.estimate.value is not None
        ]
        if not shares or finding.bound is None or finding.bound.at_most is None:
            return "Collect rows of the rarest values."
        most = max(shares, key=lambda row: row.estimate.value or 0.0)
        least = min(shares, key=lambda row: row.estimate.value or 0.0)
        rows = most.estimate.n
        wanted = math.ceil(rows * (most.estimate.value or 0.0) / finding.bound.at_most) - round(
            rows * (least.estimate.value or 0.0)
        )
        return f"Collect {max(wanted, 1):,} rows of {least.key!r}, or down-weight {most.key!r} ({shown(most.estimate.value)} of the rows)."

    @property
    def _single(self) -> tuple[tuple[str], ...]:
        labels = ("label",) if label_table(self.spec) else ()
        return tuple((name,) for name in (*labels, *condition_names(self.spec)))

    @property
    def _pairs(self) -> tuple[tuple[str, str], ...]:
        if self.policy.cells is not None:
            known = dimensions(self.spec)
            return tuple((known[first], known[second]) for first, second in self.policy.cells)
        return tuple(("label", name) for name in condition_names(self.spec)) if label_table(self.spec) else ()

    def _table(self, dims: tuple[str, ...]) -> str:
        return (label_table(self.spec) or "items") if "label" in dims else "items"

    def _domain(self, dim: str, cells: Cells) -> tuple[str, ...]:
        declared = declared_domain(self.spec, dim)
        return (*declared, *(value for value in cells.values(dim) if value not in declared))

    def _one_way(self, dim: str, cells: Cells, domain: tuple[str, ...]) -> list[Measure]:
        counts, table = cells.dense(domain), self._table((dim,))
        total = int(counts.sum())
        return [
            *(
                self._row("share", table, share(int(n), total), dim, value)
                for value, n in zip(domain, counts, strict=True)
            ),
            self._row("imbalance_ratio", table, imbalance_ratio(counts), dim),
            self._row("normalised_entropy", table, normalised_entropy(counts), dim),
        ]

    def _row(self, measure: str, table: str, estimate: Estimate, by: str, key: str | None = None) -> Measure:
        return Measure(self.name, measure, table, estimate, by, key)

    def _check(
        self, name: str, table: str, measure: str, title: str, by: str, bounds: tuple[Bound, ...]
    ) -> Check:
        evidence = self.policy.require_evidence
        return Check(name, self.name, table, measure, title, "rows", by, bounds, evidence)
