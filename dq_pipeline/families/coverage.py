"""Coverage: does training hold what production brings?"""

from __future__ import annotations

import math
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from dq_pipeline.counts import DomainFeatureSample, DomainSample, Newest, Part, Representation
from dq_pipeline.families.cells import cell_in_words
from dq_pipeline.families.check import ANY, Check
from dq_pipeline.families.comparison import Comparison
from dq_pipeline.families.dimensions import condition_names, split_known
from dq_pipeline.families.family import Family
from dq_pipeline.families.policy import DaysCeiling, Policy, ShareCeiling, ShareRatioCeiling
from dq_pipeline.families.verdict import limit, number_of, shown
from dq_pipeline.measures.domain import domain_auc, domain_auc_of_features
from dq_pipeline.measures.drift import jensen_shannon, psi
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.shares import share
from dq_pipeline.spec import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dq_pipeline.counts import Compared, Counts, DomainFeatures, Domains, Request
    from dq_pipeline.families.check import Bound, Finding
    from dq_pipeline.families.gap import Gap
    from dq_pipeline.spec import SpecSource

MOST_COMBINATIONS = 3000
"""Combinations of conditions that one pass can group by without running away."""


class CoveragePolicy(Policy):
    """How much rarer in training than in production a cell may be, and how much of production may be all but unseen.

    Attributes:
        ways: How many conditions a cell crosses at most.
        conditions: The conditions to cross; all of them unless said.
        representation_ratio: Where production's share of a cell over training's warns and blocks.
        min_share: Least share of production for a cell's ratio to be judged.
        min_production: Fewest rows of production for a cell that training lacks to be judged.
        uncovered_mass: Where the share of production in cells with fewer than `min_cell` training rows warns and blocks.
        min_cell: Fewest training rows of a covered cell.
        production_age: Where the days since the newest row of production warn and block.
        domain_classifier: Whether to tell how well a classifier parts production from training, by the conditions and by
            the items' features where production has them too (needs scikit-learn).
        validation_ratio: The same as representation_ratio for validation against production, and against training.
    """

    ways: Literal[1, 2, 3] = 2
    conditions: tuple[str, ...] | None = Field(default=None, min_length=1)
    representation_ratio: ShareRatioCeiling = ShareRatioCeiling(warn=3, block=10)
    min_share: float = Field(default=0.005, gt=0, le=1)
    min_production: int = Field(default=5, ge=1)
    uncovered_mass: ShareCeiling = ShareCeiling(warn=0.01, block=0.05)
    min_cell: int = Field(default=30, ge=1)
    production_age: DaysCeiling = DaysCeiling(warn=90)
    domain_classifier: bool = False
    validation_ratio: ShareRatioCeiling = ShareRatioCeiling(warn=3)


