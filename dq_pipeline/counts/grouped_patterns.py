"""The votes of each item by the annotators' groups, packed: how often annotators of one group agree, and of two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts.additive import Additive, at, in_order, summed_rows
from dq_pipeline.counts.by_item import labels_given, packed, unpacked
from dq_pipeline.counts.domain import coded, values_of
from dq_pipeline.counts.on_scale import on_scale
from dq_pipeline.counts.packing import Packing
from dq_pipeline.counts.patterns import MOST_LABELS, Patterns, added_up
from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Signed
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class GroupedHistogram:
    """Votes of items by the annotators' groups and labels, and how many items have each.

    Attributes:
        groups: The G groups, sorted.
        labels: The K labels.
        vectors: int64 [P, G, K], votes of each group for each label.
        items: int64 [P], items with these votes.
    """

    groups: tuple[str, ...]
    labels: tuple[str, ...]
    vectors: Ints
    items: Ints


@dataclass(frozen=True)
class GroupedPatterns(Additive):
    """Count the items by the votes that each group of annotators gave them.

    Attributes:
        patterns: What to count.
    """

    beside = False

    patterns: Patterns

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[GroupedPatterns]) -> list[GroupedHistogram]:
        """One grouping by item; too many groups and labels to tell apart give no items."""
        with engine_errors("annotations"):
            return [_grouped(tables, request.patterns) for request in requests]

    def added(self, spec: Spec, states: Sequence[Signed]) -> GroupedHistogram | None:  # noqa: ARG002 - as Additive has it
        """The histogram of all parts; None where there are too many groups and labels to tell apart."""
        groups = tuple(sorted({name for _, state in states for name in state.groups}))
        labels = in_order(self.patterns.declared, (state.labels for _, state in states))
        if len(groups) * len(labels) > MOST_LABELS:
            return None
        spread = []
        for _, state in states:
            vectors = np.zeros((len(state.vectors), len(groups), len(labels)), np.int64)
            vectors[:, at(state.groups, groups)[:, None], at(state.labels, labels)] = state.vectors
            spread.append(vectors.reshape(len(vectors), len(groups) * len(labels)))
        vectors, items = summed_rows(spread, [sign * state.items for sign, state in states])
        return GroupedHistogram(groups, labels, vectors.reshape(-1, len(groups), len(labels)), items)


def _grouped(tables: Tables, patterns: Patterns) -> GroupedHistogram:
    everything = tables["annotations"].expr
    groups = values_of(everything, "annotator_group")
    seen = labels_given(tables, patterns.declared)
    scale = on_scale(seen, patterns.level, patterns.declared)
    placed = scale.labels
    both = tuple(f"{group}|{label}" for group in range(len(groups)) for label in seen)
    if not both or not placed or len(both) > MOST_LABELS:
        shape = (0, len(groups), len(placed))
        return GroupedHistogram(groups, placed, np.zeros(shape, np.int64), np.zeros(0, np.int64))
    votes = coded(tables.votes, "annotator_group", groups)
    votes = votes.mutate(label=votes.annotator_group_code.cast("string") + "|" + votes.label)
    packing = Packing(both, tables.most_votes)
    by_item = packed(votes, packing, "item")
    vectors, items = unpacked(
        by_item.group_by(*packing.words).agg(items=by_item.count()).to_pyarrow(), packing
    )
    shaped = scale.gathered(vectors.reshape(len(vectors), len(groups), len(seen)), seen)
    distinct, counts = added_up(shaped.reshape(len(vectors), len(groups) * len(placed)), items)
    return GroupedHistogram(groups, placed, distinct.reshape(-1, len(groups), len(placed)), counts)
