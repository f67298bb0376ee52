"""Each item's votes for the labels, packed: summed over the ballots, or by query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.domain import labels_of
from dq_pipeline.counts.packing import Packing
from dq_pipeline.tables import looked_up
from dq_pipeline.tables.ballots import HIGH, LOW, key_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from dq_pipeline.tables import Block, Tables

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

MIXER = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose multiples lie far apart (Knuth, The Art of Computer Programming 3, 6.4: the golden ratio)."""
FEW = 16
"""Labels that are looked up in a list at every row; more are joined, as a list takes longer the longer it is."""


def labels_given(tables: Tables, declared: Sequence[str]) -> tuple[str, ...]:
    """The declared labels in their order, then the others that annotations give, sorted."""
    if tables.by_query:
        return labels_of(tables["annotations"].expr, declared)
    known = set(declared)
    return (*declared, *(label for label in tables.ballots.labels if label not in known))


def packed_patterns(tables: Tables, labels: tuple[str, ...]) -> tuple[Ints, Ints]:
    """Label-count vectors int64 [P, K], each once, and the items that have each, int64 [P].

    Args:
        tables: The tables.
        labels: All that annotations give.
    """
    packing = Packing(labels, tables.most_votes)
    if tables.by_query:
        by_item = packed(tables.votes, packing, "item")
        return unpacked(by_item.group_by(*packing.words).agg(items=by_item.count()).to_pyarrow(), packing)
    nothing = np.zeros((0, len(packing.words))), np.zeros(0, np.int64)
    seen = [nothing, *(_distinct(words) for _, words in summed(tables, packing))]
    words, items = (np.concatenate(parts) for parts in zip(*seen, strict=True))
    columns = dict(zip(packing.words, words.T, strict=True))
    return packing.unpacked(columns), items


def packed_with_items(tables: Tables, packing: Packing, dims: Sequence[str]) -> Any:
    """A table of the engine's: a row an item that has a vote, its packed votes and dimensions of the items table."""
    items = tables["items"].expr.select("item", *dims)
    if tables.by_query:
        rows = packed(tables.votes, packing, "item").left_join(items, "item")
    else:
        rows = tables.keep_batches(_reader(tables, packing))
        known = items.filter(items.item.notnull())
        rows = rows.left_join(known.select(*dims, **key_columns(known.item)), [HIGH, LOW])
    return rows.select(*packing.words, *dims)


def packed(votes: Any, packing: Packing, *keys: str) -> Any:
    """The votes' packed sums by the keys, by the engine."""
    import ibis
    import pyarrow as pa

    weights = packing.weights()
    if len(packing.labels) <= FEW:
        weighed = {
            word: looked_up(dict(zip(packing.labels, adds.tolist(), strict=True)), "float64", votes.label)
            for word, adds in weights.items()
        }
        votes = votes.mutate(**weighed)
    else:
        table = pa.table({"label": pa.array(packing.labels, pa.string()), **weights})
        votes = votes.join(ibis.memtable(table), "label")
    return votes.group_by(*keys).agg(**{word: votes[word].sum() for word in weights})


def unpacked(rows: Any, packing: Packing) -> tuple[Ints, Ints]:
    """The vectors and items of grouped words."""
    words = {word: rows[word].to_numpy() for word in packing.words}
    return packing.unpacked(words), rows["items"].to_numpy().astype(np.int64)


class Kinds:
    """Numbers items by their packed votes: equal words have equal numbers, in the order in which they were first seen.

    Attributes:
        words: The words of each kind, W numbers each.
    """

    def __init__(self) -> None:
        self.words: list[tuple[float, ...]] = []
        self._numbers: dict[tuple[float, ...], int] = {}

    def of(self, words: Floats) -> Ints:
        """int64 [B], the kind of each row of words, float [B, W]."""
        order, new = _alike(words)
        ordered = words[order]
        numbers = np.array([self._number(tuple(row)) for row in ordered[new].tolist()], np.int64)
        kinds = np.empty(len(words), np.int64)
        kinds[order] = numbers[np.cumsum(new) - 1]
        return kinds

    def _number(self, words: tuple[float, ...]) -> int:
        number = self._numbers.setdefault(words, len(self.words))
        if number == len(self.words):
            self.words.append(words)
        return number

    def vectors(self, packing: Packing) -> Ints:
        """int64 [P, K], the votes for each label of each kind."""
        words = np.array(self.words).reshape(len(self.words), len(packing.words))
        return packing.unpacked(dict(zip(packing.words, words.T, strict=True)))


def summed(tables: Tables, packing: Packing) -> Iterator[tuple[Block, Floats]]:
    """Each block of ballots and its words, float [B, W]."""
    ballots = tables.ballots
    place = {label: at for at, label in enumerate(packing.labels)}
    own = [place[label] for label in ballots.labels]
    weights = [of_word[own] for of_word in packing.weights().values()]
    for block in ballots.blocks():
        label, starts = block.codes % len(own), block.starts
        yield block, np.stack([np.add.reduceat(of_word[label], starts) for of_word in weights], axis=1)


def _reader(tables: Tables, packing: Packing) -> pa.RecordBatchReader:
    import pyarrow as pa

    kinds = [(HIGH, pa.uint64()), (LOW, pa.uint32()), *((word, pa.float64()) for word in packing.words)]
    schema = pa.schema(kinds)

    def batches() -> Iterator[pa.RecordBatch]:
        for block, words in summed(tables, packing):
            keys = tables.ballots.keys[block.first : block.first + len(words)]
            yield pa.record_batch([keys["high"].copy(), keys["low"].copy(), *words.T.copy()], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _distinct(words: Floats) -> tuple[Floats, Ints]:
    """Rows of words [P, W] and how often they come, [P]; hardly ever one twice."""
    if words.shape[1] == 1:
        values, times = np.unique(words[:, 0], return_counts=True)
        return values[:, None], times
    order, new = _alike(words)
    starts = np.flatnonzero(new)
    return words[order][starts], np.diff(np.append(starts, len(words)))


def _alike(words: Floats) -> tuple[Ints, NDArray[np.bool_]]:
    """An order in which equal rows of words stand together, and which rows of it are other than the one before.

    They are sorted by one number of 64 bits. Should two rows share it, equal ones may stand apart, and are told twice.
    """
    whole = words.astype(np.uint64)
    mixed = whole[:, 0].copy()
    for column in whole.T[1:]:
        mixed *= MIXER
        mixed ^= mixed >> np.uint64(29)
        mixed += column
    order = np.argsort(mixed)
    ordered = words[order]
    new = np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))[: len(ordered)]
    return order, new
