"""The pattern histogram: how many items got which votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts.additive import Additive, at, in_order, summed_rows
from dq_pipeline.counts.by_item import labels_given, packed_patterns
from dq_pipeline.counts.moments import Moments, count_moments
from dq_pipeline.counts.on_scale import Level, on_scale
from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Signed
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]

MOST_LABELS = 256
"""Labels up to which patterns are told apart."""


@dataclass(frozen=True)
class PatternHistogram:
    """Label-count vectors of items and how many items have each.

    Attributes:
        labels: The K labels: declared ones in their order, then others that were seen, sorted.
        vectors: int64 [P, K], votes for each label, each vector once.
        items: int64 [P], items with that vector.
    """

    labels: tuple[str, ...]
    vectors: Ints
    items: Ints

    def spread(self, labels: tuple[str, ...]) -> Ints:
        """int64 [P, L], the vectors over these labels, its own among them."""
        vectors = np.zeros((len(self.vectors), len(labels)), np.int64)
        vectors[:, at(self.labels, labels)] = self.vectors
        return vectors


@dataclass(frozen=True)
class Patterns(Additive):
    """Count the items by the votes they got; with more than MOST_LABELS labels, sum up their moments instead.

    Attributes:
        declared: The declared labels, in order; none for those seen.
        level: The labels' level of measurement: with numbers, texts that are none have no vote; with an order, those
            that are not declared have none.
    """

    beside = False

    declared: tuple[str, ...] = ()
    level: Level = "nominal"

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Patterns]) -> list[PatternHistogram | Moments]:
        """One pass over the ballots a request; by query one grouping by item."""
        return [_count(tables, request) for request in requests]

    def added(self, spec: Spec, states: Sequence[Signed]) -> PatternHistogram | None:  # noqa: ARG002 - as Additive has it
        """The histogram of all parts; None where there are more labels than patterns are told apart of."""
        if any(isinstance(state, Moments) for _, state in states):
            return None
        labels = in_order(self.declared, (state.labels for _, state in states))
        if len(labels) > MOST_LABELS:
            return None
        vectors, items = summed_rows(
            [state.spread(labels) for _, state in states], [sign * state.items for sign, state in states]
        )
        return used_labels(PatternHistogram(labels, vectors, items), self.declared)


def _count(tables: Tables, request: Patterns) -> PatternHistogram | Moments:
    with engine_errors("annotations"):
        labels = labels_given(tables, request.declared)
        scale = on_scale(labels, request.level, request.declared)
        if not scale.labels:
            return PatternHistogram((), np.zeros((0, 0), np.int64), np.zeros(0, np.int64))
        if len(labels) > MOST_LABELS:
            return count_moments(tables, scale, request.level)
        vectors, items = packed_patterns(tables, labels)
    distinct = added_up(scale.gathered(vectors, labels), items)
    return used_labels(PatternHistogram(scale.labels, *distinct), request.declared)


def added_up(vectors: Ints, items: Ints) -> tuple[Ints, Ints]:
    """Equal vectors made one, their items added."""
    if not len(vectors):
        return vectors, items
    distinct, place = np.unique(vectors, axis=0, return_inverse=True)
    total = np.zeros(len(distinct), np.int64)
    np.add.at(total, place.ravel(), items)
    return distinct, total


def used_labels(state: PatternHistogram, declared: Collection[str]) -> PatternHistogram:
    """The state without labels that neither are declared nor have a vote that counts."""
    used = state.vectors.any(axis=0) | np.array([label in declared for label in state.labels], bool)
    labels = tuple(label for label, kept in zip(state.labels, used, strict=True) if kept)
    return PatternHistogram(labels, state.vectors[:, used], state.items)
