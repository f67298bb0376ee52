"""The numbers of agreement: overall, by label, by slice, within and across groups of annotators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts import NAMES, Moments, SlicedMoments
from dq_pipeline.measures.alpha import alpha_at, distances
from dq_pipeline.measures.chance_corrected import (
    BrennanPrediger,
    Fleiss,
    FleissOfPairable,
    Gwet,
    PercentAgreement,
    Specific,
    binarised,
)
from dq_pipeline.measures.coefficient import pairable
from dq_pipeline.measures.cohen import Cohen, PairwiseKappa, lights_kappa
from dq_pipeline.measures.conger import conger_kappa
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.from_moments import FromMoments
from dq_pipeline.measures.groups import GroupAgreement
from dq_pipeline.measures.keys import MISSING, key_of
from dq_pipeline.measures.least_items import least_items
from dq_pipeline.measures.slice_gaps import Gap, gap, told_apart
from dq_pipeline.measures.weights import WEIGHTINGS, agreement_weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts import (
        GramMatrix,
        GroupedHistogram,
        ItemGroups,
        PatternHistogram,
        SlicedHistogram,
    )
    from dq_pipeline.families.agreement import AgreementPolicy
    from dq_pipeline.measures.coefficient import Coefficient
    from dq_pipeline.measures.resampling import IntervalMethod
    from dq_pipeline.spec.labels import Level

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

RELIEF_AC1 = 0.8
RELIEF_SPECIFIC = 0.7
"""High raw agreement with low alpha is the prevalence paradox where AC1 and every label's own agreement are this high."""


@dataclass(frozen=True)
class States:
    """What was counted, and how it is to be measured.

    Attributes:
        seen: The pattern histogram, or moments where there are too many labels.
        gram: Who agrees with whom; None where it is not asked.
        kappas: Cohen's kappa of every two annotators; None without `gram`.
        groups: The items by group; None where items are resampled.
        level: The labels' level of measurement.
        how: How intervals are made.
    """

    seen: PatternHistogram | Moments
    gram: GramMatrix | None
    kappas: PairwiseKappa | None
    groups: ItemGroups | None
    level: Level
    how: IntervalMethod

    def estimate(self, coefficient: Coefficient, vectors: Ints, items: Ints) -> Estimate:
        """A coefficient of all the items with its interval."""
        if self.groups is None:
            return coefficient.estimate(vectors, items, self.how)
        return coefficient.estimate(vectors, items, self.how, (self.groups.items, self.groups.groups))


def overall_rows(states: States, policy: AgreementPolicy) -> list[Measure]:
    """Every coefficient overall, alpha at other levels too, agreement by label."""
    if isinstance(states.seen, Moments):
        return list(_from_moments(states.seen, policy))
    return list(_from_patterns(states.seen, states, policy))


def _from_patterns(seen: PatternHistogram, states: States, policy: AgreementPolicy) -> Iterator[Measure]:
    vectors, items, labels = seen.vectors, seen.items, seen.labels
    numbers = numbers_of(labels, states.level)

    def estimate(coefficient: Coefficient, of: tuple[Ints, Ints] = (vectors, items)) -> Estimate:
        return states.estimate(coefficient, *of)

    alpha = estimate(alpha_at(states.level, vectors, items, numbers))
    identity = np.eye(len(labels))
    yield _row("krippendorff_alpha", _enough(alpha, policy.min_items))
    yield _row("gwet_ac1", estimate(Gwet(identity)))
    yield _row("fleiss_kappa", estimate(Fleiss(identity)))
    yield _row("fleiss_kappa_pairable", estimate(FleissOfPairable(identity)))
    yield _row("brennan_prediger", estimate(BrennanPrediger(identity)))
    yield _row("percent_agreement", estimate(PercentAgreement()))
    if states.level != "nominal":
        places = np.arange(len(labels), dtype=np.float64) if numbers is None else numbers
        yield _row("gwet_ac2", estimate(Gwet(agreement_weights(places, "quadratic"))))
        nominal = alpha_at("nominal", vectors, items)
        yield _row("krippendorff_alpha", estimate(nominal), "level", "nominal")
    if states.gram is not None and states.kappas is not None:
        yield from _of_annotators(states.gram, states.kappas, seen)
        yield from _of_two(states.gram, seen, states)
    yield _row("least_items", _least(vectors, items, policy))
    for place, label in enumerate(labels):
        specific = estimate(Specific(place))
        yield _row("specific_agreement", _told(specific, policy.min_votes), "label", label)
        one = binarised(vectors, items, place)
        if len(labels) > 2 and specific.n >= policy.min_votes:  # noqa: PLR2004 - of two labels both have the same
            yield _row("krippendorff_alpha", estimate(alpha_at("nominal", *one), one), "label", label)


def _of_annotators(gram: GramMatrix, kappas: PairwiseKappa, seen: PatternHistogram) -> Iterator[Measure]:
    kappa, _ = conger_kappa((seen.vectors, seen.items), gram.votes, gram.alone, gram.pairs, gram.agreeing)
    yield _row("conger_kappa", kappa)
    yield _row("light_kappa", lights_kappa(kappas))


def _of_two(gram: GramMatrix, seen: PatternHistogram, states: States) -> Iterator[Measure]:
    """Cohen's kappa where there are two annotators in all, its interval made as asked; on a scale the weighted ones too."""
    who = np.flatnonzero(gram.votes.sum(axis=1))
    if len(who) != 2:  # noqa: PLR2004 - Cohen's is of two
        return
    confusion = gram.confusion(int(who[0]), int(who[1]))
    yield _row("cohen_kappa", Cohen(np.eye(len(confusion))).estimate(confusion, states.how))
    if states.level == "ordinal":
        # The labels on the scale come first; others have no place on it.
        placed = len(seen.labels)
        for name in WEIGHTINGS:
            weighted = Cohen(agreement_weights(np.arange(placed, dtype=np.float64), name))
            yield _row(f"cohen_kappa_{name}", weighted.estimate(confusion[:placed, :placed], states.how))


