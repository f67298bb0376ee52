"""Drift: has somebody begun to label otherwise than before?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import Field

from dq_pipeline.counts import Comparisons
from dq_pipeline.counts.days import to_iso
from dq_pipeline.families.check import Check
from dq_pipeline.families.drift_charts import Charts, charts_of
from dq_pipeline.families.drift_words import NAMES, in_words, what_to_do
from dq_pipeline.families.family import Family
from dq_pipeline.families.handout import Handout
from dq_pipeline.families.policy import CountCeiling, Policy
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.falls import Chart, change
from dq_pipeline.measures.page import average_run_length
from dq_pipeline.measures.wilson import wilson
from dq_pipeline.spec.calibration import Days  # noqa: TC001 - pydantic reads it

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dq_pipeline.counts import Counts
    from dq_pipeline.counts.comparisons import Reference
    from dq_pipeline.families.check import Finding

COLUMNS = ("of", "annotator", "from", "to", "votes", "agreeing_share", "z", "sum", "limit")


class DriftPolicy(Policy):
    """When a fall is more than chance.

    Attributes:
        window: How long a window is.
        min_votes: Fewest votes of an annotator to compare with the windows before; windows with fewer wait for the next.
        once_in: The fall that warns: one that chance makes once in so many windows of a crowd in which nobody drifts,
            over all its annotators together, so that a large crowd raises no more false alarms than a small one.
    """

    window: Days = Field(default=7, ge=1)
    min_votes: int = Field(default=20, ge=1)
    once_in: CountCeiling = CountCeiling(warn=200)


class Drift(Family[DriftPolicy]):
    """Page's cumulative sum over windows of time: by annotator and of all, on agreement with peers and on gold."""

    name = "drift"
    Policy = DriftPolicy

    def silent(self) -> str | None:
        """Without times there are no windows."""
        if self.spec.annotations is None:
            return "the spec names no annotations"
        return None if self.spec.annotations.time else "the spec names no annotations.time"

    def checks(self) -> list[Check]:
        """For each reference one over the annotators and one of everybody together; disagreement that is data never blocks."""
        made = []
        for reference in self._references:
            word, title = NAMES[reference]
            for by, name in (("annotator", f"drift_{word}"), (None, f"drift_{word}_of_all")):
                bounds = self.policy.once_in.bounds(f"{word}_drift", by)
                if reference == "peers" and self.spec.labels.paradigm == "descriptive":
                    bounds = tuple(replace(bound, severity="warn") for bound in bounds)
                evidence = self.policy.require_evidence
                title_of_check = f"A fall in {title}"
                made.append(
                    Check(
                        name,
                        self.name,
                        "annotations",
                        f"{word}_drift",
                        title_of_check,
                        "windows",
                        by,
                        bounds,
                        evidence,
                    )
                )
        return made

    def requests(self) -> list[Comparisons]:
        """Votes against peers, and against gold where there is some, by annotator and window."""
        return [self._request(reference) for reference in self._references]

    def measure(self, counts: Counts) -> list[Measure]:
        """Of each chart how seldom its fall is, its sum, start, shares before and since and their difference; the windows."""
        rows: list[Measure] = []
        for reference in self._references:
            word, charts = NAMES[reference][0], self._charts(counts, reference)
            rows += self._of_chart(word, None, charts.together, 1, charts.weighed.worth_together)
            drawn = sum(found is not None for found in charts.by_annotator.values())
            for name, found in charts.by_annotator.items():
                rows += self._of_chart(word, name, found, drawn, charts.weighed.worth)
            rows += self._of_windows(word, charts)
        return rows

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """What to look at together, and how many labels to give again."""
        return what_to_do(finding, measures, self.policy.min_votes)

    def sentence(self, finding: Finding, measures: Sequence[Measure]) -> str | None:
        """The fall in points, since when, and how seldom chance makes one like it."""
        if finding.error is not None:
            return None
        return in_words(finding, measures, self.policy.window, self.policy.min_votes)

    def handouts(self, counts: Counts) -> list[Handout]:
        """drift.csv: every step of every chart whose sum was past its limit at some time."""
        rows = [
            (NAMES[reference][1], name or "(everybody)", *step)
            for reference in self._references
            for name, found, limit in self._charts(counts, reference).with_limits()
            if max(found.sums) > limit
            for step in self._steps(found, limit)
        ]
        return [Handout("drift.csv", COLUMNS, tuple(rows))]

    @property
    def _references(self) -> tuple[Reference, ...]:
        return ("peers", "gold") if self.spec.gold is not None else ("peers",)

    def _request(self, reference: Reference) -> Comparisons:
        return Comparisons(reference, self.policy.window)

    def _charts(self, counts: Counts, reference: Reference) -> Charts:
        request, policy = self._request(reference), self.policy
        once_in = policy.once_in.warn or policy.once_in.block or 0.0
        charts: Charts = counts.once(
            ("drift", request, policy),
            lambda: charts_of(counts[request], reference, least=policy.min_votes, once_in=once_in),
        )
        return charts

    def _of_chart(
        self, word: str, annotator: str | None, found: Chart | None, drawn: int, worth: float
    ) -> Iterator[Measure]:
        by = None if annotator is None else "annotator"
        if found is None:
            few = Estimate(None, status="too_few_units")
            yield Measure(self.name, f"{word}_drift", "annotations", few, by, annotator)
            return
        n = len(found.steps) + 1
        start = float(found.since.first * self.policy.window)
        estimates = {
            "drift": Estimate(average_run_length(found.sums[-1]) / drawn, n=n),
            "drift_sum": Estimate(found.sums[-1], n=n),
            "drift_start": Estimate(start, n=n),
            "before": found.before.rate(worth),
            "since": found.since.rate(worth),
            "change": change(found.before, found.since, worth),
        }
        for name, estimate in estimates.items():
            yield Measure(self.name, f"{word}_{name}", "annotations", estimate, by, annotator)

    def _of_windows(self, word: str, charts: Charts) -> Iterator[Measure]:
        """The share that agrees in each window, of everybody."""
        votes, agreeing = (sums.sum(axis=1) for sums in charts.weighed.together)
        for place, window in enumerate(charts.weighed.periods):
            total = float(votes[place])
            share = min(float(agreeing[place]) / total, 1.0)
            ends = wilson(share, total * charts.weighed.worth_together)
            estimate = Estimate(share, *ends, n=round(total))
            yield Measure(
                self.name, f"{word}_in_window", "annotations", estimate, "window", self._date(window)
            )

    def _steps(self, found: Chart, limit: float) -> Iterator[tuple[str | float, ...]]:
        for part, z, total in zip(found.steps, found.z, found.sums, strict=True):
            votes = float(part.votes.sum())
            yield (
                self._date(part.first),
                to_iso((part.last + 1) * self.policy.window - 1),
                round(votes),
                float(part.agreeing.sum()) / votes,
                z,
                total,
                limit,
            )

    def _date(self, window: int) -> str:
        return to_iso(window * self.policy.window)
