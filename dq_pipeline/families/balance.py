"""Balance: is every label, and every label under every condition, there often enough to be learned?"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts import Contingency
from dq_pipeline.families.balance_policy import BalancePolicy
from dq_pipeline.families.balance_words import remedy_of, sentence_of
from dq_pipeline.families.cells import cell_in_words, cell_of
from dq_pipeline.families.check import Bound, Check, with_plain_names
from dq_pipeline.families.composition import Composition, missing_counts, others, table_of
from dq_pipeline.families.dimensions import (
    condition_names,
    declared_domain,
    dimensions,
    label_table,
    numeric_conditions,
)
from dq_pipeline.families.family import Family
from dq_pipeline.families.gap import Gap
from dq_pipeline.families.mix import Mix, ratios_to, wanted_shares
from dq_pipeline.families.sampling_weights import thin_cells, weights
from dq_pipeline.families.verdict import shown
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.keys import MISSING, key_of
from dq_pipeline.measures.shares import imbalance_ratio, normalised_entropy, share
from dq_pipeline.spec import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dq_pipeline.counts import Counts
    from dq_pipeline.families.check import Finding
    from dq_pipeline.families.composition import Grid
    from dq_pipeline.families.handout import Handout
    from dq_pipeline.spec import SpecSource

LISTED = 1000
"""Values of a condition up to which it is one: with more, its rarer values are counted together."""


class Balance(Family[BalancePolicy]):
    """Shares, evenness and gaps of labels and conditions, the cells of two dimensions, and what is missing."""

    name = "balance"
    Policy = BalancePolicy

    def silent(self) -> str | None:
        """Without labels or conditions there is nothing to balance."""
        if label_table(self.spec) is None and not condition_names(self.spec):
            return "the spec names no labels and no conditions"
        return None

    def refuse(self, source: SpecSource) -> None:
        """Refuse cells and targets over dimensions that the spec does not name, and production's mix without production."""
        known = dimensions(self.spec)
        asked: list[tuple[tuple[str | int, ...], str]] = [
            (("cells", place), name) for place, pair in enumerate(self.policy.cells or ()) for name in pair
        ]
        asked += [(("target", name), name) for name in self.policy.target]
        for at, name in asked:
            if name not in known:
                raise InputError(
                    source.where(("checks", "balance", *at)),
                    found=f"unknown dimension {name!r}",
                    expected=f"among {', '.join(known)}",
                    fix=f"add {name!r} to items.conditions, or take it out",
                )
        for name, mix in self.policy.target.items():
            production = self.spec.production
            if mix == "production" and (
                production is None or (known[name] == "label" and not production.label)
            ):
                raise InputError(
                    source.where(("checks", "balance", "target", name)),
                    found="production's mix, and no production" + (".label" if production else ""),
                    expected="a production table that has it",
                    fix="name production.label" if production else "name `production`",
                )

    def checks(self) -> list[Check]:
        """The labels' imbalance, the thinnest cell of each pair, the mix against its target, what is missing, unlisted values."""
        made = []
        policy = self.policy
        table = label_table(self.spec)
        if table is not None and "label" not in self._targets:
            bounds = policy.imbalance_ratio.bounds("imbalance_ratio", "label")
            made.append(
                self._check(
                    "imbalance_ratio",
                    table,
                    "imbalance_ratio",
                    "The labels' imbalance ratio",
                    "label",
                    bounds,
                )
            )
        if bounds := self._condition_bounds():
            title = "The imbalance ratio"
            made.append(
                self._check(
                    "imbalance_ratio_condition", "items", "imbalance_ratio", title, "condition", bounds
                )
            )
        for pair in self._pairs:
            by = ",".join(pair)
            bound = Bound("warn", "cell_count", at_least=policy.min_cell, by=by)
            title = f"The count of {pair[0]} x {pair[1]}"
            made.append(
                self._check(
                    f"cells_{pair[0]}_{pair[1]}", table_of(self.spec, pair), "cell_count", title, by, (bound,)
                )
            )
        for dim in self._targets:
            bounds = policy.target_ratio.bounds("target_ratio", dim)
            title = f"The wanted share over the share of {dim}"
            made.append(
                self._check(
                    f"target_ratio_{dim}", table_of(self.spec, (dim,)), "target_ratio", title, dim, bounds
                )
            )
        if condition_names(self.spec):
            bounds = policy.missing_share.bounds("missing_share", "condition")
            made.append(
                self._check(
                    "missing_share",
                    "items",
                    "missing_share",
                    "The share of rows without a value",
                    "condition",
                    bounds,
                )
            )
            bound = Bound("warn", "distinct_values", at_most=LISTED, by="condition")
            made.append(
                self._check(
                    "distinct_values",
                    "items",
                    "distinct_values",
                    "The number of different values",
                    "condition",
                    (bound,),
                )
            )
        return with_plain_names(made)

    def requests(self) -> list[Contingency]:
        """The counts of each dimension alone, of each pair, of production where it is the target, and of all items."""
        wanted = [Contingency(table_of(self.spec, dims), dims) for dims in (*self._single, *self._pairs)]
        wanted += [
            Contingency("production", (dim,)) for dim, mix in self._targets.items() if mix == "production"
        ]
        return [*wanted, *([Contingency("items", ())] if self.spec.labels.separator else [])]

    def measure(self, counts: Counts) -> list[Measure]:
        """share, imbalance_ratio, normalised_entropy and target_ratio by dimension, cells by pair, and what is missing."""
        seen = Composition(self.spec, counts)
        rows: list[Measure] = []
        for (dim,) in self._single:
            rows += self._one_way(dim, seen)
        for name in condition_names(self.spec):
            rows += self._missing(name, seen)
        for pair in self._pairs:
            rows += self._two_way(pair, seen)
        for dim, mix in self._targets.items():
            production = seen.rows(dim, "production").values if mix == "production" else None
            ratios = ratios_to(mix, seen.rows(dim).values, production)
            rows += [
                self._row("target_ratio", (dim,), estimate, dim, value) for value, estimate in ratios.items()
            ]
        return rows

    def sentence(self, finding: Finding, measures: Sequence[Measure]) -> str | None:
        """The texts that hide missing values, and the values that are declared and never occur."""
        return sentence_of(finding, measures, numeric_conditions(self.spec))

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """How many rows of what to collect."""
        domain, numeric = declared_domain(self.spec, "label"), numeric_conditions(self.spec)
        return remedy_of(finding, measures, domain, numeric)

    def gaps(self, measures: Sequence[Measure]) -> list[Gap]:
        """The items that each cell lacks of `min_cell`; of cells of annotations, as many as bring so many annotations."""
        items = next((row.estimate.n for row in measures if row.measure == "missing_share"), 0)
        made = []
        for row in measures:
            if row.measure != "cell_count" or row.estimate.value is None:
                continue
            have, each = int(row.estimate.value), 1.0
            if row.table == "annotations" and items:
                each = max(row.estimate.n / items, 1.0)
            if self._is_undeclared(cell_of(row).get("label")):
                continue
            if (lacking := self.policy.min_cell - have) > 0:
                told = f"{have:,} {'rows' if row.table == 'items' else f'annotations, {shown(each)} an item'}"
                rows = math.ceil(lacking / each)
                reason = f"{cell_in_words(row)}: {told}"
                made.append(Gap(cell_of(row), rows, self.name, "cell_count", reason))
        return made

    def _is_undeclared(self, label: str | None) -> bool:
        """Whether a label is not one of the declared ones: its rows are to be mended, and none collected."""
        declared = declared_domain(self.spec, "label")
        return label is not None and bool(declared) and label not in declared

    def handouts(self, counts: Counts) -> list[Handout]:
        """Sampling weights of every dimension and pair, and what thin cells lack."""
        seen = Composition(self.spec, counts)
        singles = {}
        for (dim,) in self._single:
            own, mix = seen.rows(dim).values, self._targets.get(dim, "uniform")
            production = seen.rows(dim, "production").values if mix == "production" else None
            singles[dim] = own, wanted_shares(mix, own, production)
        grids = {pair: seen.grid(pair) for pair in self._pairs}
        return [weights(singles, grids), thin_cells(grids, self.policy.min_cell)]

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

    @property
    def _targets(self) -> dict[str, Mix]:
        return {dimensions(self.spec)[name]: mix for name, mix in self.policy.target.items()}

    def _condition_bounds(self) -> tuple[Bound, ...]:
        """What judges the ratios of conditions that have no target: a warning for all, a block where values are declared."""
        policy = self.policy.condition_ratio
        judged = [name for name in condition_names(self.spec) if name not in self._targets]
        if not judged or (self.spec.production and "condition_ratio" not in self.policy.model_fields_set):
            return ()
        made = []
        for bound in policy.bounds("imbalance_ratio", "condition"):
            names = [name for name in judged if bound.severity == "warn" or declared_domain(self.spec, name)]
            every = len(names) == len(condition_names(self.spec))
            made += [bound] if every else [replace(bound, key=name) for name in names]
        return tuple(made)

    def _one_way(self, dim: str, seen: Composition) -> Iterator[Measure]:
        rows = seen.rows(dim)
        counts = np.array(list(rows.values.values()), dtype=np.int64)
        for value, count in rows.values.items():
            yield self._row("share", (dim,), share(count, rows.total), dim, value)
        if rows.without:
            yield self._row("share", (dim,), share(rows.without, rows.total), dim, MISSING)
        if rows.tail is not None:
            rest = others(rows.tail.distinct)
            yield self._row("share", (dim,), share(rows.tail.rows, rows.total), dim, rest)
        yield self._row("imbalance_ratio", (dim,), imbalance_ratio(counts), dim)
        if dim != "label":
            yield self._row("imbalance_ratio", (dim,), imbalance_ratio(counts), "condition", dim)
        yield self._row("normalised_entropy", (dim,), normalised_entropy(counts), dim)

    def _missing(self, name: str, seen: Composition) -> Iterator[Measure]:
        rows = seen.rows(name)
        yield self._row("missing_share", (name,), share(rows.without, rows.total), "condition", name)
        yield from missing_counts(rows, self.name, name)
        distinct = (
            Estimate(float(rows.distinct), n=rows.total) if rows.total else Estimate(None, status="empty")
        )
        yield self._row("distinct_values", (name,), distinct, "condition", name)

    def _two_way(self, pair: tuple[str, str], seen: Composition) -> Iterator[Measure]:
        grid, by = seen.grid(pair), ",".join(pair)
        total = int(grid.rows.sum())
        for (i, first), (j, second) in product(enumerate(grid.firsts), enumerate(grid.seconds)):
            count = Estimate(float(grid.rows[i, j]), n=total) if total else Estimate(None, status="empty")
            yield self._row("cell_count", pair, count, by, key_of((first, second)))
        if pair[0] == "label":
            yield from self._label_shares(pair, grid, seen)

    def _label_shares(self, pair: tuple[str, str], grid: Grid, seen: Composition) -> Iterator[Measure]:
        """The share of each label among the rows of each value of a condition."""
        several = self.spec.labels.separator is not None
        of_items = seen.rows(pair[1]).values
        for j, second in enumerate(grid.seconds):
            total = of_items[second] if several else int(grid.rows[:, j].sum())
            for i, first in enumerate(grid.firsts):
                estimate = share(int(grid.rows[i, j]), total)
                yield self._row("label_share", pair, estimate, ",".join(pair), key_of((first, second)))

    def _row(
        self, measure: str, dims: tuple[str, ...], estimate: Estimate, by: str, key: str | None = None
    ) -> Measure:
        return Measure(self.name, measure, table_of(self.spec, dims), estimate, by, key)

    def _check(
        self, name: str, table: str, measure: str, title: str, by: str, bounds: tuple[Bound, ...]
    ) -> Check:
        evidence = self.policy.require_evidence
        several = self.spec.labels.separator is not None and "label" in by.split(",")
        unit = "labels" if several else "rows"
        return Check(f"balance_{name}", self.name, table, measure, title, unit, by, bounds, evidence)
