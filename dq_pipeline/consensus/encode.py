"""Votes as small integers, grouped by item, in files: what every consensus is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.tables.columns import Column, Files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from dq_pipeline.tables import Ballots

BATCH = 1 << 16
"""Items of a block where nothing else sets its size."""
DENSE = 1 << 22
"""Pairs of annotator and label up to which the place of each is looked up in an array."""


@dataclass(frozen=True)
class Votes:
    """The votes of N items by A annotators for K labels, M in all.

    A column is a pair of annotator and label that occurs; columns are sorted by annotator, then label.

    Attributes:
        annotators: The A annotators, sorted.
        labels: The K labels: declared ones in their order, then others in the order of their text.
        of_annotator: Annotator of each column, int32 [C].
        of_label: Label of each column, int32 [C].
        codes: Column of each vote, items one after the other, uint8 to int32 [M].
        lengths: Votes of each item, uint32 [N], in the ballots' order.
    """

    annotators: tuple[str, ...]
    labels: tuple[str, ...]
    of_annotator: NDArray[np.int32]
    of_label: NDArray[np.int32]
    codes: NDArray[Any] | Column
    lengths: NDArray[Any] | Column

    def of_items(self, items: NDArray[np.int64], starts: NDArray[np.int64]) -> Votes:
        """The votes of some items, in their order.

        Args:
            items: The places of the items.
            starts: Where the votes of every item begin, int64 [N].
        """
        lengths = self.lengths[items].astype(np.int64)
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return replace(self, lengths=lengths, codes=self.codes[np.repeat(starts[items], lengths) + within])

    def blocks(self, size: int) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
        """Columns of the votes and where each item's begin, for `size` items at a time: what a CSR matrix is made of."""
        at = 0
        for first in range(0, len(self.lengths), size):
            starts = np.zeros(min(size, len(self.lengths) - first) + 1, dtype=np.int32)
            np.cumsum(self.lengths[first : first + size], out=starts[1:])
            yield self.codes[at : at + starts[-1]].astype(np.int32), starts
            at += int(starts[-1])


def encode(ballots: Ballots, declared: Sequence[str] = (), *, once: bool, folder: Path) -> Votes:
    """Encode the ballots' votes, in files that are read as they are needed.

    Args:
        ballots: The votes.
        declared: The declared labels, in order.
        once: Whether of an annotator's several votes on one item one counts.
        folder: Where the files go.
    """
    seen = [np.unique(block.codes) for block in ballots.blocks(once=once)]
    pairs = np.unique(np.concatenate(seen)) if seen else np.zeros(0, np.int64)
    annotator, label = np.divmod(pairs, max(len(ballots.labels), 1))
    column = _column_of(pairs, len(ballots.annotators) * len(ballots.labels))
    kind = np.min_scalar_type(max(len(pairs) - 1, 0))
    files = Files(folder, {"codes": kind, "lengths": np.uint32})
    for block in ballots.blocks(once=once):
        files.write(codes=column(block.codes), lengths=block.sizes)
    files.close()
    shape = shaped(ballots.annotators, ballots.labels, annotator, label, declared)
    return replace(shape, codes=files.column("codes"), lengths=files.column("lengths"))


def _column_of(pairs: NDArray[np.int64], possible: int) -> Callable[[NDArray[np.int64]], NDArray[np.int64]]:
    """What gives codes their place among the pairs that occur."""
    if possible > DENSE:
        return lambda codes: np.searchsorted(pairs, codes)
    places = np.zeros(possible, np.int64)
    places[pairs] = np.arange(len(pairs))
    return lambda codes: places[codes]


def shaped(
    annotators: Sequence[str],
    labels: Sequence[str],
    of_annotator: NDArray[np.int64],
    of_label: NDArray[np.int64],
    declared: Sequence[str],
) -> Votes:
    """What the columns say of the votes, without the votes themselves.

    Args:
        annotators: Annotators, sorted; those that no column has are left out.
        labels: Labels, sorted; the same.
        of_annotator: Place of the annotator of each column among these, int64 [C], rising.
        of_label: Place of the label of each column among these labels, int64 [C].
        declared: The declared labels, in order.
    """
    who, of_who = np.unique(of_annotator, return_inverse=True)
    used = [labels[place] for place in np.unique(of_label).tolist()]
    known = set(declared)
    told = (*declared, *(label for label in used if label not in known))
    place = {label: place for place, label in enumerate(told)}
    moved = np.array([place.get(label, -1) for label in labels], np.int32)
    return Votes(
        annotators=tuple(annotators[place] for place in who.tolist()),
        labels=told,
        of_annotator=of_who.astype(np.int32),
        of_label=moved[of_label] if len(moved) else np.zeros(0, np.int32),
        codes=np.zeros(0, np.uint16),
        lengths=np.zeros(0, np.uint8),
    )


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
