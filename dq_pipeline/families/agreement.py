"""Agreement: do annotators read the guideline alike, and everywhere?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator

from dq_pipeline.counts import Gram, GroupedItems, GroupedPatterns, Patterns, SlicedPatterns
from dq_pipeline.families.agreement_rows import (
    RELIEF_AC1,
    RELIEF_SPECIFIC,
    States,
    group_rows,
    overall_rows,
    slice_rows,
)
from dq_pipeline.families.agreement_words import in_words, what_to_do
from dq_pipeline.families.check import Bound, Check, with_plain_names
from dq_pipeline.families.dimensions import condition_names
from dq_pipeline.families.family import Family
from dq_pipeline.families.kappas import kappas_of
from dq_pipeline.families.policy import AgreementFloor, Policy, Threshold
from dq_pipeline.measures.resampling import IntervalMethod
from dq_pipeline.spec import InputError
from dq_pipeline.spec.part import SpecPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.counts import Counts, Request
    from dq_pipeline.counts.slices import Period
    from dq_pipeline.families.check import Finding
    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.spec import Spec, SpecSource

OF_VOTES = ("guideline", "annotator_group", "time")
"""Roles of annotations that cut the votes of an item."""


class GapCeiling(Threshold):
    """Agreement lower by at most so much, from 0 to 2; surely lower, unless the policy says `compare: value`."""

    lowest, highest, at_least = 0.0, 2.0, False

    compare: Literal["value", "low", "high"] = "low"


class IntervalPolicy(SpecPart):
    """How intervals are made.

    Attributes:
        method: The delete-one jackknife on the atanh scale, the bootstrap's percentiles, or the linearisation.
        resample: What is left out or drawn: items, or the groups that items.group names where items are nested in them.
        replicates: Of the bootstrap.
        seed: Of the bootstrap.
    """

    method: Literal["jackknife", "bootstrap", "linear"] = "jackknife"
    resample: Literal["item", "group"] = "item"
    replicates: int = Field(default=2_000, ge=200, le=100_000)
    seed: int = 7

    def as_method(self) -> IntervalMethod:
        """The same for measures."""
        return IntervalMethod(self.method, self.resample, self.replicates, self.seed)


class AgreementPolicy(Policy):
    """Krippendorff (2004): below .667 nothing can be concluded, from .80 on one may.

    Attributes:
        krippendorff_alpha: Where alpha at the dataset's level of measurement warns and blocks.
        min_items: Fewest items with two votes or more for alpha to be judged, overall and in a slice.
        min_votes: Fewest votes for a label's own agreement to count.
        interval: How intervals are made.
        slices: Dimensions, or lists of them, in which agreement is compared: conditions, source, guideline,
            annotator_group, time; all that the spec names unless said, false for none.
        period: What time is cut into.
        slice_gap: Where agreement that is lower in a slice than elsewhere warns and blocks.
        group_gap: Where agreement that is lower across groups of annotators than within them warns and blocks.
    """

    krippendorff_alpha: AgreementFloor = AgreementFloor(warn=0.8, block=0.667)
    min_items: int = Field(default=100, ge=2)
    min_votes: int = Field(default=30, ge=1)
    interval: IntervalPolicy = IntervalPolicy()
    slices: tuple[tuple[str, ...], ...] | None = None
    period: Literal["day", "week", "month", "quarter", "year"] = "month"
    slice_gap: GapCeiling = GapCeiling(warn=0.05)
    group_gap: GapCeiling = GapCeiling(warn=0.05)

    @field_validator("slices", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        if value is False:
            return ()
        if value is True or value is None:
            return None
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list | tuple):
            raise ValueError("[weather, [weather, light]], or false for none")  # noqa: TRY004 - pydantic's way
        return tuple((one,) if isinstance(one, str) else one for one in value)

    @field_validator("slices")
    @classmethod
    def _differ(cls, value: tuple[tuple[str, ...], ...] | None) -> tuple[tuple[str, ...], ...] | None:
        for dims in value or ():
            if not dims or len(set(dims)) < len(dims):
                raise ValueError(f"each slice names dimensions once each (found [{', '.join(dims)}])")
        return value


class Agreement(Family[AgreementPolicy]):
    """Alpha at the declared level with its companions, by label, by slice, within and across groups of annotators."""

    name = "agreement"
    Policy: ClassVar[type[AgreementPolicy]] = AgreementPolicy

    def silent(self) -> str | None:
        """Without annotations there is nobody to agree."""
        return None if self.spec.annotations else "the spec names no annotations"

    def refuse(self, source: SpecSource) -> None:
        """Refuse slices over dimensions that the spec does not name, and groups that it does not."""
        known = slice_dimensions(self.spec)
        for place, dims in enumerate(self.policy.slices or ()):
            for dim in dims:
                if dim not in known:
                    raise InputError(
                        source.where(("checks", self.name, "slices", place)),
                        found=f"unknown dimension {dim!r}",
                        expected=f"one of {', '.join(known) or 'none, as the spec names no conditions, source, time, guideline or annotator_group'}",
                        fix=f"name the column of {dim!r} in items or annotations, or take it out",
                    )
        if self.policy.interval.resample == "group" and not (self.spec.items and self.spec.items.group):
            raise InputError(
                source.where(("checks", self.name, "interval", "resample")),
                found="'group', and items.group names no column",
                expected="items.group, the column that says which items belong together",
                fix="name items.group, or write `resample: item`",
            )

    def checks(self) -> list[Check]:
        """Alpha, softened where it suffers from prevalence only; the worst slice of each dimension; the groups' gap.

        Where disagreement is data none of them limits anything, unless the policy asks for it, and then it warns.
        """
        policy, level = self.policy, self.spec.labels.level
        alpha = self._check(
            "agreement_krippendorff_alpha",
            "krippendorff_alpha",
            f"Krippendorff's alpha ({level})",
            self._alpha_bounds(),
        )
        slices = [
            self._check(
                f"agreement_slices_{'_'.join(dims)}",
                "alpha_gap",
                f"How much lower alpha is in one {' x '.join(dims)} than in the others",
                self._softened("slice_gap", policy.slice_gap.bounds("alpha_gap", ",".join(dims))),
                ",".join(dims),
            )
            for dims in self._slices
        ]
        groups = [
            self._check(
                "agreement_group_gap",
                "group_gap",
                "How much lower alpha is across groups of annotators than within them",
                self._softened("group_gap", policy.group_gap.bounds("group_gap")),
            )
        ]
        return with_plain_names([alpha, *slices, *(groups if self._grouped else [])])

    def requests(self) -> list[Request]:
        """Patterns overall, by slice and by group of annotators; who agrees with whom."""
        asked: list[Request] = [self._patterns]
        if self._with_gram:
            asked.append(Gram(self.spec.labels.values or ()))
        if self.policy.interval.resample == "group":
            asked.append(GroupedItems(self._patterns))
        asked += [self._sliced(dims) for dims in self._slices]
        if self._grouped:
            asked.append(GroupedPatterns(self._patterns))
        return asked

    def measure(self, counts: Counts) -> list[Measure]:
        """Coefficients overall and by label, by slice, and within and across groups of annotators."""
        by_group = GroupedItems(self._patterns)
        gram = Gram(self.spec.labels.values or ())
        states = States(
            counts[self._patterns],
            counts[gram] if self._with_gram else None,
            kappas_of(counts, gram) if self._with_gram else None,
            counts[by_group] if self.policy.interval.resample == "group" else None,
            self.spec.labels.level,
            self.policy.interval.as_method(),
        )
        rows = overall_rows(states, self.policy)
        rows += slice_rows([(dims, counts[self._sliced(dims)]) for dims in self._slices], states, self.policy)
        if self._grouped:
            rows += group_rows(counts[GroupedPatterns(self._patterns)], states, self.policy)
        return rows

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """Where to start, and how many items to annotate twice."""
        return what_to_do(finding, measures, self.policy)

    def sentence(self, finding: Finding, measures: Sequence[Measure]) -> str | None:
        """Which slice, and what alpha is there and elsewhere; that nothing limits it where disagreement is data."""
        return in_words(finding, measures)

    @property
    def _patterns(self) -> Patterns:
        return Patterns(self.spec.labels.values or (), self.spec.labels.level)

    @property
    def _slices(self) -> tuple[tuple[str, ...], ...]:
        asked = self.policy.slices
        return tuple((dim,) for dim in slice_dimensions(self.spec)) if asked is None else asked

    def _sliced(self, dims: tuple[str, ...]) -> SlicedPatterns:
        period: Period = self.policy.period
        return SlicedPatterns(self._patterns, dims, period, self.policy.min_items)

    @property
    def _with_gram(self) -> bool:
        """Whether coefficients of single annotators say something: not where a rating is a measurement."""
        return self.spec.labels.level in {"nominal", "ordinal"}

    @property
    def _grouped(self) -> bool:
        return bool(self.spec.annotations and self.spec.annotations.annotator_group)

    def _alpha_bounds(self) -> tuple[Bound, ...]:
        floor = self.policy.krippendorff_alpha
        bounds = floor.bounds("krippendorff_alpha")
        if floor.block is not None:
            unsettled = Bound("warn", "krippendorff_alpha", at_least=floor.block, column="low")
            reliefs = (
                Bound("relief", "gwet_ac1", at_least=RELIEF_AC1),
                Bound("relief", "specific_agreement", at_least=RELIEF_SPECIFIC, by="label"),
            )
            bounds = (*bounds, unsettled, *reliefs)
        return self._softened("krippendorff_alpha", bounds)

    def _softened(self, asked: str, bounds: tuple[Bound, ...]) -> tuple[Bound, ...]:
        if self.spec.labels.paradigm == "prescriptive":
            return bounds
        if asked not in self.policy.model_fields_set:
            return ()
        return tuple(replace(bound, severity="warn") for bound in bounds if bound.severity != "relief")

    def _check(
        self, name: str, measure: str, title: str, bounds: tuple[Bound, ...], by: str | None = None
    ) -> Check:
        return Check(
            name,
            self.name,
            "annotations",
            measure,
            title,
            "items with two votes or more",
            by=by,
            bounds=bounds,
            require_evidence=self.policy.require_evidence and measure == "krippendorff_alpha",
        )


def slice_dimensions(spec: Spec) -> tuple[str, ...]:
    """The dimensions in which agreement may be compared: the conditions and source of items, roles of annotations."""
    if spec.annotations is None:
        return ()
    of_items = (*condition_names(spec), *(("source",) if spec.items and spec.items.source else ()))
    return (*of_items, *(role for role in OF_VOTES if getattr(spec.annotations, role)))
