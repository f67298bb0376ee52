"""The pattern histogram of every slice of a dimension at once, and of votes by the annotators' groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dq_pipeline.counts.by_item import Kinds, labels_given, packed, summed, unpacked
from dq_pipeline.counts.domain import coded, values_of
from dq_pipeline.counts.packing import Packing
from dq_pipeline.counts.patterns import (
    MOST_LABELS,
    Patterns,
    added_up,
    on_scale,
)
from dq_pipeline.tables import engine_errors, on_spark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]

Period = Literal["day", "week", "month", "quarter", "year"]
SLICES = 500
"""Slices of a dimension that are told, those with most items."""
DENSE = 1 << 22
"""Pairs of slice and kind up to which they are counted in an array."""
KIND_BITS = 32
"""Bits of the number of a kind of ballot, below the place of its slice."""
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
        """Of all the dimensions that only items have, one pass over the ballots; of others one grouping by item each."""
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
        of_items = [request for request in self._requests if self._on_ballots(request)]
        made = dict(zip(of_items, self._merged(of_items), strict=True)) if of_items else {}
        for request in self._requests:
            yield made.get(request) or self._grouped(request)

    def _on_ballots(self, request: SlicedPatterns) -> bool:
        """Whether a request's dimensions are those of items, and few of them have so many values that they have no codes."""
        tables = self._tables
        if on_spark(tables.connection) or self._cut(request) or "items" not in tables:
            return False
        return all(dim in tables.voted_items.values and dim != "time" for dim in request.dims)

    def _merged(self, requests: Sequence[SlicedPatterns]) -> list[SlicedHistogram]:
        """Ballots merged with their items, block by block."""
        voted, kinds = self._tables.voted_items, Kinds()
        dims = tuple(dict.fromkeys(dim for request in requests for dim in request.dims))
        nothing = np.zeros(0, np.int64)
        seen: list[list[tuple[Ints, Ints]]] = [[(nothing, nothing)] for _ in requests]
        for block, words in summed(self._tables, self._packing):
            beside = voted.beside(block, dims)
            kind = kinds.of(words)[beside.ballots]
            for parts, request in zip(seen, requests, strict=True):
                place = np.zeros(len(kind), np.int64)
                for dim in request.dims:
                    place = place * (len(voted.values[dim]) + 1) + beside.codes[dim]
                parts.append(_counted(place, kind, len(kinds.words)))
        vectors = kinds.vectors(self._packing)
        return [
            self._of_places(request, parts, vectors) for parts, request in zip(seen, requests, strict=True)
        ]

    def _of_places(
        self, request: SlicedPatterns, parts: Sequence[tuple[Ints, Ints]], vectors: Ints
    ) -> SlicedHistogram:
        """The histogram of packed places of slices and kinds, and how often each comes in each part."""
        every, times = (np.concatenate([part[side] for part in parts]) for side in (0, 1))
        order = np.argsort(every, kind="stable")
        new = _first_of_each(every[order])
        packed, items = every[order][new], np.add.reduceat(times[order], np.flatnonzero(new))
        kind, first = packed & ((1 << KIND_BITS) - 1), _first_of_each(packed >> KIND_BITS)
        slices, at = (packed >> KIND_BITS)[first], np.cumsum(first) - 1
        sizes = np.bincount(at, items, len(slices)).astype(np.int64)
        named = [self._named(request, place) for place in slices.tolist()]
        listed = sorted(
            (place for place in range(len(slices)) if sizes[place] >= request.least),
            key=lambda place: (-sizes[place], [(value is None, value or "") for value in named[place]]),
        )[:SLICES]
        row = np.full(len(slices), -1, np.int64)
        row[listed] = np.arange(len(listed))
        kept = row[at] >= 0
        keys = [named[place] for place in listed]
        return self._told(request, keys, row[at][kept], vectors, kind[kept], items[kept])

    def _named(self, request: SlicedPatterns, place: int) -> tuple[str | None, ...]:
        """The values of a slice, by its place among all that there could be."""
        named: list[str | None] = []
        for dim in reversed(request.dims):
            values = self._tables.voted_items.values[dim]
            place, code = divmod(place, len(values) + 1)
            named.append(values[code - 1] if code else None)
        return tuple(reversed(named))

    def _told(
        self,
        request: SlicedPatterns,
        keys: Sequence[tuple[str | None, ...]],
        rows: Ints,
        vectors: Ints,
        kinds: Ints,
        items: Ints,
    ) -> SlicedHistogram:
        """The histogram of how many items each row of slices has of each kind, whose votes `vectors` are."""
        placed = on_scale(self._labels, request.patterns)
        columns = [self._labels.index(label) for label in placed]
        distinct, at = np.unique(vectors[:, columns], axis=0, return_inverse=True)
        shape = (len(keys), len(distinct))
        return SlicedHistogram(tuple(keys), placed, distinct, _sparse(items, rows, at.ravel()[kinds], shape))

    def _cut(self, request: SlicedPatterns) -> tuple[str, ...]:
        """The dimensions of the votes themselves."""
        return tuple(dim for dim in request.dims if dim in self._own)

    def _grouped(self, request: SlicedPatterns) -> SlicedHistogram:
        """Grouped by the engine."""
        import ibis
        import pyarrow as pa

        votes = self._by_cut(request)
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
        return self._told(request, keys, rows["slice"].to_numpy(), vectors, np.arange(len(vectors)), items)

    def _by_cut(self, request: SlicedPatterns) -> Any:
        cut = self._cut(request)
        votes = self._tables.votes
        if "time" in cut:
            start = votes.time.truncate(_UNITS[request.period]).cast("date").cast("string")
            width = {"month": 7, "year": 4}.get(request.period, 10)
            votes = votes.mutate(time=start.left(width))
        grouped = packed(votes, self._packing, "item", *cut)
        dims = tuple(dim for dim in request.dims if dim not in cut)
        if dims:
            items = self._tables["items"].expr.select("item", *dims)
            grouped = grouped.left_join(items, "item")
        return grouped.select(*self._packing.words, *request.dims)


def _counted(place: Ints, kind: Ints, kinds: int) -> tuple[Ints, Ints]:
    """How often places of slices and kinds come together: both in one number, and how often."""
    most = int(place.max(initial=-1)) + 1
    if most * kinds > DENSE:
        return np.unique((place << KIND_BITS) + kind, return_counts=True)
    counts = np.bincount(place * kinds + kind, minlength=most * kinds)
    there = np.flatnonzero(counts)
    return (there // kinds << KIND_BITS) + there % kinds, counts[there]


def _first_of_each(ordered: Ints) -> NDArray[np.bool_]:
    """Which numbers in order are other than the one before."""
    return np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]


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
