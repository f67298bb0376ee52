"""The votes of every slice of a dimension at once: how annotators agree in the rain, of one source, of one month."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dq_pipeline.counts.additive import Additive, at, in_order
from dq_pipeline.counts.by_item import labels_given
from dq_pipeline.counts.on_scale import on_scale
from dq_pipeline.counts.patterns import MOST_LABELS, Patterns
from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Signed
    from dq_pipeline.counts.moments import Moments
    from dq_pipeline.counts.on_scale import OnScale
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]

Period = Literal["day", "week", "month", "quarter", "year"]
MOST_PLACES = 1 << 31
"""Places of slices that fit beside a kind's number."""
SLICES = 500
"""Slices of a dimension that are told, those with most items."""
_NO_SLICE = frozenset({"row", "item", "annotator", "label", "seconds"})


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
class SlicedMoments:
    """The moments of each slice, where there are too many labels to tell patterns apart.

    Attributes:
        keys: As of SlicedHistogram.
        parts: The moments of each slice.
    """

    keys: tuple[tuple[str | None, ...], ...]
    parts: tuple[Moments, ...]


@dataclass(frozen=True)
class SlicedPatterns(Additive):
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
    def count_all(
        cls, tables: Tables, requests: Sequence[SlicedPatterns]
    ) -> list[SlicedHistogram | SlicedMoments]:
        """Of all the dimensions that only items have, one pass over the ballots; of others one grouping by item each.

        By query there is nothing of more than MOST_LABELS labels.
        """
        from dq_pipeline.counts.sliced_ballots import merged
        from dq_pipeline.counts.sliced_in_engine import grouped, moments

        labels = labels_given(tables, requests[0].patterns.declared)
        many = len(labels) > MOST_LABELS
        if not labels or (many and tables.by_query):
            return [told(request, (), (), *[np.zeros(0, np.int64)] * 3) for request in requests]
        with engine_errors("annotations"):
            if many:
                return [moments(tables, request, labels) for request in requests]
            of_items = [request for request in requests if _on_ballots(tables, request)]
            made = dict(zip(of_items, merged(tables, of_items, labels), strict=True)) if of_items else {}
            return [made.get(request) or grouped(tables, request, labels) for request in requests]

    @property
    def cut_by(self) -> tuple[str, ...]:
        """Its dimensions."""
        return self.dims

    def sums(self, tables: Tables) -> tuple[SlicedPatterns]:  # noqa: ARG002 - as Additive has it
        """All slices, however few items of theirs are in a part."""
        return (replace(self, least=1),)

    def added(self, spec: Spec, states: Sequence[Signed]) -> SlicedHistogram | None:  # noqa: ARG002 - as Additive has it
        """All slices of all parts; None of too many slices or labels."""
        from scipy import sparse

        if any(isinstance(state, SlicedMoments) or len(state.keys) >= SLICES for _, state in states):
            return None
        keys = tuple(dict.fromkeys(key for _, state in states for key in state.keys))
        labels = in_order(self.patterns.declared, (state.labels for _, state in states))
        if len(labels) > MOST_LABELS:
            return None
        row, vectors = {key: place for place, key in enumerate(keys)}, []
        for _, state in states:
            own = np.zeros((len(state.vectors), len(labels)), np.int64)
            own[:, at(state.labels, labels)] = state.vectors
            vectors.append(own)
        distinct, kind = np.unique(np.concatenate(vectors), axis=0, return_inverse=True)
        total = sparse.csr_matrix((len(keys), len(distinct)), dtype=np.int64)
        first = 0
        for sign, state in states:
            found, kinds = state.items.tocoo(), kind.ravel()[first : first + len(state.vectors)]
            rows = np.array([row[key] for key in state.keys], np.int64)[found.row]
            data = sign * found.data.astype(np.int64)
            total += sparse.csr_matrix((data, (rows, kinds[found.col])), total.shape)
            first += len(state.vectors)
        total.eliminate_zeros()
        there = np.unique(total.indices)
        return SlicedHistogram(keys, labels, distinct[there], total.tocsc()[:, there].tocsr())

    def told(self, tables: Tables, *states: SlicedHistogram) -> SlicedHistogram:  # noqa: ARG002 - as Additive has it
        """Those of the slices with most items that have the fewest asked for."""
        (state,) = states
        sizes = np.asarray(state.items.sum(axis=1)).ravel().astype(np.int64)
        listed = largest(state.keys, sizes, self.least)
        return replace(state, keys=tuple(state.keys[place] for place in listed), items=state.items[listed])

    def scale(self, labels: Sequence[str]) -> OnScale:
        """Where these labels lie."""
        return on_scale(labels, self.patterns.level, self.patterns.declared)

    def cut(self, tables: Tables) -> tuple[str, ...]:
        """The dimensions of the votes themselves."""
        own = tables["annotations"].expr.columns
        return tuple(dim for dim in self.dims if dim in own and dim not in _NO_SLICE)


def _on_ballots(tables: Tables, request: SlicedPatterns) -> bool:
    """Whether a request's dimensions are those of items, and few of them have so many values that they have no codes."""
    if tables.by_query or request.cut(tables) or "items" not in tables:
        return False
    values = tables.voted_items.values
    if not all(dim in values and dim != "time" for dim in request.dims):
        return False
    return math.prod(len(values[dim]) + 1 for dim in request.dims) < MOST_PLACES


def largest(keys: Sequence[tuple[str | None, ...]], sizes: Ints, least: int) -> list[int]:
    """The places of at most SLICES slices of at least so many items, those of most items first."""
    return sorted(
        (place for place in range(len(keys)) if sizes[place] >= least),
        key=lambda place: (-sizes[place], [(value is None, value or "") for value in keys[place]]),
    )[:SLICES]


def told(
    request: SlicedPatterns,
    labels: Sequence[str],
    keys: Sequence[tuple[str | None, ...]],
    rows: Ints,
    kinds: Ints,
    items: Ints,
    vectors: Ints | None = None,
) -> SlicedHistogram:
    """The histogram of how many items slices have of each kind.

    Args:
        request: What was asked.
        labels: The G labels that annotations give.
        keys: The S slices.
        rows: int64 [N], places of slices.
        kinds: int64 [N], places of kinds.
        items: int64 [N], items of that slice and kind.
        vectors: int64 [P, G], the votes of each kind; without any there are no kinds.
    """
    from scipy import sparse

    scale = request.scale(labels)
    given = np.zeros((0, len(labels)), np.int64) if vectors is None else vectors
    distinct, at = np.unique(scale.gathered(given, labels), axis=0, return_inverse=True)
    shape = (len(keys), len(distinct))
    counted: Any = sparse.csr_matrix((items, (rows, at.ravel()[kinds])), shape, dtype=np.int64)
    return SlicedHistogram(tuple(keys), scale.labels, distinct, counted)
