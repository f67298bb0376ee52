"""Gold: do the labels hold against those known to be right, and does gold hold against the votes?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from dq_pipeline.counts import GoldConfusion, GoldVotes, SpeedOnGold
from dq_pipeline.families.check import Check
from dq_pipeline.families.dimensions import label_table
from dq_pipeline.families.family import Family
from dq_pipeline.families.policy import Policy, ShareCeiling, ShareFloor
from dq_pipeline.families.verdict import number_of, shown
from dq_pipeline.measures.accuracy import accuracy, suspect_gold
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.keys import key_of
from dq_pipeline.measures.shares import share
from dq_pipeline.tables import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dq_pipeline.counts import Counts, Fifths, GoldItems, Request
    from dq_pipeline.counts.cells import Cells
    from dq_pipeline.families.check import Bound, Finding

MOST_CONFUSIONS = 1_000
"""Pairs of gold's label and another that are told, the most frequent first."""
SPEEDS = ("1 fastest", "2", "3", "4", "5 slowest")
"""The fifths of the seconds."""


class GoldPolicy(Policy):
    """How right labels must be, and how far votes may stand against gold.

    Attributes:
        gold_accuracy: The share of labels on gold items that are gold's; below a half, ids or gold are likelier wrong than votes.
        accuracy_of_label: The same of the items that gold gives one label, judged by the upper end of its interval.
        suspect_gold: The share of gold items on which confident votes stand against gold.
        least_gold: Fewest gold items, and votes on one label's, to judge.
        confident: The share of an item's votes for one label from which on they are confident.
        least_votes: Fewest votes on an item to be confident.
    """

    gold_accuracy: ShareFloor = ShareFloor(warn=0.8, block=0.5)
    accuracy_of_label: ShareFloor = ShareFloor(warn=0.6, compare="high")
    suspect_gold: ShareCeiling = ShareCeiling(warn=0.05)
    least_gold: int = Field(default=10, ge=1)
    confident: float = Field(default=0.8, gt=0.5, le=1)
    least_votes: int = Field(default=3, ge=2)


