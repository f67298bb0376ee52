"""Consensus: which label stands where annotators differ, how right it is, and which items are worth another look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from dq_pipeline.consensus.reached import Outcome, Reached
from dq_pipeline.consensus.relabel import Relabel
from dq_pipeline.families.check import Check
from dq_pipeline.families.family import Family
from dq_pipeline.families.policy import CountFloor, Policy, RatioCeiling, ShareCeiling, ShareFloor
from dq_pipeline.families.relabel_queue import Columns, queue_csv, queue_json
from dq_pipeline.families.verdict import number_of
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.shares import share
from dq_pipeline.spec import InputError
from dq_pipeline.spec.part import SpecPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.consensus.majority import Method
    from dq_pipeline.consensus.relabel import Queue
    from dq_pipeline.counts import Counts
    from dq_pipeline.families.check import Bound, Finding
    from dq_pipeline.families.handout import Document, Handout
    from dq_pipeline.spec import SpecSource

METHODS: tuple[Method, ...] = ("majority", "dawid_skene")
COMPARED = 1_000_000
"""Annotations up to which Dawid-Skene is run for comparison only; as the consensus itself it is run on any number."""


class RelabelPolicy(SpecPart):
    """What the queue of items worth another look holds.

    Attributes:
        most: Items at most; 0 for no queue.
        show: Columns of the items table to show with each, such as its picture's address.
        control: The name of the labelling control in Label Studio.
        object: The name of what it labels there.
    """

    most: int = Field(default=1000, ge=0, le=100_000)
    show: Columns = ()
    control: str = Field(default="label", min_length=1)
    object: str = Field(default="item", min_length=1)


class ConsensusPolicy(Policy):
    """How sure a consensus must be.

    Attributes:
        gold_accuracy: Where the accuracy of the training set's consensus against gold warns and blocks; with
            `paradigm: descriptive`, where disagreement is data and gold is what gates, it also blocks below .667 unless said.
        tied_share: Where the share of items whose first labels are tied warns and blocks.
        votes_per_annotator: Below so many votes an annotator Dawid-Skene cannot tell habits from chance.
        annotator_parts: Above so many parts of the graph of annotators it cannot compare them.
        dawid_skene: Whether to run Dawid-Skene for comparison where it is not the consensus.
        relabel: The queue of items worth another look.
    """

    gold_accuracy: ShareFloor | None = None
    tied_share: ShareCeiling = ShareCeiling(warn=0.2)
    votes_per_annotator: CountFloor = CountFloor(warn=10)
    annotator_parts: RatioCeiling = RatioCeiling(warn=1)
    dawid_skene: bool = True
    relabel: RelabelPolicy = RelabelPolicy()


class Consensus(Family[ConsensusPolicy]):
    """Majority and Dawid-Skene: ties, accuracy against gold, what Dawid-Skene rests on, and the relabel queue."""

    name = "consensus"
    Policy = ConsensusPolicy

    def silent(self) -> str | None:
        """Without annotations there is nothing to agree upon."""
        return None if self.spec.annotations else "the spec names no annotations"

    def refuse(self, source: SpecSource) -> None:
        """Refuse to show columns of items that the spec does not have."""
        if self.policy.relabel.show and self.spec.items is None:
            raise InputError(
                source.where(("checks", "consensus", "relabel", "show")),
                found="columns to show, and no items",
                expected="a table of items that has them",
                fix="name `items`, or take `show` out",
            )

    def checks(self) -> list[Check]:
        """Ties, accuracy where there is gold, and of Dawid-Skene what it rests on; of majority that is told, not judged."""
        made = [
            self._check("tied_share", "The share of items with tied votes", "items", self._ties),
        ]
        if self.spec.gold is not None:
            title = f"The accuracy of {self._method.replace('_', '-')} against gold"
            keys = (self._method,)
            bounds = self._accuracy.bounds("gold_accuracy", "consensus", self._method)
            made.append(
                Check(
                    "consensus_gold_accuracy", self.name, "annotations", "gold_accuracy", title, "items with gold",
                    "consensus", bounds, self.policy.require_evidence, keys,
                )
            )  # fmt: skip
        if self._method == "dawid_skene":
            bounds = self.policy.votes_per_annotator.bounds("votes_per_annotator")
            made.append(
                self._check("votes_per_annotator", "Votes an annotator for Dawid-Skene", "annotators", bounds)
            )
            bounds = self.policy.annotator_parts.bounds("annotator_parts")
            title = "The parts that annotators fall into for Dawid-Skene, no item shared between them,"
            made.append(self._check("annotator_parts", title, "annotators", bounds))
        return made

    def requests(self) -> list[Reached | Relabel]:
        """Each method's outcome, and the queue."""
        return [*(self._reached(method) for method in self._methods), *([self._queue] if self._queue else [])]

    def measure(self, counts: Counts) -> list[Measure]:
        """gold_accuracy by consensus, tied_share, what Dawid-Skene came to, relabel_items by reason."""
        rows: list[Measure] = []
        for method in self._methods:
            outcome: Outcome | None = counts[self._reached(method)]
            if outcome is None:
                continue
            if self.spec.gold is not None:
                accuracy = share(outcome.gold_credit, outcome.gold_items)
                rows.append(self._row("gold_accuracy", accuracy, "consensus", method))
            if method == self._method:
                rows.append(self._row("tied_share", share(outcome.tied, outcome.items)))
            if outcome.run is not None:
                rows += self._of_run(outcome)
        if self._queue is not None:
            queue: Queue = counts[self._queue]
            items = sum(queue.by_reason.values())
            rows += [
                self._row("relabel_items", Estimate(float(count), n=items), "reason", reason)
                for reason, count in sorted(queue.by_reason.items())
            ]
        return rows

    def handouts(self, counts: Counts) -> list[Handout | Document]:
        """relabel.csv for people, and relabel.json for Label Studio."""
        if self._queue is None:
            return []
        queue: Queue = counts[self._queue]
        policy = self.policy.relabel
        return [
            queue_csv(queue, policy.show),
            queue_json(queue, policy.show, self.spec.dataset, self._method, (policy.control, policy.object)),
        ]

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:  # noqa: ARG002 - the finding says it all
        """How many votes or items are lacking, and where the queue is."""
        worst = finding.worst
        measure, n = finding.check.measure, worst.estimate.n if worst else 0
        value = (worst.estimate.value if worst else None) or 0.0
        if finding.verdict == "insufficient":
            return (
                "Have items with gold annotated: there is none so far."
                if measure == "gold_accuracy"
                else "Annotate some items: there are no votes yet."
            )
        queue = "; relabel.csv lists the items, the most worthwhile first" if self._queue is not None else ""
        if measure == "tied_share":
            return f"Have the {number_of(round(value * n), 'tied items')} annotated once more{queue}."
        if measure == "gold_accuracy":
            return f"Look again at the {number_of(round((1 - value) * n), 'items')} whose label is not that of gold{queue}."
        if measure == "annotator_parts":
            return f"Have each of the {round(value):,} parts annotate 30 items of the others, or write `consensus: majority`."
        floor = finding.bound.at_least if finding.bound is not None and finding.bound.at_least else value
        return (
            f"Collect {max(round(floor * n - value * n), 1):,} more votes from the {n:,} annotators, or write "
            "`consensus: majority`: with so few Dawid-Skene does worse than it."
        )

    @property
    def _method(self) -> Method:
        return self.spec.training_set.consensus

    @property
    def _methods(self) -> tuple[Method, ...]:
        return METHODS if self.policy.dawid_skene or self._method == "dawid_skene" else ("majority",)

    @property
    def _descriptive(self) -> bool:
        return self.spec.labels.paradigm == "descriptive"

    @property
    def _accuracy(self) -> ShareFloor:
        if self.policy.gold_accuracy is not None:
            return self.policy.gold_accuracy
        return ShareFloor(warn=0.8, block=0.667) if self._descriptive else ShareFloor(warn=0.8)

    @property
    def _ties(self) -> tuple[Bound, ...]:
        # Where disagreement is data a tie is a soft label like any other.
        return () if self._descriptive else self.policy.tied_share.bounds("tied_share")

    @property
    def _queue(self) -> Relabel | None:
        policy = self.policy.relabel
        if not policy.most:
            return None
        data = ("ambiguous_item", "dissent") if self._descriptive else ()
        return Relabel(self._method, policy.most, policy.show, data)

    def _reached(self, method: Method) -> Reached:
        return Reached(method, None if method in {"majority", self._method} else COMPARED)

    def _of_run(self, outcome: Outcome) -> list[Measure]:
        run = outcome.run
        if run is None:
            return []
        whole = Estimate(None, status="empty") if not run.items else None
        return [
            *(
                self._row("dawid_skene_prior", whole or Estimate(prior, n=run.items), "label", label)
                for label, prior in zip(run.labels, run.prior, strict=True)
            ),
            self._row("dawid_skene_log_likelihood", whole or Estimate(run.log_likelihood, n=run.votes)),
            self._row(
                "votes_per_annotator", whole or Estimate(run.votes / max(run.annotators, 1), n=run.annotators)
            ),
            self._row("annotator_parts", whole or Estimate(float(run.components), n=run.annotators)),
        ]

    def _row(
        self, measure: str, estimate: Estimate, by: str | None = None, key: str | None = None
    ) -> Measure:
        return Measure(self.name, measure, "annotations", estimate, by, key)

    def _check(self, measure: str, title: str, unit: str, bounds: tuple[Bound, ...]) -> Check:
        return Check(
            f"consensus_{measure}", self.name, "annotations", measure, title, unit,
            bounds=bounds, require_evidence=self.policy.require_evidence,
        )  # fmt: skip
