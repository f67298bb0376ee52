"""Annotators: does each label as the others, as gold and as before?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import Field

from dq_pipeline.counts import GoldConfusion, Gram, Repeats, Seconds
from dq_pipeline.families.annotator_remedies import what_to_do
from dq_pipeline.families.annotator_rows import gold_rows, peer_rows, repeat_rows, second_rows
from dq_pipeline.families.annotator_words import TITLES, in_words
from dq_pipeline.families.check import Bound, Check
from dq_pipeline.families.crowd_rows import crowd_rows
from dq_pipeline.families.family import Family
from dq_pipeline.families.kappas import kappas_of
from dq_pipeline.families.policy import AgreementFloor, IndexCeiling, Policy, ShareCeiling, ShareFloor
from dq_pipeline.measures.discoveries import FALSE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dq_pipeline.counts import Counts, Request
    from dq_pipeline.families.check import Finding
    from dq_pipeline.measures.estimate import Measure

AGREEMENT = {"agreement_gap", "label_bias", "kappa_with_peers"}
"""Measures of agreement with the others: where disagreement is data they never block."""


class AnnotatorsPolicy(Policy):
    """How far an annotator may lie from the others, from gold and from himself, and how much must be known to say so.

    Attributes:
        least_overlap: Fewest votes on items that others labelled too.
        least_votes: Fewest votes to judge constant answers, and of a label to say who uses it.
        least_gold: Fewest votes on gold items.
        least_repeats: Fewest items labelled twice.
        agreement_gap: Agreement with peers less that of the others with each other, at the same mix of labels.
        label_bias: The share of a label less that of the peers on the same items, up or down.
        kappa_with_peers: Kappa of an annotator's votes and the peers': near 0 answers do not depend on the item.
        constant_share: The share of one label from which on answers are called constant.
        constant_excess: How much oftener than the peers an annotator of constant answers gives that label.
        repeat_agreement: The share of the items labelled twice that got one label.
        gold_accuracy: The share of an annotator's votes on gold items that are right.
        unjudged_share: The share of all annotations by annotators who share too few items with others to be judged.
        assignment: How far one can tell who labelled an item from its label (Cramer's V): labels decided who annotates.
        false_discoveries: Of the annotators and labels named, the share that may be named by chance.
    """

    least_overlap: int = Field(default=10, ge=1)
    least_votes: int = Field(default=10, ge=1)
    least_gold: int = Field(default=10, ge=1)
    least_repeats: int = Field(default=10, ge=1)
    agreement_gap: AgreementFloor = AgreementFloor(warn=-0.1, compare="high")
    label_bias: ShareCeiling = ShareCeiling(warn=0.05, compare="low")
    kappa_with_peers: AgreementFloor = AgreementFloor(warn=0.1, compare="high")
    constant_share: float = Field(default=0.95, gt=0.5, le=1)
    constant_excess: IndexCeiling = IndexCeiling(warn=0.1)
    repeat_agreement: ShareFloor = ShareFloor(warn=0.8, compare="high")
    gold_accuracy: ShareFloor = ShareFloor(warn=0.7, compare="high")
    unjudged_share: ShareCeiling = ShareCeiling(warn=0.2)
    assignment: IndexCeiling = IndexCeiling(warn=0.3)
    false_discoveries: float = Field(default=FALSE, gt=0, lt=0.5)


class Annotators(Family[AnnotatorsPolicy]):
    """Each annotator beside the others on the same items, against gold, against himself; the crowd as a whole."""

    name = "annotators"
    Policy = AnnotatorsPolicy

    def silent(self) -> str | None:
        """Without annotations there are no annotators."""
        return None if self.spec.annotations else "the spec names no annotations"

    def checks(self) -> list[Check]:
        """One a question about them; nobody is judged on fewer votes than the policy asks."""
        return [
            Check(
                f"annotators_{measure}",
                self.name,
                "annotations",
                measure,
                *TITLES[measure],
                by,
                tuple(self._softened(measure, bound) for bound in bounds),
                self.policy.require_evidence,
            )
            for measure, by, bounds in self._judged()
        ]

    def requests(self) -> list[Request]:
        """Who agrees with whom, repeats, and where the spec names them gold and seconds."""
        asked: list[Request] = [self._gram, Repeats()]
        if self.spec.gold is not None:
            asked.append(GoldConfusion())
        if self.spec.annotations is not None and self.spec.annotations.seconds:
            asked.append(Seconds())
        return asked

    def measure(self, counts: Counts) -> list[Measure]:
        """By annotator, by annotator and label, by two annotators, by label, and of the crowd."""
        policy, labels = self.policy, self.spec.labels
        gram = counts[self._gram]
        kappas = kappas_of(counts, self._gram)
        rows = [*peer_rows(gram, policy, labels), *crowd_rows(gram, kappas, policy, labels)]
        rows += repeat_rows(counts[Repeats()], policy)
        if GoldConfusion() in self.requests():
            rows += gold_rows(counts[GoldConfusion()], policy)
        if Seconds() in self.requests():
            rows += second_rows(counts[Seconds()])
        return rows

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """What to go through with whom, and how many items to label again; nobody is dropped for disagreeing."""
        return what_to_do(finding, measures, self.policy)

    def sentence(self, finding: Finding, measures: Sequence[Measure]) -> str | None:
        """Who, by how much, on how many votes, and who else."""
        return None if finding.error is not None else in_words(finding, measures, self.policy)

    @property
    def _gram(self) -> Gram:
        return Gram(self.spec.labels.values or ())

    def _judged(self) -> Iterator[tuple[str, str | None, tuple[Bound, ...]]]:
        """Measure, breakdown and bounds of each check."""
        policy, one = self.policy, "annotator"
        yield "agreement_gap", one, policy.agreement_gap.bounds("agreement_gap", one)
        yield "label_bias", "annotator,label", _either_way(policy.label_bias)
        yield "kappa_with_peers", one, policy.kappa_with_peers.bounds("kappa_with_peers", one)
        yield "constant_excess", one, policy.constant_excess.bounds("constant_excess", one)
        yield "repeat_agreement_at_most", None, _at_most(policy.repeat_agreement, "repeat_agreement", None)
        if self.spec.gold is not None:
            yield "gold_accuracy_at_most", one, _at_most(policy.gold_accuracy, "gold_accuracy", one)
        apart = Bound("warn", "components", at_most=1.0)
        yield "unjudged_share", None, (*policy.unjudged_share.bounds("unjudged_share"), apart)
        yield "assignment", None, policy.assignment.bounds("assignment")
        yield "users_of_label", "label", (Bound("warn", "users_of_label", at_least=2.0, by="label"),)
        yield "disagreements", None, (Bound("warn", "disagreements", at_least=1.0),)

    def _softened(self, measure: str, bound: Bound) -> Bound:
        descriptive = self.spec.labels.paradigm == "descriptive" and measure in AGREEMENT
        return replace(bound, severity="warn") if descriptive else bound


def _either_way(threshold: ShareCeiling) -> tuple[Bound, ...]:
    """A ceiling on a number that may be too high or too low: by its value, or by the end of its interval nearer to 0."""
    made = []
    for bound in threshold.bounds("label_bias", "annotator,label"):
        limit = bound.at_most or 0.0
        by_value = threshold.compare == "value"
        made.append(replace(bound, column="value" if by_value else "low"))
        made.append(replace(bound, column="value" if by_value else "high", at_most=None, at_least=-limit))
    return tuple(made)


def _at_most(threshold: ShareFloor, measure: str, by: str | None) -> tuple[Bound, ...]:
    """A floor under the best that a share may be: its interval's upper end, unless the policy says `compare: value`."""
    if threshold.compare == "value":
        return threshold.bounds(measure, "annotator")
    return tuple(replace(bound, column="value") for bound in threshold.bounds(f"{measure}_at_most", by))
