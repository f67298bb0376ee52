"""What the verdicts on annotators say: who, by how much, on how many votes, and who else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import beside_limit, limit, number_of, out_of, shown, units
from dq_pipeline.measures.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dq_pipeline.families.annotators import AnnotatorsPolicy
    from dq_pipeline.families.check import Finding
    from dq_pipeline.measures.estimate import Measure

TITLES = {
    "agreement_gap": ("Agreement with peers less that of the others", "votes"),
    "label_bias": ("The share of a label less that of the peers on the same items", "votes"),
    "kappa_with_peers": ("Kappa with peers", "votes"),
    "constant_excess": ("The share of one label above that of the peers", "votes"),
    "repeat_agreement": ("Agreement with oneself", "items labelled twice"),
    "repeat_agreement_at_most": ("Agreement with oneself, at best,", "items labelled twice"),
    "gold_accuracy": ("Accuracy against gold", "votes on gold items"),
    "gold_accuracy_at_most": ("Accuracy against gold, at best,", "votes on gold items"),
    "unjudged_share": (
        "The share of annotations by annotators who share too few items with others",
        "annotations",
    ),
    "assignment": ("The association of annotator and label (Cramer's V)", "votes"),
    "users_of_label": ("The number of annotators who use a label", "votes"),
    "disagreements": ("The number of votes that disagree with peers", "votes"),
}
"""What sentences call each measure, and what its n counts."""
NAMED = 4
"""Annotators that a sentence names after the worst."""


def in_words(finding: Finding, measures: Sequence[Measure], policy: AnnotatorsPolicy) -> str | None:
    """One sentence; None for those that any check gets."""
    told = Told(finding, measures, policy)
    if finding.verdict == "insufficient":
        return told.too_little()
    if finding.check.measure in {"repeat_agreement_at_most", "unjudged_share"}:
        return told.repeats() if finding.check.measure == "repeat_agreement_at_most" else told.overlap()
    if finding.verdict == "clear" or finding.worst is None:
        return None
    say = {
        "agreement_gap": told.gap,
        "label_bias": told.bias,
        "kappa_with_peers": told.kappa,
        "constant_excess": told.constant,
        "gold_accuracy_at_most": told.gold,
        "gold_accuracy": told.gold,
        "users_of_label": told.sole,
        "disagreements": told.perfect,
    }.get(finding.worst.measure)
    return say() if say else None


class Told:
    """A finding beside the family's other numbers."""

    def __init__(self, finding: Finding, measures: Sequence[Measure], policy: AnnotatorsPolicy) -> None:
        self._finding, self._measures, self._policy = finding, measures, policy
        values = finding.worst.values if finding.worst else ()
        self.name, self.label = (*values, "", "")[:2]

    def of(self, measure: str, key: str | None) -> Estimate:
        """The family's number of that name and key; an empty one where there is none."""
        found = (row.estimate for row in self._measures if row.measure == measure and row.key == key)
        return next(found, Estimate(None, status="empty"))

    def gap(self) -> str:
        """Agreement that lies below that of the others."""
        row, own = self._row, self.of("leave_one_out_agreement", self.name)
        among = self.of("agreement_among_others", self.name)
        there = (
            f"on the same items ({shown(among.value)})"
            if among.n >= own.n / 2
            else "at the same mix of labels"
        )
        return (
            f"{self.name} agrees with peers at a rate of {shown(own.value)} over {number_of(own.n, 'votes')}, {shown(-self._value)} less "
            f"({shown(-(row.high or 0.0))} to {shown(-(row.low or 0.0))}) than the others do with each other {there}; the limit is "
            f"{shown(-self._limit)} less{self._others(lambda one: shown(-one) + ' less')}."
        )

    def bias(self) -> str:
        """A label given oftener or more seldom than by the peers on the same items."""
        row, own = self._row, self.of("label_share", self._finding.worst.key if self._finding.worst else None)
        way = "more" if self._value > 0 else "less"
        peers = (own.value or 0.0) - self._value
        low, high = (
            (row.low or 0.0, row.high or 0.0) if self._value > 0 else (-(row.high or 0.0), -(row.low or 0.0))
        )
        return (
            f"{self.name} gives label {self.label!r} to {units(own):,} of {number_of(own.n, 'votes')}, a share of {shown(own.value)}, and the peers "
            f"on the same items {shown(max(peers, 0.0))}: {shown(abs(self._value))} {way} ({shown(low)} to {shown(high)}); the limit is "
            f"{shown(abs(self._limit))} either way{self._others(lambda one: f'{one:+.3g}')}."
        )

    def kappa(self) -> str:
        """Answers that hardly depend on the item."""
        row = self._row
        return (
            f"{self.name}'s labels hardly depend on the item: kappa with peers is {shown(self._value)} ({shown(row.low)} to "
            f"{shown(row.high)}, {number_of(row.n, 'votes')}); the limit is {shown(self._limit)}{self._others(shown)}."
        )

    def constant(self) -> str:
        """One label throughout, where the peers give others."""
        own = self.of("constant_share", self.name)
        return (
            f"{self.name} gives one label to {out_of(own, 'votes')}, {shown(self._value)} more than the peers do; "
            f"the limit is {shown(self._limit)} more{self._others(lambda one: shown(one) + ' more')}."
        )

    def gold(self) -> str:
        """Too many votes on gold items that are wrong."""
        own = self.of("gold_accuracy", self.name)
        names = [row.key for row in self._failing]
        others = [f"{name} {shown(self.of('gold_accuracy', name).value)}" for name in names[:NAMED]]
        return (
            f"{self.name} is right on {units(own):,} of {number_of(own.n, 'votes')} on gold items ({shown(own.value)}, {shown(own.low)} to {shown(own.high)})"
            f"{self._at_best(self._finding.worst)}; the limit is {shown(self._limit)}{_beyond(others, len(names))}."
        )

    def repeats(self) -> str:
        """How often annotators who labelled an item twice gave it the same label."""
        overall = self.of("repeat_agreement", None)
        if not overall.n:
            return "No annotator labelled an item twice, so nobody's agreement with himself can be told."
        of_all = (
            f"{units(overall):,} of {number_of(overall.n, 'items')} labelled twice by one annotator got the same label "
            f"({shown(overall.value)}, {shown(overall.low)} to {shown(overall.high)})"
        )
        worst = least_consistent(self._finding, self._measures)
        if worst is None:
            return f"{of_all}; nobody labelled {self._policy.least_repeats} items twice."
        bound, own = self._finding.bound, self.of("repeat_agreement", worst.key)
        limited = f"; the limit is {limit(bound)}" if bound else ""
        return (
            f"{of_all}; lowest is {worst.key} with {units(own):,} of {own.n:,} "
            f"({shown(own.value)}, {shown(own.low)} to {shown(own.high)}){self._at_best(worst)}{limited}."
        )

    def _at_best(self, judged: Measure | None) -> str:
        """The upper end that judges an annotator, at the level that false discoveries ask; nothing where the share itself does."""
        if judged is None or not judged.measure.endswith("_at_most"):
            return ""
        return f", {beside_limit(judged.estimate.value, self._finding.bound)} at best"

    def overlap(self) -> str:
        """Who cannot be judged, and whether all others can be compared."""
        unjudged, parts = self.of("unjudged_share", None), self.of("components", None)
        joined = "no two annotators share an item"
        if parts.value is not None:
            joined = (
                f"the {parts.n:,} annotators who share items are all joined by them"
                if parts.value <= 1
                else f"the {parts.n:,} annotators who share items fall into {shown(parts.value)} parts that share none"
            )
        bound = self._finding.bound
        limited = f"; the limit is {limit(bound)}" if bound and bound.measure == "unjudged_share" else ""
        return (
            f"{units(unjudged):,} of {number_of(unjudged.n, 'annotations')} {'is' if units(unjudged) == 1 else 'are'} by annotators with fewer than "
            f"{self._policy.least_overlap} votes on items that others labelled{limited}; {joined}."
        )

    def sole(self) -> str:
        """Labels that one annotator alone uses."""
        names = [row.key for row in self._failing]
        others = f" So are {', '.join(repr(name) for name in names[:NAMED])}." if names else ""
        return (
            f"Label {self.name!r} ({number_of(self._row.n, 'votes')}) is used by one annotator alone.{others}"
        )

    def perfect(self) -> str:
        """No disagreement at all."""
        return (
            f"Not one of {number_of(self._row.n, 'votes')} disagrees with a peer: that is too good to be true where people label apart from "
            f"each other."
        )

    def too_little(self) -> str | None:
        """Why nobody can be judged."""
        rows = [row.estimate for row in self._measures if row.measure == self._finding.check.measure]
        title = TITLES[self._finding.check.measure][0]
        if self._finding.check.by is None or not rows or any(row.status == "no_variation" for row in rows):
            return None
        if all(row.status == "no_overlap" for row in rows):
            return f"{title} cannot be told: no item has votes of two annotators."
        most = max(row.n for row in rows)
        of_labels = self._finding.check.by == "label"
        anyone, one = ("any label", "a label") if of_labels else ("anyone", "an annotator")
        has = number_of(most, self._finding.check.unit)
        return f"{title} cannot be told of {anyone}: the most that {one} has is {has}, and {self.least} are asked."

    @property
    def _row(self) -> Estimate:
        worst = self._finding.worst
        if worst is None:
            raise ValueError("a finding without a row has nothing to tell")
        return worst.estimate

    @property
    def _value(self) -> float:
        return self._row.value or 0.0

    @property
    def _limit(self) -> float:
        bound = self._finding.bound
        numbers = (bound.at_least, bound.at_most) if bound else ()
        return next((number for number in numbers if number is not None), 0.0)

    @property
    def _failing(self) -> list[Measure]:
        """The other rows beyond the limit, once each."""
        worst = self._finding.worst
        rows = {row.key: row for row in self._finding.failing if worst is None or row.key != worst.key}
        return list(rows.values())

    @property
    def least(self) -> int:
        """The fewest that the policy asks of what the check counts."""
        measure, policy = self._finding.check.measure, self._policy
        if measure.startswith("gold_accuracy"):
            return policy.least_gold
        if measure.startswith("repeat_agreement"):
            return policy.least_repeats
        return (
            policy.least_votes if measure in {"users_of_label", "constant_excess"} else policy.least_overlap
        )

    def _others(self, number: Callable[[float], str]) -> str:
        rows = self._failing
        told = [f"{' on '.join(row.values)} {number(row.estimate.value or 0.0)}" for row in rows[:NAMED]]
        return _beyond(told, len(rows))


def least_consistent(finding: Finding, measures: Sequence[Measure]) -> Measure | None:
    """Whose agreement with himself the verdict rests on: the lowest of what the bound limits."""
    by_value = finding.bound is not None and finding.bound.measure == "repeat_agreement"
    measure = "repeat_agreement" if by_value else "repeat_agreement_at_most"
    rows = [row for row in measures if row.measure == measure and row.by and row.estimate.status == "ok"]
    return min(rows, key=lambda row: row.estimate.value or 0.0, default=None)


def _beyond(named: Sequence[str], count: int) -> str:
    if not named:
        return ""
    more = f" and {count - len(named):,} more" if count > len(named) else ""
    return f" (beyond it too: {', '.join(named)}{more})"
