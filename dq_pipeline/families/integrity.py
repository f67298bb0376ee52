"""Integrity: is every item there once, with one label, on one side of the split, and its label not given away?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import Field

from dq_pipeline.counts import Duplicates, LabelLeaks, SplitGroups
from dq_pipeline.counts.duplicates import listed_duplicates
from dq_pipeline.counts.split_groups import listed_groups
from dq_pipeline.families.check import Check
from dq_pipeline.families.dimensions import label_table, split_known
from dq_pipeline.families.family import Family
from dq_pipeline.families.handout import Handout
from dq_pipeline.families.near import Kind, NearContent, can_find_texts
from dq_pipeline.families.policy import Policy, ShareCeiling
from dq_pipeline.families.verdict import beside_limit, limit, number_of
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.leaks import found_in_text, uncertainty_coefficient
from dq_pipeline.measures.shares import share
from dq_pipeline.tables import engine_errors
from dq_pipeline.tables.rows import write_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dq_pipeline.counts import Counts, DuplicateCounts, GroupCounts, LeakCounts, Request
    from dq_pipeline.families.check import Finding
    from dq_pipeline.tables import Tables


class IntegrityPolicy(Policy):
    """How much of the set may be there twice, contradict itself or give its labels away.

    Attributes:
        duplicate_share: Items that are a repetition of another, as a share of all.
        contradictory_share: Items whose content comes with another label elsewhere, as a share of all.
        duplicates_across_split: Items whose content lies on another side of the split too, as a share of all.
        near_duplicate_share: Compared items that have a near duplicate, as a share of all that are compared.
        text_similarity: The least overlap of two texts' shingles for them to be near (Jaccard).
        hash_bits: The most bits in which two near hashes differ.
        embedding_cosine: The least cosine of two near embeddings.
        groups_across_split: Groups that the split cuts through, as a share of all groups.
        label_given_away: How much one column, text or order of ids tells of the label, from 0 to 1.
        min_items: Fewest items for a column to be said to give labels away.
    """

    duplicate_share: ShareCeiling = ShareCeiling(warn=0.01, block=0.1)
    contradictory_share: ShareCeiling = ShareCeiling(warn=0.0, block=0.01)
    duplicates_across_split: ShareCeiling = ShareCeiling(warn=0.0, block=0.01)
    near_duplicate_share: ShareCeiling = ShareCeiling(warn=0.05)
    text_similarity: float = Field(default=0.8, gt=0, le=1)
    hash_bits: int = Field(default=4, ge=0, le=64)
    embedding_cosine: float = Field(default=0.99, gt=0, le=1)
    groups_across_split: ShareCeiling = ShareCeiling(block=0.0)
    label_given_away: ShareCeiling = ShareCeiling(warn=0.9)
    min_items: int = Field(default=200, ge=1)


class Integrity(Family[IntegrityPolicy]):
    """Duplicates, contradictions, leaks across the split, and what gives labels away."""

    name = "integrity"
    Policy = IntegrityPolicy

    def silent(self) -> str | None:
        """Without items there is no content; something of theirs must be there to look at."""
        if self.spec.items is None:
            return "the spec names no items"
        if not (self._identity or self._labelled or self._grouped):
            return "the spec names no items.content, text, hash or embedding, no labels, and no group with a split column"
        return None

    def checks(self) -> list[Check]:
        """Those for which the spec names what they look at."""
        made = []
        if self._identity:
            made.append(self._check("duplicate_share", "The share of items that repeat another", "items"))
            if self._labelled:
                title = "The share of items whose content has another label elsewhere"
                made.append(self._check("contradictory_share", title, "items"))
            if split_known(self.spec):
                title = "The share of items whose content lies on another side of the split too"
                made.append(self._check("duplicates_across_split", title, "items"))
        if self._near:
            title = "The share of items with a near duplicate"
            made.append(self._check("near_duplicate_share", title, "compared items", by="content"))
        if self._grouped:
            title = "The share of groups that lie on several sides of the split"
            made.append(self._check("groups_across_split", title, "groups"))
        if self._labelled:
            title = "How much of the label is given away"
            made.append(self._check("label_given_away", title, "items", by="leak"))
        return made

    def requests(self) -> list[Request]:
        """What those checks look at."""
        made: list[Request] = []
        if self._identity:
            made.append(Duplicates(self._identity))
        made += [near.request for near in self._near]
        if self._grouped:
            made.append(SplitGroups())
        if self._labelled:
            made.append(LabelLeaks())
        return made

    def measure(self, counts: Counts) -> list[Measure]:
        """duplicate_share, contradictory_share, duplicates_ and groups_across_split, label_given_away by leak."""
        rows = []
        if self._identity:
            doubles: DuplicateCounts = counts[Duplicates(self._identity)]
            rows.append(self._row("duplicate_share", share(doubles.extra, doubles.items)))
            rows.append(self._row("duplicate_groups", Estimate(float(doubles.groups), n=doubles.items)))
            if self._labelled:
                rows.append(
                    self._row("contradictory_share", share(doubles.contradictory_items, doubles.items))
                )
                rows.append(
                    self._row(
                        "contradictory_groups", Estimate(float(doubles.contradictory), n=doubles.groups)
                    )
                )
            if split_known(self.spec):
                rows.append(self._row("duplicates_across_split", share(doubles.across_items, doubles.items)))
        for near in self._near:
            found = near.found(counts[near.request])
            estimate = share(found.near, found.compared) if found else Estimate(None, status="empty")
            rows.append(self._row("near_duplicate_share", estimate, "content", near.kind))
        if self._grouped:
            groups: GroupCounts = counts[SplitGroups()]
            rows.append(self._row("groups_across_split", share(groups.across, groups.groups)))
        if self._labelled:
            rows += self._of_leaks(counts[LabelLeaks()])
        return rows

    def sentence(self, finding: Finding, measures: Sequence[Measure]) -> str | None:  # noqa: ARG002 - the finding says it all
        """What gives the label away, in words."""
        worst, bound = finding.worst, finding.bound
        if finding.check.measure != "label_given_away" or worst is None or bound is None:
            return None
        kind, _, column = (worst.key or "").partition("|")
        what = {
            "column": f"Column {column!r} tells",
            "order": "The order of the ids tells",
            "text": f"The text of {column!r} tells",
        }
        others = len(finding.failing) - 1
        more = f" ({others:,} more beyond it)" if others > 0 else ""
        return (
            f"{what[kind]} {beside_limit(worst.estimate.value, bound)} of the label, from 0 to 1 ({number_of(worst.estimate.n, 'items')}); "
            f"the limit is {limit(bound)}{more}."
        )

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:  # noqa: ARG002 - the finding says it all
        """How many items to take out, correct or move, and where they are listed."""
        worst = finding.worst
        if finding.verdict == "insufficient" or worst is None:
            return self._evidence_of(finding.check.measure)
        some = round((worst.estimate.value or 0.0) * worst.estimate.n)
        if finding.check.measure == "label_given_away":
            leak, _, column = (worst.key or "").partition("|")
            if leak == "order":
                return "Give items ids that follow no label, and shuffle them before they are split or shown."
            return f"Keep column {column!r} from the model and from the annotators, or show that it is known before the label."
        if finding.check.measure == "near_duplicate_share":
            return f"Look at {number_of(some, 'items')} beside their near duplicates and keep one of each; near_duplicates.csv lists pairs."
        told = {
            "duplicate_share": f"Take {number_of(some, 'items')} out; duplicates.csv lists each with the first of its kind.",
            "contradictory_share": f"Have {number_of(some, 'items')} labelled anew; duplicates.csv lists them with who labelled them.",
            "duplicates_across_split": f"Move {number_of(some, 'items')} to one side of the split; duplicates.csv lists them.",
            "groups_across_split": (
                f"Move the items of {number_of(some, 'groups')} to one side of the split; split_groups.csv lists them."
            ),
        }
        return told[finding.check.measure]

    def _evidence_of(self, measure: str) -> str:
        """What to get so that the measure can be told."""
        if (
            measure == "near_duplicate_share"
            and self.spec.items
            and self.spec.items.text
            and not can_find_texts()
        ):
            return "Install what finds them: pip install 'dq_pipeline[near]'."
        if measure == "label_given_away":
            return f"Have {number_of(self.policy.min_items, 'items')} labelled: what fewer give away may be chance."
        return "Export the items again with what tells them apart: there is nothing to compare."

    def leave(self, tables: Tables, counts: Counts, folder: Path) -> None:
        """duplicates.csv and split_groups.csv: the items that the sentences speak of, by id alone."""
        if self._identity:
            doubles: DuplicateCounts = counts[Duplicates(self._identity)]
            self._write(
                folder / "duplicates.csv", doubles.groups, lambda: _in_order(tables, doubles, self._identity)
            )
        if self._grouped:
            groups: GroupCounts = counts[SplitGroups()]
            self._write(
                folder / "split_groups.csv",
                groups.across,
                lambda: listed_groups(tables).order_by("group", "item"),
            )

    @staticmethod
    def _write(file: Path, found: int, rows: Callable[[], Any]) -> None:
        """Write the rows where something was found; else take away the file of an earlier audit."""
        file.unlink(missing_ok=True)
        if found:
            with engine_errors("items"):
                write_rows(file, rows())

    def handouts(self, counts: Counts) -> list[Handout]:
        """near_duplicates.csv: the pairs of items that are all but equal."""
        if not self._near:
            return []
        rows = [row for near in self._near for row in near.listed(counts[near.request])]
        return [Handout("near_duplicates.csv", ("content", "item", "near", "likeness"), tuple(rows))]

    @property
    def _near(self) -> list[NearContent]:
        items, policy = self.spec.items, self.policy
        if items is None:
            return []
        limits: dict[Kind, float] = {
            "text": policy.text_similarity,
            "hash": policy.hash_bits,
            "embedding": policy.embedding_cosine,
        }
        columns = {kind: items.contents.get(kind) for kind in limits}
        return [NearContent(kind, column, limits[kind]) for kind, column in columns.items() if column]

    @property
    def _identity(self) -> tuple[str, ...]:
        return self.spec.items.identity if self.spec.items else ()

    @property
    def _labelled(self) -> bool:
        return self.spec.items is not None and label_table(self.spec) is not None

    @property
    def _grouped(self) -> bool:
        """Whether a split is given that could cut groups; of one made here the training set's contract tells."""
        return self.spec.items is not None and bool(self.spec.items.group and self.spec.items.split)

    def _check(self, measure: str, title: str, unit: str, by: str | None = None) -> Check:
        threshold: ShareCeiling = getattr(self.policy, measure)
        bounds, evidence = threshold.bounds(measure, by), self.policy.require_evidence
        return Check(f"integrity_{measure}", self.name, "items", measure, title, unit, by, bounds, evidence)

    def _of_leaks(self, found: LeakCounts) -> list[Measure]:
        told = {
            f"column|{name}": uncertainty_coefficient(sizes.joint, sizes.value, sizes.label)
            for name, sizes in found.columns.items()
        }
        told["order|item"] = uncertainty_coefficient(found.order.joint, found.order.value, found.order.label)
        told |= {
            f"text|{name}": found_in_text(one.hits, one.by_chance, one.rows)
            for name, one in found.texts.items()
        }
        return [self._row("label_given_away", self._settled(one), "leak", key) for key, one in told.items()]

    def _settled(self, estimate: Estimate) -> Estimate:
        if estimate.value is None or estimate.n >= self.policy.min_items:
            return estimate
        return replace(estimate, value=None, status="too_few_units")

    def _row(
        self, measure: str, estimate: Estimate, by: str | None = None, key: str | None = None
    ) -> Measure:
        return Measure(self.name, measure, "items", estimate, by, key)


def _in_order(tables: Tables, doubles: DuplicateCounts, identity: Sequence[str]) -> Any:
    return listed_duplicates(tables, doubles, identity).order_by("same_as", "item", "label")
