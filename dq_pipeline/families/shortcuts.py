"""Shortcuts: does the source, or the annotator, give the label away?"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from dq_pipeline.counts import FeatureSample
from dq_pipeline.families.association import Association
from dq_pipeline.families.check import Check
from dq_pipeline.families.composition import CELLS
from dq_pipeline.families.dimensions import label_table, stands_for_missing
from dq_pipeline.families.family import Family
from dq_pipeline.families.handout import Handout
from dq_pipeline.families.shortcut_words import FEEDS, remedy_of, sentence_of
from dq_pipeline.families.shortcuts_policy import ProbePolicy, ShortcutsPolicy
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.keys import MISSING, key_of
from dq_pipeline.measures.lift import fed
from dq_pipeline.measures.probe import probe
from dq_pipeline.spec import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dq_pipeline.counts import Counts, Request, Sampled
    from dq_pipeline.families.check import Bound, Finding
    from dq_pipeline.measures.lift import Fed
    from dq_pipeline.spec import SpecSource

TOLD = 100
"""Cells of sources and labels that the measures tell; the hand-out has them all."""


class Shortcuts(Family[ShortcutsPolicy]):
    """Source and label, annotator and label, annotator and source; a probe where items carry features."""

    name = "shortcuts"
    Policy = ShortcutsPolicy

    def silent(self) -> str | None:
        """Without a source and without annotators nothing can give the label away."""
        return (
            None if self._associations else "the spec names no items.source with labels, and no annotations"
        )

    def refuse(self, source: SpecSource) -> None:
        """Refuse a probe without scikit-learn."""
        if self._probe is not None and find_spec("sklearn") is None:
            raise InputError(
                source.where(("items", "features")),
                found="no scikit-learn",
                expected="scikit-learn, which probes features",
                fix='pip install "dq_pipeline[probe]", or write `checks: {shortcuts: {probe: false}}`',
            )

    def checks(self) -> list[Check]:
        """V and AUC of source and label, V of annotators, the probe's shortcut."""
        policy, made = self.policy, []
        for one in self._associations:
            bounds = (policy.cramers_v if one.first == "source" else policy.annotator_v).bounds(
                "cramers_v", one.by
            )
            title = f"Cramer's V of {one.first} and {one.second}"
            made.append(
                self._check(
                    f"cramers_v_{one.first}_{one.second}", one.table, "cramers_v", title, one.by, bounds
                )
            )
            if one.first == "source":
                title = "The AUC of telling the label by the source alone"
                bounds = policy.source_only_auc.bounds("source_only_auc")
                made.append(self._check("source_only_auc", one.table, "source_only_auc", title, None, bounds))
                bounds = policy.label_auc.bounds("source_only_auc", "label")
                made.append(
                    self._check(
                        "source_only_auc_by_label", one.table, "source_only_auc", title, "label", bounds
                    )
                )
        if self._probe is not None:
            bounds = self._probe.shortcut_size.bounds("shortcut_size")
            title = "What a model owes to the source, as AUC"
            made.append(self._check("shortcut_size", "items", "shortcut_size", title, None, bounds))
        return made

    def requests(self) -> list[Request]:
        """The cross-tables, and the sample to probe."""
        asked: list[Request] = [request for one in self._associations for request in one.requests()]
        return [*asked, *([self._sample] if self._sample is not None else [])]

    def measure(self, counts: Counts) -> list[Measure]:
        """cramers_v by pair; source_only_auc, annotator_only_auc overall and by label; lift by source and label; the probe."""
        made: list[Measure] = []
        for one in self._associations:
            made += [
                self._row("cramers_v", one.table, v, one.by, label) for label, v in one.v(counts).items()
            ]
            if one.first == "source":
                made += self._told("source_only_auc", one, counts)
                made += self._cells(one, counts)
                made += self._lifts(one, counts)
            elif one.second == "label":
                made += self._told("annotator_only_auc", one, counts)
            else:
                made += self._told("annotator_source_auc", one, counts)
        if self._sample is not None:
            made += self._probed(counts[self._sample])
        return made

    def sentence(self, finding: Finding, measures: Sequence[Measure]) -> str | None:
        """Which label comes from which source, and what the probe scored."""
        return sentence_of(finding, measures)

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """How many rows of which source even it out, or whom to mix."""
        return remedy_of(finding, measures, self.policy.min_rows, self.policy.min_label)

    def handouts(self, counts: Counts) -> list[Handout]:
        """The labels that a source feeds."""
        rows: list[tuple[str | int | float | None, ...]] = []
        for one in self._associations:
            if one.first == "source":
                for source, label, cell in self._fed(one, counts):
                    lift = cell.lift
                    rows.append(
                        (source, label, cell.rows, lift.value, lift.low, lift.high, cell.q, cell.evening)
                    )
        header = ("source", "label", "rows", "lift", "low", "high", "false_discovery_rate", "rows_to_even")
        return [Handout(FEEDS, header, tuple(rows))]

    @property
    def _associations(self) -> list[Association]:
        table = label_table(self.spec)
        sourced = self.spec.items is not None and self.spec.items.source is not None
        pairs = [(table, "source", "label")] if table is not None and sourced else []
        if self.spec.annotations is not None:
            pairs.append(("annotations", "annotator", "label"))
            pairs += [("annotations", "annotator", "source")] if sourced else []
        few = self.policy.min_rows, self.policy.min_label
        return [Association(self.spec, where, first, second, *few) for where, first, second in pairs]

    @property
    def _probe(self) -> ProbePolicy | None:
        items = self.spec.items
        ready = items is not None and items.features and items.source and items.label
        return self.policy.probe if ready and isinstance(self.policy.probe, ProbePolicy) else None

    @property
    def _sample(self) -> FeatureSample | None:
        if self._probe is None or self.spec.items is None:
            return None
        return FeatureSample(self.spec.items.features, self._probe.rows, self._probe.seed)

    def _told(self, name: str, one: Association, counts: Counts) -> Iterator[Measure]:
        for value, auc in one.told(counts).items():
            yield self._row(name, one.table, auc, None if value is None else one.second, value)

    def _fed(self, one: Association, counts: Counts) -> list[tuple[str, str, Fed]]:
        """The labels that a source feeds, the surest first."""
        crossed = one.listed(counts)
        if crossed is None:
            return []
        return [
            (crossed.firsts[cell.source] or MISSING, crossed.seconds[cell.label], cell)
            for cell in counts.once(
                (self.name, one.by), lambda: fed(crossed.grid, crossed.rows, int(crossed.rows.sum()))
            )
        ]

    def _cells(self, one: Association, counts: Counts) -> Iterator[Measure]:
        """The rows of each source with each label, of the largest sources where there are many."""
        crossed = one.listed(counts)
        if crossed is None:
            return
        most = max(CELLS // max(len(crossed.seconds), 1), 1)
        total = int(crossed.rows.sum())
        largest = sorted(range(len(crossed.firsts)), key=lambda at: -int(crossed.rows[at]))[:most]
        for at in sorted(largest):
            source = crossed.firsts[at] or MISSING
            if crossed.rows[at]:
                for label, count in zip(crossed.seconds, crossed.grid[at].tolist(), strict=True):
                    rows = Estimate(float(count), n=total)
                    yield self._row("cell_count", one.table, rows, one.by, key_of((source, label)))

    def _lifts(self, one: Association, counts: Counts) -> Iterator[Measure]:
        for source, label, cell in self._fed(one, counts)[:TOLD]:
            key, n = key_of((source, label)), cell.rows
            yield self._row("lift", one.table, cell.lift, one.by, key)
            evening = (
                Estimate(None, n=n, status="no_overlap")
                if cell.evening is None
                else Estimate(float(cell.evening), n=n)
            )
            yield self._row("rows_to_even", one.table, evening, one.by, key)

    def _probed(self, sample: Sampled) -> Iterator[Measure]:
        policy = self._probe or ProbePolicy()
        separator = self.spec.labels.separator
        labels = [
            frozenset(part.strip() for part in text.split(separator) if part.strip())
            if separator
            else frozenset([text])
            for text in sample.labels
        ]
        known = [
            MISSING if stands_for_missing(self.spec, "source", source) else source
            for source in sample.sources
        ]
        found = probe(sample.features, labels, known, sample.groups, policy.seed)
        scores = {
            "random": found.random,
            "source_only": found.source_only,
            "leave_one_source_out": found.left_out,
        }
        for split, score in scores.items():
            yield self._row("probe_score", "items", score, "split", split)
        yield self._row("shortcut_size", "items", found.shortcut)

    def _row(
        self, measure: str, table: str, estimate: Estimate, by: str | None = None, key: str | None = None
    ) -> Measure:
        return Measure(self.name, measure, table, estimate, by, key)

    def _check(
        self, name: str, table: str, measure: str, title: str, by: str | None, bounds: tuple[Bound, ...]
    ) -> Check:
        unit = "votes" if table == "annotations" else "rows"
        evidence = self.policy.require_evidence
        return Check(f"shortcuts_{name}", self.name, table, measure, title, unit, by, bounds, evidence)
