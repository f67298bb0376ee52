"""The pattern histogram by group of items, so that groups can be resampled where items are nested in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.by_item import labels_given, packed_with_items, unpacked
from dq_pipeline.counts.on_scale import on_scale
from dq_pipeline.counts.packing import Packing
from dq_pipeline.counts.patterns import MOST_LABELS, Patterns
from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ItemGroups:
    """Items of each kind in each group; an item without a group is one by itself.

    Attributes:
        items: Sparse int64 CSR [G, P], items of each group with the p-th vector of the pattern histogram.
        groups: int64 [G], how many such groups there are: one, but for items without a group.
    """

    items: Any
    groups: Ints


@dataclass(frozen=True)
class GroupedItems:
    """Count the items of each group by the votes they got.

    Attributes:
        patterns: The pattern histogram that the kinds are those of.
    """

    patterns: Patterns

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[GroupedItems]) -> list[ItemGroups | None]:
        """One grouping by item a request; None where there are too many labels for patterns."""
        with engine_errors("annotations"):
            return [_count(tables, request.patterns) for request in requests]


def _count(tables: Tables, patterns: Patterns) -> ItemGroups | None:
    from scipy import sparse

    labels = labels_given(tables, patterns.declared)
    scale = on_scale(labels, patterns.level, patterns.declared)
    if len(labels) > MOST_LABELS:
        return None
    if not scale.labels:
        return ItemGroups(sparse.csr_matrix((0, 0), dtype=np.int64), np.zeros(0, np.int64))
    packing = Packing(labels, tables.most_votes)
    grouped = packed_with_items(tables, packing, ["group"]).group_by("group", *packing.words)
    rows = grouped.agg(items=lambda row: row.count()).to_pyarrow()
    vectors, items = unpacked(rows, packing)
    distinct, kind = np.unique(scale.gathered(vectors, labels), axis=0, return_inverse=True)
    kind = kind.ravel()
    named = rows["group"].combine_chunks().dictionary_encode()
    group = named.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    alone = group < 0
    # Items without a group: a row a kind, of one item, as often as there are such items.
    several = len(named.dictionary)
    at = np.where(alone, several + np.cumsum(alone) - 1, group)
    shape = (several + int(alone.sum()), len(distinct))
    matrix = sparse.csr_matrix((np.where(alone, 1, items), (at, kind)), shape, dtype=np.int64)
    return ItemGroups(matrix, np.concatenate([np.ones(several, np.int64), items[alone]]))