class Gold(Family[GoldPolicy]):
    """Accuracy overall, by label and by speed, which labels are taken for which, and gold that votes contradict."""

    name = "gold"
    Policy = GoldPolicy

    def silent(self) -> str | None:
        """Without gold, or labels to hold against it, there is nothing to judge."""
        return None if self.spec.gold is not None else "the spec names no gold"

    def checks(self) -> list[Check]:
        """Accuracy overall and by label; of votes also whether gold itself is suspect."""
        policy = self.policy
        made = [
            self._check("accuracy", "gold_accuracy", "Accuracy against gold", self._unit, None, policy.gold_accuracy.bounds("gold_accuracy")),
            self._check(
                "accuracy_of_label", "accuracy_of_label", "Accuracy on gold items", self._unit, "label",
                policy.accuracy_of_label.bounds("accuracy_of_label", "label"),
            ),
        ]  # fmt: skip
        if self._voted:
            title = "The share of gold items that confident votes contradict"
            bounds = policy.suspect_gold.bounds("suspect_gold")
            unit = f"gold items with {policy.least_votes} votes or more"
            made.append(self._check("suspect", "suspect_gold", title, unit, None, bounds))
        return made

    def requests(self) -> list[Request]:
        """Labels against gold, and of votes how they fall on each gold item; with seconds by speed."""
        asked: list[Request] = [self._confusion]
        if self._voted:
            asked.append(GoldVotes())
        if self._timed:
            asked.append(SpeedOnGold())
        return asked

    def measure(self, counts: Counts) -> list[Measure]:
        """gold_accuracy overall and by speed, accuracy_of_label, gold_confusion, suspect_gold."""
        cells: Cells = counts[self._confusion]
        rows = [*self._of_labels(cells), *self._confusions(cells)]
        if self._voted:
            kinds: GoldItems = counts[GoldVotes()]
            overall = accuracy(kinds.votes, kinds.right, kinds.items)
            items = int(kinds.items.sum())
            policy = self.policy
            suspect = suspect_gold(
                kinds.votes, kinds.against, kinds.items, least=policy.least_votes, confident=policy.confident
            )
            rows.append(self._row("suspect_gold", suspect))
        else:
            right = sum(n for (gold, label), n in self._pairs(cells) if label == gold)
            overall, items = share(right, int(cells.counts.sum())), int(cells.counts.sum())
        if overall.status == "ok" and items < self.policy.least_gold:
            overall = replace(overall, status="too_few_units")
        rows.append(self._row("gold_accuracy", overall))
        if self._timed:
            rows += self._of_speed(counts[SpeedOnGold()])
        return rows

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """What to look at, and how much of it."""
        row = finding.worst
        if finding.verdict == "clear":
            return ""
        if finding.verdict == "insufficient" or row is None:
            return f"Have {self.policy.least_gold} gold items or more labelled among the others."
        n, value = row.estimate.n, row.estimate.value or 0.0
        if row.measure == "suspect_gold":
            return (
                f"Have somebody who knows look at the {number_of(round(n * value), 'gold items')} on which {shown(100 * self.policy.confident)} % or "
                f"more of {self.policy.least_votes} votes or more stand for one other label: gold may be wrong there."
            )
        wrong = round((1 - value) * n)
        most = self._most_confused(measures, row.key if row.measure == "accuracy_of_label" else None)
        return f"Go through the guideline with the annotators on {min(wrong, 40):,} of the {wrong:,} wrong labels{most}, and check gold there."

    @property
    def _table(self) -> str:
        return label_table(self.spec) or "annotations"

    @property
    def _voted(self) -> bool:
        return self._table == "annotations"

    @property
    def _timed(self) -> bool:
        return bool(self._voted and self.spec.annotations and self.spec.annotations.seconds)

    @property
    def _unit(self) -> str:
        return "votes on gold items" if self._voted else "gold items"

    @property
    def _confusion(self) -> GoldConfusion:
        return GoldConfusion(self._table)

    def _pairs(self, cells: Cells) -> Iterator[tuple[tuple[str, str], int]]:
        """Gold's label, the label given, and how often, whoever gave it."""
        summed: dict[tuple[str, str], int] = {}
        for key, n in zip(cells.keys, cells.counts.tolist(), strict=True):
            pair = str(key[-2]), str(key[-1])
            summed[pair] = summed.get(pair, 0) + n
        yield from sorted(summed.items())

    def _of_labels(self, cells: Cells) -> Iterator[Measure]:
        """Of the labels on items that gold gives one label, the share that is that label."""
        declared = self.spec.labels.values if self.spec.labels.level not in NUMERIC else None
        votes: dict[str, list[int]] = {label: [0, 0] for label in declared or ()}
        for (gold, label), n in self._pairs(cells):
            counted = votes.setdefault(gold, [0, 0])
            counted[0] += n
            counted[1] += n if label == gold else 0
        for label, (n, right) in votes.items():
            estimate = share(right, n)
            if estimate.status == "ok" and n < self.policy.least_gold:
                estimate = replace(estimate, status="too_few_units")
            yield self._row("accuracy_of_label", estimate, "label", label)
        if not votes:
            yield self._row("accuracy_of_label", Estimate(None, status="empty"), "label")

    def _confusions(self, cells: Cells) -> Iterator[Measure]:
        """Of the labels on items that gold gives one label, the share that is another."""
        pairs = list(self._pairs(cells))
        of_gold: dict[str, int] = {}
        for (gold, _), n in pairs:
            of_gold[gold] = of_gold.get(gold, 0) + n
        wrong = sorted((-n, gold, label) for (gold, label), n in pairs if label != gold)
        for n, gold, label in wrong[:MOST_CONFUSIONS]:
            yield self._row("gold_confusion", share(-n, of_gold[gold]), "gold,label", key_of((gold, label)))

    def _of_speed(self, fifths: Fifths) -> Iterator[Measure]:
        """Accuracy of the fast and the slow answers: for information, since the fast may be the best."""
        for speed, votes, right in zip(SPEEDS, fifths.votes.tolist(), fifths.right.tolist(), strict=True):
            yield self._row("gold_accuracy", share(right, votes), "speed", speed)
        for speed, bound in zip(SPEEDS, fifths.bounds.tolist(), strict=False):
            if np.isfinite(bound):
                yield self._row("seconds_up_to", Estimate(bound, n=int(fifths.votes.sum())), "speed", speed)

    def _most_confused(self, measures: Sequence[Measure], gold: str | None) -> str:
        """The most frequent confusion, of one label of gold's or of all."""
        rows = [
            row
            for row in measures
            if row.measure == "gold_confusion" and (gold is None or row.values[0] == gold)
        ]
        if not rows:
            return ""
        most = max(rows, key=lambda row: (row.estimate.value or 0.0) * row.estimate.n)
        n = round((most.estimate.value or 0.0) * most.estimate.n)
        of_gold, label = most.values
        return f", {n:,} of them {label!r} where gold says {of_gold!r}"

    def _row(
        self, measure: str, estimate: Estimate, by: str | None = None, key: str | None = None
    ) -> Measure:
        return Measure(self.name, measure, self._table, estimate, by, key)

    def _check(
        self, name: str, measure: str, title: str, unit: str, by: str | None, bounds: tuple[Bound, ...]
    ) -> Check:
        return Check(
            f"gold_{name}",
            self.name,
            self._table,
            measure,
            title,
            unit,
            by,
            bounds,
            self.policy.require_evidence,
        )