def _from_moments(seen: Moments, policy: AgreementPolicy) -> Iterator[Measure]:
    found = FromMoments(NAMES, seen.sums, seen.products, seen.shared, seen.shares, seen.level)
    yield _row("krippendorff_alpha", _enough(found.krippendorff_alpha(), policy.min_items))
    yield _row("gwet_ac1", found.gwet_ac1())
    yield _row("fleiss_kappa", found.fleiss_kappa())
    yield _row("brennan_prediger", found.brennan_prediger())
    yield _row("percent_agreement", found.percent_agreement())
    for place in np.flatnonzero(seen.shared >= policy.min_votes):
        estimate = Estimate(float(seen.same[place] / seen.named[place]), n=int(seen.shared[place]))
        yield _row("specific_agreement", estimate, "label", seen.labels[place])


def _least(vectors: Ints, items: Ints, policy: AgreementPolicy) -> Estimate:
    """The least items to tell that alpha reaches its threshold, n those that there are."""
    shared = (items[:, None] * vectors)[pairable(vectors)].sum(axis=0)
    n = int(items[pairable(vectors)].sum())
    threshold = policy.krippendorff_alpha.block or policy.krippendorff_alpha.warn
    if threshold is None or threshold >= 1 or (shared > 0).sum() < 2:  # noqa: PLR2004 - one label has nothing to tell
        return Estimate(None, n=n, status="no_variation" if n else "no_overlap")
    return Estimate(float(least_items(threshold, float(shared[shared > 0].min() / shared.sum()))), n=n)


def slice_rows(
    sliced: Sequence[tuple[tuple[str, ...], SlicedHistogram | SlicedMoments]],
    states: States,
    policy: AgreementPolicy,
) -> list[Measure]:
    """Alpha, AC1 and percent agreement of each slice, and how much lower alpha is in it than in the others.

    The last is not told of more labels than patterns tell apart.
    """
    rows: list[Measure] = []
    gaps: list[Gap] = []
    places: list[tuple[str, str]] = []
    for dims, state in sliced:
        by = ",".join(dims)
        if isinstance(state, SlicedMoments):
            rows += _of_moments(state, by, policy)
            continue
        numbers = numbers_of(state.labels, states.level)

        def alpha(vectors: Ints, items: Ints, numbers: Floats | None = numbers) -> Coefficient:
            return alpha_at(states.level, vectors, items, numbers)

        everything = np.asarray(state.items.sum(axis=0)).ravel()
        for place, values in enumerate(state.keys):
            key = key_of(MISSING if value is None else value for value in values)
            items = state.items[place].toarray().ravel()
            there = items > 0
            own = (state.vectors[there], items[there])
            coefficients = {
                "krippendorff_alpha": alpha(*own),
                "gwet_ac1": Gwet(np.eye(len(state.labels))),
                "percent_agreement": PercentAgreement(),
            }
            for name, coefficient in coefficients.items():
                rows.append(_row(name, _told(coefficient.estimate(*own), policy.min_items), by, key))
            if rows[-1].estimate.n >= policy.min_items:
                found = gap(len(gaps), alpha, state.vectors, items, everything)
                if found is not None:
                    gaps.append(found)
                    places.append((by, key))
    if gaps:
        estimates = told_apart(gaps)
        rows += [_row("alpha_gap", one, *at) for one, at in zip(estimates, places, strict=True)]
    return rows


def _of_moments(state: SlicedMoments, by: str, policy: AgreementPolicy) -> Iterator[Measure]:
    for values, part in zip(state.keys, state.parts, strict=True):
        key = key_of(MISSING if value is None else value for value in values)
        found = FromMoments(NAMES, part.sums, part.products, part.shared, part.shares, part.level)
        for name in ("krippendorff_alpha", "gwet_ac1", "percent_agreement"):
            yield _row(name, _told(getattr(found, name)(), policy.min_items), by, key)


def group_rows(state: GroupedHistogram, states: States, policy: AgreementPolicy) -> list[Measure]:
    """Alpha within groups of annotators and across them, and the gap."""
    shared = (state.items[:, None, None] * state.vectors).sum(axis=(0, 1)).astype(np.float64)
    apart = distances(states.level, shared, numbers_of(state.labels, states.level))
    agreement = GroupAgreement(apart, state.vectors, state.items)
    how = replace(states.how, resample="item")
    return [
        _row(name, _enough(estimate, policy.min_items))
        for name, estimate in (
            ("within_group_alpha", agreement.within(how)),
            ("across_group_alpha", agreement.across(how)),
            ("group_gap", agreement.gap(how)),
        )
    ]


def numbers_of(labels: Sequence[str], level: Level) -> Floats | None:
    """The labels' numbers on an interval or ratio scale."""
    return np.array([float(label) for label in labels]) if level in {"interval", "ratio"} else None


def _enough(estimate: Estimate, least: int) -> Estimate:
    """The estimate, marked where it rests on too little to be judged."""
    if estimate.status == "ok" and estimate.n < least:
        return replace(estimate, status="too_few_units")
    return estimate


def _told(estimate: Estimate, least: int) -> Estimate:
    """The estimate without its number where it rests on too little to say."""
    if estimate.status == "ok" and estimate.n < least:
        return replace(estimate, value=None, low=None, high=None, status="too_few_units")
    return estimate


def _row(measure: str, estimate: Estimate, by: str | None = None, key: str | None = None) -> Measure:
    return Measure("agreement", measure, "annotations", estimate, by, key)