class Coverage(Family[CoveragePolicy]):
    """Training against production in every cell of the conditions, and validation against both."""

    name = "coverage"
    Policy = CoveragePolicy

    def silent(self) -> str | None:
        """Without conditions, or without a second sample, there is nothing to compare."""
        if not condition_names(self.spec):
            return "the spec names no items.conditions"
        if self.spec.production is None and not split_known(self.spec):
            return "the spec names no production"
        return None

    def refuse(self, source: SpecSource) -> None:
        """Refuse conditions that the spec does not name, more combinations than can be crossed, a library that is not there."""
        if self.policy.domain_classifier and find_spec("sklearn") is None:
            raise InputError(
                source.where(("checks", "coverage", "domain_classifier")),
                found="scikit-learn is not installed",
                expected="the library of the classifier",
                fix="pip install scikit-learn, or take `domain_classifier` out",
            )
        known = condition_names(self.spec)
        for place, name in enumerate(self.policy.conditions or ()):
            if name not in known:
                raise InputError(
                    source.where(("checks", "coverage", "conditions", place)),
                    found=f"unknown condition {name!r}",
                    expected=f"one of {', '.join(known) or 'items.conditions, which are not named'}",
                    fix=f"add {name!r} to items.conditions, or take it out",
                )
        wanted = sum(math.comb(len(self._conditions), way) for way in range(1, self.policy.ways + 1))
        if wanted > MOST_COMBINATIONS:
            raise InputError(
                source.where(("checks", "coverage", "ways")),
                found=f"{wanted:,} combinations of {len(self._conditions)} conditions",
                expected=f"at most {MOST_COMBINATIONS:,}",
                fix="name fewer conditions under checks.coverage.conditions, or lower `ways`",
            )

    def checks(self) -> list[Check]:
        """The ratio of each comparison over all cells; the uncovered mass; the age of the production sample."""
        made = [self._ratio_check(one) for one in self._comparisons]
        if self.spec.production is not None:
            made.append(
                self._check(
                    "uncovered_mass",
                    f"The share of production in cells with fewer than {self.policy.min_cell} training rows",
                    "production rows",
                    self.policy.uncovered_mass.bounds("uncovered_mass"),
                )
            )
            if self.spec.production.time:
                made.append(
                    self._check(
                        "production_age",
                        "The age in days of the newest production row",
                        "production rows",
                        self.policy.production_age.bounds("production_age"),
                    )
                )
        return made

    def requests(self) -> list[Request]:
        """Every comparison, and the newest time of production."""
        dated = self.spec.production is not None and self.spec.production.time
        made: list[Request] = [self._request(one) for one in self._comparisons]
        if dated:
            made.append(Newest("production"))
        if self._classified:
            made.append(self._domains)
            made += self._domains_by_features
        return made

    def measure(self, counts: Counts) -> list[Measure]:
        """representation_ratio, uncovered_mass, unseen_share, counts, psi and jensen_shannon by condition(s)."""
        rows: dict[tuple[str, str | None, str | None], Measure] = {}
        for comparison in self._comparisons:
            compared: list[Compared] = counts[self._request(comparison)]
            # Two comparisons may share a sample, and count its cells but once.
            for row in comparison.rows(compared):
                rows.setdefault((row.measure, row.by, row.key), row)
            if comparison.measure == "representation_ratio":
                for row in self._of_mass(compared):
                    rows[row.measure, row.by, row.key] = row
        made = list(rows.values())
        if self.spec.production is not None and self.spec.production.time:
            made.append(self._row("production_age", _age(counts[Newest("production")])))
        if self._classified:
            domains: Domains = counts[self._domains]
            made.append(self._row("domain_auc", domain_auc(domains.keys, domains.reference, domains.target)))
            for request in self._domains_by_features:
                of_features: DomainFeatures | None = counts[request]
                if of_features is not None:
                    area = domain_auc_of_features(of_features.features, of_features.side)
                    made.append(self._row("domain_auc", area, "columns", "features"))
        return made

    def sentence(self, finding: Finding, measures: Sequence[Measure]) -> str | None:
        """A ratio in its own words."""
        if finding.check.measure == "production_age" and finding.worst is not None:
            return _age_in_words(finding)
        comparison = self._comparison_of(finding.check)
        if comparison is None or finding.verdict == "insufficient":
            return None
        return comparison.sentence(finding, measures)

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """How many rows of the worst cell to collect, or what to export again."""
        worst, comparison = finding.worst, self._comparison_of(finding.check)
        if finding.check.measure == "production_age":
            return "Export a newer sample of production."
        if finding.verdict == "insufficient" or worst is None:
            one, other = comparison.names if comparison is not None else ("training", "production")
            return f"Take larger samples of {one} and {other}: there is too little to compare."
        if comparison is None:
            thin = [gap for gap in self.gaps(measures) if gap.fewest > 0]
            if not thin:
                return "Collect rows of the rarest values of the conditions, or declare fewer values."
            first = max(thin, key=lambda gap: gap.fewest)
            more = f"; collect.csv has {len(thin) - 1:,} more thin cells" if len(thin) > 1 else ""
            return f"Collect {number_of(first.fewest, 'rows')} of {first.words}{more}."
        where = " for validation" if comparison.reference.split == "validation" else ""
        return f"Collect {number_of(comparison.gap_of(worst, measures), 'rows')} of {cell_in_words(worst)}{where}."

    def gaps(self, measures: Sequence[Measure]) -> list[Gap]:
        """The rows that training lacks for every listed cell to keep its ratio, and to be covered."""
        if self.spec.production is None:
            return []
        return self._comparisons[0].gaps(measures, self.policy.min_cell, "train")

    @property
    def _conditions(self) -> tuple[str, ...]:
        return self.policy.conditions or condition_names(self.spec)

    @property
    def _comparisons(self) -> tuple[Comparison, ...]:
        split = split_known(self.spec)
        training, validation = Part("items", "train" if split else None), Part("items", "validation")
        production = Part("production")
        policy, fewest = self.policy, self.policy.min_production
        made = []
        if self.spec.production is not None:
            names, ratio = ("training", "production"), policy.representation_ratio
            made.append(
                Comparison(
                    "representation_ratio", "unseen_share", training, production, names, ratio, True, fewest
                )
            )
        against = [("production", production)] if self.spec.production is not None else []
        for name, target in [*against, ("training", training)] if split else ():
            measure, unseen = f"validation_{name}_ratio", f"validation_{name}_unseen_share"
            made.append(
                Comparison(
                    measure,
                    unseen,
                    validation,
                    target,
                    ("validation", name),
                    policy.validation_ratio,
                    False,
                    fewest,
                )
            )
        return tuple(made)

    @property
    def _classified(self) -> bool:
        return self.policy.domain_classifier and self.spec.production is not None

    @property
    def _domains(self) -> DomainSample:
        return DomainSample(self._comparisons[0].reference, self._comparisons[0].target, self._conditions)

    @property
    def _domains_by_features(self) -> list[DomainFeatureSample]:
        """The sample of features; none where the items have none."""
        features = self.spec.items.features if self.spec.items else ()
        first = self._comparisons[0]
        return [DomainFeatureSample(first.reference, first.target, features)] if features else []

    def _comparison_of(self, check: Check) -> Comparison | None:
        return next((one for one in self._comparisons if one.measure == check.measure), None)

    def _request(self, comparison: Comparison) -> Representation:
        return Representation(
            comparison.reference,
            comparison.target,
            self._conditions,
            self.policy.ways,
            self.policy.min_share,
            self.policy.min_cell,
        )

    def _ratio_check(self, comparison: Comparison) -> Check:
        reference, target = comparison.names
        title = f"The share of {target} over that of {reference}"
        return self._check(comparison.measure, title, f"rows of {target}", comparison.bounds, ANY)

    def _check(
        self, measure: str, title: str, unit: str, bounds: tuple[Bound, ...], by: str | None = None
    ) -> Check:
        evidence = self.policy.require_evidence
        return Check(f"coverage_{measure}", self.name, "items", measure, title, unit, by, bounds, evidence)

    def _of_mass(self, compared: Sequence[Compared]) -> Iterator[Measure]:
        """The uncovered mass of each combination, the largest, and the distances of each condition alone.

        Overall the cells of several conditions count only from `min_share` up: the rarest of them are thin in any sample.
        """
        worst, rows = 0, compared[0].target_rows
        for one in compared:
            by = ",".join(one.dims)
            yield self._row("uncovered_mass", share(one.uncovered, rows), by)
            worst = max(worst, int(one.target[one.reference < self.policy.min_cell].sum()))
            if len(one.dims) == 1:
                yield self._row("psi", psi(one.reference, one.target), by)
                yield self._row("jensen_shannon", jensen_shannon(one.reference, one.target), by)
        yield self._row("uncovered_mass", share(worst, rows))

    def _row(
        self, measure: str, estimate: Estimate, by: str | None = None, key: str | None = None
    ) -> Measure:
        return Measure(self.name, measure, "items", estimate, by, key)


def _age_in_words(finding: Finding) -> str | None:
    """How old the newest row of production is; None where no row has a time."""
    age = finding.worst.estimate.value if finding.worst else None
    if age is None:
        return None
    judged = f"; the limit is {limit(finding.bound)}" if finding.bound else ""
    return f"The newest row of production is {shown(age)} days old{judged}."


def _age(newest: int | None) -> Estimate:
    """The days since a time in seconds since 1970; n is 1. Status `empty` without one."""
    if newest is None:
        return Estimate(None, status="empty")
    return Estimate((time.time() - newest) / 86400, n=1)
