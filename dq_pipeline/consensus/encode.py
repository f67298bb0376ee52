"""Votes as small integers, grouped by item: all that Dawid-Skene keeps in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

BATCH = 1 << 16
"""Rows that the engine hands over at a time."""
PARTITION = 250_000
PARTITIONS = 8
"""Items are sorted by the engine in so many ranges at most, of about PARTITION votes or more: less memory, more scans."""
SAMPLED = 256
"""One item in so many says where the ranges are cut."""


@dataclass(frozen=True)
class Votes:
    """The votes of N items by A annotators for K labels, M in all; 2 to 4 bytes a vote and 1 to 4 an item.

    A column is a pair of annotator and label that occurs; columns are sorted by annotator, then label.

    Attributes:
        annotators: The A annotators, sorted.
        labels: The K labels: declared ones in their order, then others in the order of their text.
        of_annotator: Annotator of each column, int32 [C].
        of_label: Label of each column, int32 [C].
        codes: Column of each vote, items one after the other, uint16 or int32 [M].
        lengths: Votes of each item, uint8 to int32 [N], items sorted by id.
    """

    annotators: tuple[str, ...]
    labels: tuple[str, ...]
    of_annotator: NDArray[np.int32]
    of_label: NDArray[np.int32]
    codes: NDArray[Any]
    lengths: NDArray[Any]

    def part(self, first: int, count: int, at: int) -> Votes:
        """The `count` items from the `first` on, whose votes begin at `at`."""
        lengths = self.lengths[first : first + count]
        return replace(self, lengths=lengths, codes=self.codes[at : at + int(lengths.sum())])

    def blocks(self, size: int) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
        """Columns of the votes and where each item's begin, for `size` items at a time: what a CSR matrix is made of."""
        at = 0
        for first in range(0, len(self.lengths), size):
            starts = np.zeros(min(size, len(self.lengths) - first) + 1, dtype=np.int32)
            np.cumsum(self.lengths[first : first + size], out=starts[1:])
            yield self.codes[at : at + starts[-1]].astype(np.int32), starts
            at += int(starts[-1])


def encode(votes: Any, declared: Sequence[str] = ()) -> Votes:
    """Encode votes on the engine: one grouped query for the columns, one sorted scan for the votes.

    Args:
        votes: A table with `item`, `annotator` and `label`, one row a vote, none of them null.
        declared: The declared labels, in order.
    """
    with engine_errors("annotations"):
        pairs = votes.group_by("annotator", "label").agg(dq_votes=votes.count())
        columns = columns_of(votes)
        codes, lengths = _scan(votes, pairs, columns.num_rows, sum(columns["dq_votes"].to_pylist()))
    return replace(shaped(columns, declared), codes=codes, lengths=lengths)


def columns_of(votes: Any) -> pa.Table:
    """The pairs of `annotator` and `label` that occur, in their order, and the votes of each, `dq_votes`."""
    pairs = votes.group_by("annotator", "label").agg(dq_votes=votes.count())
    return pairs.order_by("annotator", "label").to_pyarrow()


def shaped(columns: pa.Table, declared: Sequence[str]) -> Votes:
    """What the columns say of the votes, without the votes themselves."""
    annotators = columns["annotator"].combine_chunks().dictionary_encode()
    seen = sorted(columns["label"].unique().to_pylist())
    labels = (*declared, *(label for label in seen if label not in set(declared)))
    place = {label: place for place, label in enumerate(labels)}
    return Votes(
        annotators=tuple(annotators.dictionary.to_pylist()),
        labels=labels,
        of_annotator=np.asarray(np.from_dlpack(annotators.indices), dtype=np.int32),
        of_label=np.array([place[label] for label in columns["label"].to_pylist()], dtype=np.int32),
        codes=np.zeros(0, np.uint16),
        lengths=np.zeros(0, np.uint8),
    )


def _scan(votes: Any, pairs: Any, columns: int, rows: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The votes' codes, items in the order of their ids, and how many each item has."""
    import ibis

    code = ibis.row_number().over(order_by=["annotator", "label"]).cast("int32")
    coded = votes.inner_join(pairs.mutate(dq_code=code), ["annotator", "label"])
    codes = np.empty(rows, dtype=np.uint16 if columns <= 1 << 16 else np.int32)
    lengths: list[NDArray[Any]] = []
    at = 0
    for part in _partitions(votes, coded, min(PARTITIONS, rows // PARTITION + 1)):
        by_item = part.group_by("item").agg(dq_codes=part.dq_code.collect())
        ordered = by_item.mutate(dq_codes=by_item.dq_codes.sort()).order_by("item").select("dq_codes")
        for batch in ordered.to_pyarrow_batches(chunk_size=BATCH):
            said = batch["dq_codes"].flatten()
            codes[at : at + len(said)] = np.from_dlpack(said)
            at += len(said)
            sizes = np.diff(np.from_dlpack(batch["dq_codes"].offsets))
            lengths.append(sizes.astype(np.min_scalar_type(int(sizes.max(initial=0)))))
    return codes, np.concatenate(lengths) if lengths else np.zeros(0, np.uint8)


def _partitions(votes: Any, coded: Any, count: int) -> Iterator[Any]:
    """The rows cut into ranges of item ids of about equal size, in order; where the cuts lie changes no result."""
    cuts: list[str] = []
    if count > 1:
        some = votes.filter(votes.item.hash() % SAMPLED == 0).select("item").distinct()
        ids = some.order_by("item").to_pyarrow_batches().read_all()["item"].to_pylist()
        cuts = [ids[len(ids) * place // count] for place in range(1, count) if ids]
    for low, high in zip([None, *cuts], [*cuts, None], strict=True):
        part = coded if low is None else coded.filter(coded.item >= low)
        yield part if high is None else part.filter(part.item < high)


def components(votes: Votes) -> int:
    """Parts of the graph of annotators, two of whom are joined where they voted on one item."""
    return int(parts_of(votes).max(initial=-1)) + 1


def parts_of(votes: Votes) -> NDArray[np.int64]:
    """The part of each annotator, from 0 on, int64 [A]."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    count = len(votes.annotators)
    part = np.arange(count)
    for codes, starts in votes.blocks(BATCH):
        items = len(starts) - 1
        rows = np.repeat(np.arange(items), np.diff(starts))
        # Annotators of one part so far are one node: the graph of a block joins parts, never takes them apart.
        edges = coo_matrix(
            (np.ones(len(codes), np.int8), (rows, items + part[votes.of_annotator[codes]])),
            shape=(items + count, items + count),
        )
        part = connected_components(edges, directed=False)[1][items:][part]
        part = np.unique(part, return_inverse=True)[1]
    return part
