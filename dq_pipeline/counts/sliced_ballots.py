"""Slices by the dimensions of items: the ballots merged with their items, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts.by_item import Kinds, summed
from dq_pipeline.counts.packing import Packing
from dq_pipeline.counts.slices import largest, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.slices import SlicedHistogram, SlicedPatterns
    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]

DENSE = 1 << 22
"""Pairs of slice and kind up to which they are counted in an array."""
KIND_BITS = 32
"""Bits of the number of a kind of ballot, below the place of its slice."""


def merged(
    tables: Tables, requests: Sequence[SlicedPatterns], labels: tuple[str, ...]
) -> list[SlicedHistogram]:
    """The histograms of requests whose dimensions are those of items.

    Args:
        tables: The tables.
        requests: The requests.
        labels: All that annotations give.
    """
    voted, kinds, packing = tables.voted_items, Kinds(), Packing(labels, tables.most_votes)
    dims = tuple(dict.fromkeys(dim for request in requests for dim in request.dims))
    nothing = np.zeros(0, np.int64)
    seen: list[list[tuple[Ints, Ints]]] = [[(nothing, nothing)] for _ in requests]
    for block, words in summed(tables, packing):
        beside = voted.beside(block, dims)
        kind = kinds.of(words)[beside.ballots]
        for parts, request in zip(seen, requests, strict=True):
            place = np.zeros(len(kind), np.int64)
            for dim in request.dims:
                place = place * (len(voted.values[dim]) + 1) + beside.codes[dim]
            parts.append(_counted(place, kind, len(kinds.words)))
    vectors = kinds.vectors(packing)
    return [
        _histogram(tables, request, parts, labels, vectors)
        for parts, request in zip(seen, requests, strict=True)
    ]


def _counted(place: Ints, kind: Ints, kinds: int) -> tuple[Ints, Ints]:
    """How often places of slices and kinds come together: both in one number, and how often."""
    most = int(place.max(initial=-1)) + 1
    if most * kinds > DENSE:
        return np.unique((place << KIND_BITS) + kind, return_counts=True)
    counts = np.bincount(place * kinds + kind, minlength=most * kinds)
    there = np.flatnonzero(counts)
    return (there // kinds << KIND_BITS) + there % kinds, counts[there]


def _histogram(
    tables: Tables,
    request: SlicedPatterns,
    parts: Sequence[tuple[Ints, Ints]],
    labels: tuple[str, ...],
    vectors: Ints,
) -> SlicedHistogram:
    """The histogram of packed places of slices and kinds, and how often each comes in each part."""
    every, times = (np.concatenate([part[side] for part in parts]) for side in (0, 1))
    order = np.argsort(every, kind="stable")
    new = _first_of_each(every[order])
    packed, items = every[order][new], np.add.reduceat(times[order], np.flatnonzero(new))
    kind, first = packed & ((1 << KIND_BITS) - 1), _first_of_each(packed >> KIND_BITS)
    slices, at = (packed >> KIND_BITS)[first], np.cumsum(first) - 1
    sizes = np.bincount(at, items, len(slices)).astype(np.int64)
    named = [_named(tables, request, place) for place in slices.tolist()]
    listed = largest(named, sizes, request.least)
    row = np.full(len(slices), -1, np.int64)
    row[listed] = np.arange(len(listed))
    kept = row[at] >= 0
    keys = [named[place] for place in listed]
    return told(request, labels, keys, row[at][kept], kind[kept], items[kept], vectors)


def _first_of_each(ordered: Ints) -> NDArray[np.bool_]:
    """Which numbers in order are other than the one before."""
    return np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]


def _named(tables: Tables, request: SlicedPatterns, place: int) -> tuple[str | None, ...]:
    """The values of a slice, by its place among all that there could be."""
    named: list[str | None] = []
    for dim in reversed(request.dims):
        values = tables.voted_items.values[dim]
        place, code = divmod(place, len(values) + 1)
        named.append(values[code - 1] if code else None)
    return tuple(reversed(named))
