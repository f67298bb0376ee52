"""The sums that a Gram matrix is made of, counted where the votes lie: no item's votes leave an engine of many machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.domain import coded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Sums:
    """What counts.gram.GramMatrix says, over all labels that annotations name; a code is annotator x K + label.

    Attributes:
        votes: int64 [A K].
        alone: int64 [A K].
        pairs: int64 CSR [A K, A K], symmetric.
        peers: Of each number of votes of an item, two and up: int64 CSR [A K, K].
        agreeing: Of each: int64 [A K].
    """

    votes: Ints
    alone: Ints
    pairs: Any
    peers: dict[int, Any]
    agreeing: dict[int, Ints]


def sums_in_engine(
    tables: Tables,
    annotators: Sequence[str],
    labels: Sequence[str],
    seen: Sequence[str],
    label_codes: Sequence[int],
) -> Sums:
    """Four grouped queries: two over the votes, one over the votes beside their items' labels, one over pairs of votes.

    Args:
        tables: The tables.
        annotators: The A annotators.
        labels: The K labels.
        seen: The labels as annotations write them.
        label_codes: The place of each of these among the K.
    """
    from scipy import sparse

    codes, width = len(annotators) * len(labels), len(labels)
    both = coded(coded(tables.votes, "annotator", annotators), "label", seen, label_codes)
    code = both.annotator_code.cast("int64") * width + both.label_code.cast("int64")
    with tables.kept(both.select("item", code=code, label=both.label_code.cast("int64"))) as kept:
        of_label = kept.group_by("item", other="label").agg(n=kept.count().cast("int64"))
        whole = of_label.group_by("item").agg(
            m=of_label.n.sum().cast("int64"), alike=(of_label.n * (of_label.n - 1)).sum().cast("int64")
        )
        of_items = kept.join(whole, "item")
        sized = _numbers(
            of_items.group_by("m", "code").agg(n=of_items.count(), alike=of_items.alike.sum().cast("int64"))
        )
        shared = of_items.filter(of_items.m > 1).join(of_label, "item")
        beside = shared.mutate(times=shared.n - (shared.label == shared.other).cast("int64"))
        beside = beside.filter(beside.times > 0)
        peers = _numbers(beside.group_by("m", "code", "other").agg(n=beside.times.sum().cast("int64")))
        second = kept.select("item", second="code")
        twos = kept.join(second, "item").filter(lambda two: two.code < two.second)
        paired = _numbers(twos.group_by("code", "second").agg(n=twos.count()))
    half = sparse.csr_matrix(
        (paired["n"], (paired["code"], paired["second"])), (codes, codes), dtype=np.int64
    )
    single = sized["m"] == 1
    return Sums(
        _added(sized["code"], sized["n"], codes),
        _added(sized["code"][single], sized["n"][single], codes),
        (half + half.T).tocsr(),
        {
            size: sparse.csr_matrix(
                (peers["n"][at], (peers["code"][at], peers["other"][at])), (codes, width), dtype=np.int64
            )
            for size, at in _by_size(peers["m"])
        },
        {size: _added(sized["code"][at], sized["alike"][at], codes) for size, at in _by_size(sized["m"])},
    )


def _numbers(rows: Any) -> dict[str, Ints]:
    found = rows.to_pyarrow()
    return {name: found[name].to_numpy().astype(np.int64) for name in found.column_names}


def _added(places: Ints, counts: Ints, size: int) -> Ints:
    total = np.zeros(size, np.int64)
    np.add.at(total, places, counts)
    return total


def _by_size(sizes: Ints) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Each number of votes from two on, and where it stands."""
    for size in np.unique(sizes[sizes > 1]).tolist():
        yield size, sizes == size
