"""The pattern histogram: how many items got which votes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.domain import labels_of
from dq_pipeline.counts.moments import Level, Moments, count_moments
from dq_pipeline.counts.packing import WORD, Packing
from dq_pipeline.spec.number import NUMBER
from dq_pipeline.tables import (
    MANY,
    SLOTS,
    Suspects,
    engine_errors,
    labelled,
    looked_up,
    marks_of,
    may_repeat,
    standing,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]

FEW = 16
"""Labels that are looked up in a list at every row; more are joined, as a list takes longer the longer it is."""
MOST_LABELS = 256
"""Labels up to which patterns are told apart."""
LEAST_BITS = 4
"""Bits of a field to begin with: most items have fewer than 16 votes."""


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

    def merge(self, other: PatternHistogram) -> PatternHistogram:
        """The state of both tables together, which share no item."""
        labels = (*self.labels, *(label for label in other.labels if label not in self.labels))
        parts = [_spread(state, labels) for state in (self, other)]
        return PatternHistogram(
            labels, *added_up(np.vstack(parts), np.concatenate([self.items, other.items]))
        )


@dataclass(frozen=True)
class Patterns:
    """Count the items by the votes they got; with more than MOST_LABELS labels, sum up their moments instead.

    Attributes:
        declared: The declared labels, in order; none for those seen.
        level: The labels' level of measurement: with numbers, texts that are none have no vote; with an order, those
            that are not declared have none.
    """

    declared: tuple[str, ...] = ()
    level: Level = "nominal"

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Patterns]) -> list[PatternHistogram | Moments]:
        """One grouping by item a request; items that may hold a repeat, or very many votes, are counted again."""
        return [_count(tables, request) for request in requests]


def _count(tables: Tables, request: Patterns) -> PatternHistogram | Moments:
    with engine_errors("annotations"):
        kept = labelled(tables["annotations"].expr)
        labels = labels_of(tables["annotations"].expr, request.declared)
        placed = on_scale(labels, request)
        if not placed:
            return PatternHistogram((), np.zeros((0, 0), np.int64), np.zeros(0, np.int64))
        if len(labels) > MOST_LABELS:
            return count_moments(tables, placed, request.level)
        parts = list(_counted(tables, kept, labels))
    vectors, items = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    columns = [labels.index(label) for label in placed]
    return used_labels(PatternHistogram(placed, *added_up(vectors[:, columns], items)), request.declared)


def on_scale(labels: Sequence[str], request: Patterns) -> tuple[str, ...]:
    """The labels that have a place on the scale; others stand as votes do, and then have none."""
    if request.level == "ordinal":
        return request.declared
    if request.level in {"interval", "ratio"}:
        return tuple(label for label in labels if re.fullmatch(NUMBER, label))
    return tuple(labels)


def _counted(tables: Tables, kept: Any, labels: tuple[str, ...]) -> Any:
    """Yield the vectors and items of the plain items, then those of the items that were counted again."""
    packing = roomy(labels)
    by_item = packed(kept, packing, "item", **marks_of(kept.annotator))
    by_item = by_item.mutate(votes=packing.votes(by_item[packing.words[0]]))
    by_item = by_item.mutate(suspect=may_repeat(by_item, by_item.votes) | packing.full(by_item.votes))
    grouped = by_item.group_by(*packing.words).agg(
        items=by_item.count(where=~by_item.suspect),
        annotations=by_item.votes.sum(where=by_item.suspect),
        most=by_item.votes.max(where=by_item.suspect),
        suspects=by_item["item"].collect(where=by_item.suspect),
    )
    with tables.kept(grouped) as first:
        plain = first.filter(first["items"] > 0).drop("suspects").to_pyarrow()
        sums = (
            first.agg(annotations=first.annotations.sum(), most=first.most.max()).to_pyarrow().to_pylist()[0]
        )
        items = tables.keep(first.select(item=first.suspects.unnest()))
    suspects = Suspects(items, int(sums["annotations"] or 0), int(sums["most"] or 0))
    tables.suspects = suspects
    all_of_them = suspects.annotations > MANY * tables["annotations"].rows
    if not all_of_them:
        yield unpacked(plain, packing)
    if suspects.annotations:
        some = kept if all_of_them else kept.semi_join(suspects.items, "item")
        wider = wide_enough(labels, suspects)
        by_item = packed(standing(some, None, last=tables.last_stands), wider, "item")
        rows = by_item.group_by(*wider.words).agg(items=by_item.count()).to_pyarrow()
        yield unpacked(rows, wider)


def wide_enough(labels: tuple[str, ...], suspects: Suspects) -> Packing:
    """The packing whose fields hold the votes of every item: one with more than SLOTS annotators is a suspect."""
    most = max(SLOTS, suspects.most)
    return Packing(labels, max(roomy(labels).bits, most.bit_length()))


def roomy(labels: tuple[str, ...]) -> Packing:
    """The packing with the widest fields in no more words than fields of LEAST_BITS need."""
    fields = len(labels) + 1
    words = -(-fields // (WORD // LEAST_BITS))
    return Packing(labels, WORD // -(-fields // words))


def packed(votes: Any, packing: Packing, *keys: str, **more: Any) -> Any:
    """The votes' packed sums by the keys, and whatever more is aggregated."""
    import ibis
    import pyarrow as pa

    weights = packing.weights()
    if len(packing.labels) <= FEW:
        names = ibis.array(list(packing.labels))
        weighed = {word: looked_up(ibis.array(list(w)), names, votes.label) for word, w in weights.items()}
        votes = votes.mutate(**weighed)
    else:
        table = pa.table({"label": pa.array(packing.labels, pa.string()), **weights})
        votes = votes.join(ibis.memtable(table), "label")
    return votes.group_by(*keys).agg(**{word: votes[word].sum() for word in weights}, **more)


def unpacked(rows: Any, packing: Packing) -> tuple[Ints, Ints]:
    """The vectors and items of grouped words."""
    words = {word: rows[word].to_numpy() for word in packing.words}
    return packing.unpacked(words), rows["items"].to_numpy().astype(np.int64)


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


def _spread(state: PatternHistogram, labels: tuple[str, ...]) -> Ints:
    vectors = np.zeros((len(state.vectors), len(labels)), np.int64)
    vectors[:, [labels.index(label) for label in state.labels]] = state.vectors
    return vectors
