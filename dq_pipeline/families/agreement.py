"""Agreement: do annotators read the guideline alike?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from dq_pipeline.counts import PatternHistogram, Patterns
from dq_pipeline.families.check import Bound, Check
from dq_pipeline.families.family import Family
from dq_pipeline.families.policy import AgreementFloor, Policy
from dq_pipeline.families.verdict import shown
from dq_pipeline.measures.alpha import krippendorff_alpha
from dq_pipeline.measures.chance_corrected import (
    fleiss_kappa,
    gwet_ac1,
    percent_agreement,
    specific_agreement,
)
from dq_pipeline.measures.estimate import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts import Counts
    from dq_pipeline.families.check import Finding
    from dq_pipeline.spec.model import Level


NUMBER = r"[-+]?(?:[0-9]{1,30}(?:\.[0-9]{0,60})?|\.[0-9]{1,60})(?:[eE][-+]?[0-9]{1,2})?"
"""A number as text whose square a double holds: 1e400 is none, and would make alpha undefined without a word."""
RELIEF_AC1 = 0.8
RELIEF_SPECIFIC = 0.7
"""High raw agreement with low alpha is the prevalence paradox where AC1 and every label's own agreement are this high."""


class AgreementPolicy(Policy):
    """Krippendorff (2004): below .667 nothing can be concluded, from .80 on one may.

    Attributes:
        krippendorff_alpha: Where alpha at the dataset's level of measurement warns and blocks.
        min_items: Fewest items with two votes or more for alpha to be judged.
        min_votes: Fewest votes for a label's own agreement to count.
    """

    krippendorff_alpha: AgreementFloor = AgreementFloor(warn=0.8, block=0.667)
    min_items: int = Field(default=100, ge=2)
    min_votes: int = Field(default=30, ge=1)


class Agreement(Family[AgreementPolicy]):
    """Alpha at the declared level with its companions: AC1, percent agreement, agreement by label."""

    name = "agreement"
    Policy = AgreementPolicy

    def silent(self) -> str | None:
        """Without annotations there is nobody to agree."""
        return None if self.spec.annotations else "the spec names no annotations"

    def checks(self) -> list[Check]:
        """One: alpha, softened where it suffers from prevalence only; never blocking where disagreement is data."""
        floor = self.policy.krippendorff_alpha
        bounds = floor.bounds("krippendorff_alpha")
        if floor.block is not None:
            unsettled = Bound("warn", "krippendorff_alpha", at_least=floor.block, column="low")
            reliefs = (
                Bound("relief", "gwet_ac1", at_least=RELIEF_AC1),
                Bound("relief", "specific_agreement", at_least=RELIEF_SPECIFIC, by="label"),
            )
            bounds = (*bounds, unsettled, *reliefs)
        if self.spec.labels.paradigm == "descriptive":
            bounds = tuple(replace(bound, severity="warn") for bound in bounds if bound.severity != "relief")
        return [
            Check(
                "agreement_krippendorff_alpha",
                self.name,
                "annotations",
                "krippendorff_alpha",
                f"Krippendorff's alpha ({self.spec.labels.level})",
                "items with two votes or more",
                bounds=bounds,
                require_evidence=self.policy.require_evidence,
            )
        ]

    def requests(self) -> list[Patterns]:
        """The pattern histogram."""
        return [self._patterns]

    def measure(self, counts: Counts) -> list[Measure]:
        """Alpha, AC1, Fleiss' kappa, percent agreement overall; specific agreement by label."""
        seen = self._on_scale(counts[self._patterns])
        vectors, items = seen.vectors, seen.items
        alpha = krippendorff_alpha(vectors, items, *self._scale(seen))
        if alpha.status == "ok" and alpha.n < self.policy.min_items:
            alpha = replace(alpha, status="too_few_units")
        overall = {
            "krippendorff_alpha": alpha,
            "gwet_ac1": gwet_ac1(vectors, items),
            "fleiss_kappa": fleiss_kappa(vectors, items),
            "percent_agreement": percent_agreement(vectors, items),
        }
        rows = [Measure(self.name, name, "annotations", estimate) for name, estimate in overall.items()]
        for place, label in enumerate(seen.labels):
            estimate = specific_agreement(vectors, items, place)
            if estimate.status == "ok" and estimate.n < self.policy.min_votes:
                estimate = replace(estimate, value=None, low=None, high=None, status="too_few_units")
            rows.append(Measure(self.name, "specific_agreement", "annotations", estimate, "label", label))
        return rows

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """Where to start: the label on which annotators agree least, or how many more items to annotate twice."""
        if finding.verdict == "insufficient":
            if finding.worst is not None and finding.worst.estimate.status == "no_variation":
                return "Annotate items of other labels too: while all have one label, nothing can disagree."
            have = finding.worst.estimate.n if finding.worst else 0
            return f"Have {max(self.policy.min_items - have, 1):,} more items annotated by at least two annotators."
        by_label = [row for row in measures if row.by == "label" and row.estimate.value is not None]
        if not by_label:
            return "Go through the guideline with the annotators on 50 items they disagree on, then annotate those again."
        worst = min(by_label, key=lambda row: row.estimate.value or 0.0)
        return (
            f"Sharpen the guideline for label {worst.key!r}, where {shown(worst.estimate.value)} of pairs agree over "
            f"{worst.estimate.n:,} votes, and have its items annotated again."
        )

    @property
    def _patterns(self) -> Patterns:
        return Patterns(self.spec.labels.values or ())

    def _on_scale(self, seen: PatternHistogram) -> PatternHistogram:
        """Without the labels that are no numbers where the level needs numbers; the contract reports those."""
        if self.spec.labels.level not in {"interval", "ratio"}:
            return seen
        kept = [place for place, label in enumerate(seen.labels) if re.fullmatch(NUMBER, label)]
        return PatternHistogram(
            tuple(seen.labels[place] for place in kept), seen.vectors[:, kept], seen.items
        )

    def _scale(self, seen: PatternHistogram) -> tuple[Level, NDArray[np.float64] | None]:
        level = self.spec.labels.level
        if level in {"interval", "ratio"}:
            return level, np.array([float(label) for label in seen.labels])
        return level, None
