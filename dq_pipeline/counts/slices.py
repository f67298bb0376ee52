"""The pattern histogram of every slice of a dimension at once, and of votes by the annotators' groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dq_pipeline.counts.by_item import labels_given, packed, packed_with_items, unpacked
from dq_pipeline.counts.domain import coded, values_of
from dq_pipeline.counts.packing import Packing
from dq_pipeline.counts.patterns import (
    MOST_LABELS,
    Patterns,
    added_up,
    on_scale,
)
from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]

Period = Literal["day", "week", "month", "quarter", "year"]
SLICES = 500
"""Slices of a dimension that are told, those with most items."""
_UNITS = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True)
class SlicedHistogram:
    """Label-count vectors and how many items of each slice have each; an item counts in each slice it has votes in.

    Attributes:
        keys: The S slices that have most items, one value a dimension; None is a missing one.
        labels: The K labels.
        vectors: int64 [P, K], votes for each label, each vector once.
        items: Sparse int64 CSR [S, P], items of each slice with that vector.
    """

    keys: tuple[tuple[str | None, ...], ...]
    labels: tuple[str, ...]
    vectors: Ints
    items: Any


@dataclass(frozen=True)
class SlicedPatterns:
    """Count the items by the votes they got, slice by slice.

    Attributes:
        patterns: What to count.
        dims: Roles and condition names: those of annotations cut an item's votes, those of items the items.
        period: What `time` is cut into.
        least: Fewest items of a slice.
    """

    patterns: Patterns
    dims: tuple[str, ...]
    period: Period = "month"
    least: int = 1

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[SlicedPatterns]) -> list[SlicedHistogram]:
        """Of all the dimensions that only items have, one grouping by item; of others one each."""
        with engine_errors("annotations"):
            return list(_Slices(tables, requests).made())


class _Slices:
    def __init__(self, tables: Tables, requests: Sequence[SlicedPatterns]) -> None:
        self._tables, self._requests = tables, requests
        self._labels = labels_given(tables, requests[0].patterns.declared)
        self._own = [column for column in tables["annotations"].expr.columns if column not in _NO_SLICE]

    def made(self) -> Iterator[SlicedHistogram]:
        if not self._labels or len(self._labels) > MOST_LABELS:
            for _ in self._requests:
                yield SlicedHistogram((), (), np.zeros((0, 0), np.int64), _sparse([], [], [], (0, 0)))
            return
        self._packing = Packing(self._labels, self._tables.most_votes)
        of_items = dict.fromkeys(
            dim for request in self._requests if not self._cut(request) for dim in request.dims
        )
        if not of_items:
            for request in self._requests:
                yield self._histogram(request, self._by_cut(request))
            return
        with self._tables.kept(packed_with_items(self._tables, self._packing, tuple(of_items))) as kept:
            for request in self._requests:
                yield self._histogram(request, self._by_cut(request) if self._cut(request) else kept)

    def _cut(self, request: SlicedPatterns) -> tuple[str, ...]:
        """The dimensions of the votes themselves."""
        return tuple(dim for dim in request.dims if dim in self._own)

    def _by_cut(self, request: SlicedPatterns) -> Any:
        cut = self._cut(request)
        votes = self._tables.votes
        if "time" in cut:
            start = votes.time.truncate(_UNITS[request.period]).cast("date").cast("string")
            width = {"month": 7, "year": 4}.get(request.period, 10)
            votes = votes.mutate(time=start.left(width))
        grouped = packed(votes, self._packing, "item", *cut)
        return self._with_items(grouped, tuple(dim for dim in request.dims if dim not in cut), cut)

    def _with_items(self, grouped: Any, dims: tuple[str, ...], cut: tuple[str, ...] = ()) -> Any:
        """The packed votes with dimensions of their items, without the items' names."""
        if dims:
            items = self._tables["items"].expr.select("item", *dims)
            grouped = grouped.left_join(items, "item")
        return grouped.select(*self._packing.words, *cut, *dims)

    def _histogram(self, request: SlicedPatterns, votes: Any) -> SlicedHistogram:
        import ibis
        import pyarrow as pa

        sizes = votes.group_by(*request.dims).agg(n=votes.count())
        most = sizes.filter(sizes.n >= request.least).order_by(sizes.n.desc(), *request.dims).limit(SLICES)
        listed = most.to_pyarrow()
        values = [listed[dim].to_pylist() for dim in request.dims]
        keys = tuple(zip(*values, strict=True))
        named = {dim: pa.array(of_dim, pa.string()) for dim, of_dim in zip(request.dims, values, strict=True)}
        codes = ibis.memtable(pa.table(named | {"slice": pa.array(range(len(keys)), pa.int64())}))
        grouped = votes.group_by(*request.dims, *self._packing.words).agg(items=votes.count())
        # Missing values are a slice like others.
        same = [grouped[dim].identical_to(codes[dim]) for dim in request.dims]
        rows = grouped.join(codes, same).select("slice", "items", *self._packing.words).to_pyarrow()
        vectors, items = unpacked(rows, self._packing)
        placed = on_scale(self._labels, request.patterns)
        distinct, kind = np.unique(
            vectors[:, [self._labels.index(label) for label in placed]], axis=0, return_inverse=True
        )
        places = (items, rows["slice"].to_numpy(), kind.ravel())
        return SlicedHistogram(keys, placed, distinct, _sparse(*places, (len(keys), len(distinct))))


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
class GroupedPatterns:
    """Count the items by the votes that each group of annotators gave them.

    Attributes:
        patterns: What to count.
    """

    patterns: Patterns

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[GroupedPatterns]) -> list[GroupedHistogram]:
        """One grouping by item; too many groups and labels to tell apart give no items."""
        with engine_errors("annotations"):
            return [_grouped(tables, request.patterns) for request in requests]


def _grouped(tables: Tables, patterns: Patterns) -> GroupedHistogram:
    everything = tables["annotations"].expr
    groups = values_of(everything, "annotator_group")
    seen = labels_given(tables, patterns.declared)
    placed = on_scale(seen, patterns)
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
    columns = [seen.index(label) for label in placed]
    shaped = vectors.reshape(len(vectors), len(groups), len(seen))[:, :, columns]
    distinct, counts = added_up(shaped.reshape(len(vectors), len(groups) * len(placed)), items)
    return GroupedHistogram(groups, placed, distinct.reshape(-1, len(groups), len(placed)), counts)


_NO_SLICE = frozenset({"row", "item", "annotator", "label", "seconds"})


def _sparse(data: Any, rows: Any, columns: Any, shape: tuple[int, int]) -> Any:
    from scipy import sparse

    return sparse.csr_matrix((data, (rows, columns)), shape, dtype=np.int64)
