"""The Gram matrix of votes: who gave which label where whom else gave which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.additive import Additive, at, in_order
from dq_pipeline.counts.by_item import labels_given
from dq_pipeline.counts.domain import values_of
from dq_pipeline.counts.gram_in_engine import sums_in_engine
from dq_pipeline.counts.scale import by_value, is_exact, scale_of
from dq_pipeline.tables import NUMERIC, engine_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Signed
    from dq_pipeline.counts.gram_in_engine import Sums
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables


CELLS = 1 << 20
"""Codes of annotator, label and number of votes that are multiplied at once."""


@dataclass(frozen=True)
class GramMatrix:
    """Pairs of votes on the same item, by annotator and label of both: X'X of the one-hot votes X [items, A K].

    Annotator a's label c is row and column a K + c. All are counts, so states of tables split by item add up exactly.

    Attributes:
        annotators: The A annotators, sorted.
        labels: The K labels: declared ones in their order, then others that were seen, sorted. On a numeric scale its parts,
            so that 1 and 1.0 are one label, and two ratings agree when they share a part; labels that are no numbers after them.
        votes: int64 [A, K], all votes.
        alone: int64 [A, K], those on items that nobody else voted on.
        pairs: int64 CSR [A K, A K], items on which annotator a gave c and another annotator b gave k; symmetric.
        peers: Of each number of votes m that an item has, two and up: int64 CSR [A K, K], over the items with m votes how
            often someone else gave k beside annotator a's c. Divided by m - 1, each of a's votes weighs one.
        agreeing: Of each m: int64 [A, K], over the items with m votes on which annotator a gave c, their ordered pairs of
            votes that agree.
    """

    annotators: tuple[str, ...]
    labels: tuple[str, ...]
    votes: NDArray[np.int64]
    alone: NDArray[np.int64]
    pairs: Any
    peers: dict[int, Any]
    agreeing: dict[int, NDArray[np.int64]]

    def confusion(self, first: int, second: int) -> NDArray[np.int64]:
        """int64 [K, K], the items that both voted on, by the label of the annotator at `first` and of that at `second`."""
        k = len(self.labels)
        block: NDArray[np.int64] = self.pairs[
            first * k : (first + 1) * k, second * k : (second + 1) * k
        ].toarray()
        return block


@dataclass(frozen=True)
class Gram(Additive):
    """Count the pairs of votes on the same item by annotator and label.

    Attributes:
        declared: The declared labels, in order; none for those seen.
    """

    beside = False

    declared: tuple[str, ...] = ()

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Gram]) -> list[GramMatrix]:
        """The ballots multiplied in blocks of items; by query four grouped ones."""
        return [_count(tables, request) for request in requests]

    def kept(self, state: GramMatrix) -> GramMatrix:
        """The matrix with each pair of annotators once: half of it says all."""
        from scipy import sparse

        return replace(state, pairs=sparse.triu(state.pairs, format="csr"))

    def told(self, tables: Tables, *states: GramMatrix) -> GramMatrix:  # noqa: ARG002 - as Additive has it
        """The matrix of the whole; no vote is beside itself, so that nothing lies on the diagonal."""
        return replace(states[0], pairs=states[0].pairs + states[0].pairs.T.tocsr())

    def added(self, spec: Spec, states: Sequence[Signed]) -> GramMatrix | None:
        """The matrix of all parts, each pair once; None where a numeric scale has parts that hold several values."""
        labels = in_order(self.declared, (state.labels for _, state in states))
        if spec.labels.level in NUMERIC:
            if not is_exact(labels):
                return None
            labels = by_value(labels)
        total = _Total(tuple(sorted({name for _, state in states for name in state.annotators})), labels)
        for sign, state in states:
            total.add_state(state, sign)
        return total.state(set(self.declared))


def _count(tables: Tables, request: Gram) -> GramMatrix:
    everything = tables["annotations"].expr
    with engine_errors("annotations"):
        seen, parts = labels_given(tables, request.declared), scale_of(tables)
        named = {label: label if parts is None else parts.name(label) for label in seen}
        labels = tuple(dict.fromkeys((*(parts.names if parts else ()), *named.values())))
        declared = {named[label] for label in request.declared}
        places = {label: place for place, label in enumerate(labels)}
        if tables.by_query:
            total = _Total(values_of(everything, "annotator"), labels)
            codes = [places[name] for name in named.values()]
            total.add_sums(sums_in_engine(tables, total.annotators, labels, seen, codes))
            return total.state(declared)
        ballots = tables.ballots
        total = _Total(ballots.annotators, labels)
        own = np.array([places[named[label]] for label in ballots.labels], np.int64)
        for block in ballots.blocks():
            annotator, label = np.divmod(block.codes, len(own))
            total.add_items(block.sizes, annotator * len(labels) + own[label])
        return total.state(declared)


class _Total:
    """A Gram matrix while it is summed up."""

    def __init__(self, annotators: tuple[str, ...], labels: tuple[str, ...]) -> None:
        from scipy import sparse

        self.annotators, self.labels = annotators, labels
        self.codes = len(annotators) * len(labels)
        self._votes = np.zeros(self.codes, np.int64)
        self._alone = np.zeros(self.codes, np.int64)
        self._pairs = sparse.csr_matrix((self.codes, self.codes), dtype=np.int64)
        self._peers: dict[int, Any] = {}
        self._agreeing: dict[int, Any] = {}
        codes = np.arange(self.codes)
        ones = np.ones(self.codes, np.int64)
        # [A K, K]: which label each code stands for.
        self._label_of = sparse.csr_matrix(
            (ones, (codes, codes % max(len(labels), 1))), (self.codes, len(labels))
        )

    def add_items(self, lengths: NDArray[np.int64], codes: NDArray[np.int64]) -> None:
        """Add whole items: how many votes each has, and the codes of their votes one after another."""
        from scipy import sparse

        self._votes += np.bincount(codes, minlength=self.codes)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        votes = sparse.csr_matrix((np.ones(len(codes), np.int64), codes, starts), (len(lengths), self.codes))
        self._alone += np.bincount(votes[lengths == 1].indices, minlength=self.codes)
        shared = votes[lengths > 1]
        # A vote beside itself is no pair; within one annotator there is no other, since each votes once an item.
        self._pairs += _without(shared.T @ shared, _each_vote(shared, np.arange(self.codes), self.codes))
        sizes, size = np.unique(lengths[lengths > 1], return_inverse=True)
        step = max(CELLS // max(self.codes, 1), 1)
        for first in range(0, len(sizes), step):
            own = (size >= first) & (size < first + step)
            some = sizes[first : first + step]
            self._add_sizes(shared if own.all() else shared[own], some, size[own] - first)

    def _add_sizes(self, votes: Any, sizes: NDArray[np.int64], size: NDArray[np.int64]) -> None:
        """Add the peers of items, a code of its own for each number of votes: one product tells those of all.

        Args:
            votes: Sparse [I, A K], the votes of each item.
            sizes: int64 [S], numbers of votes.
            size: int64 [I], which of them each item has.
        """
        from scipy import sparse

        codes = np.repeat(size, sizes[size]) * self.codes + votes.indices
        shape = (votes.shape[0], len(sizes) * self.codes)
        sized = sparse.csr_matrix((votes.data, codes, votes.indptr), shape)
        labels = votes @ self._label_of
        label_of = np.tile(np.arange(self.codes) % max(len(self.labels), 1), len(sizes))
        peers = _without(sized.T @ labels, _each_vote(sized, label_of, len(self.labels)))
        agreeing = sized.T @ (np.asarray(labels.multiply(labels).sum(axis=1)).ravel() - sizes[size])
        for place, of_size in enumerate(sizes.tolist()):
            own = slice(place * self.codes, (place + 1) * self.codes)
            self._add_shared(of_size, peers[own], agreeing[own])

    def add_state(self, state: GramMatrix, sign: int) -> None:
        """Add a state whose annotators and labels are among these, or take it away (-1)."""
        from scipy import sparse

        if (state.annotators, state.labels) == (self.annotators, self.labels):
            self._votes += sign * state.votes.ravel()
            self._alone += sign * state.alone.ravel()
            self._pairs += sign * state.pairs
            for size, peers in state.peers.items():
                self._add_shared(size, sign * peers, sign * state.agreeing[size].ravel())
            return
        labels, annotators = at(state.labels, self.labels), at(state.annotators, self.annotators)
        rows = (annotators[:, None] * len(self.labels) + labels).ravel()
        there = np.arange(len(rows))
        to = sparse.csr_matrix((np.ones(len(rows), np.int64), (rows, there)), (self.codes, len(rows)))
        signed = sign * to
        columns = sparse.csr_matrix(
            (np.ones(len(labels), np.int64), (np.arange(len(labels)), labels)),
            (len(labels), len(self.labels)),
        )
        self._votes += signed @ state.votes.ravel()
        self._alone += signed @ state.alone.ravel()
        self._pairs += signed @ state.pairs @ to.T
        for size, peers in state.peers.items():
            self._add_shared(size, signed @ peers @ columns, signed @ state.agreeing[size].ravel())

    def add_sums(self, sums: Sums) -> None:
        """Add what an engine has summed up over these annotators and labels."""
        self._votes += sums.votes
        self._alone += sums.alone
        self._pairs += sums.pairs
        for size, peers in sums.peers.items():
            self._add_shared(size, peers, sums.agreeing[size])

    def state(self, declared: Collection[str]) -> GramMatrix:
        """What has been added so far, without labels that neither are declared nor have a vote."""
        shape = (len(self.annotators), len(self.labels))
        votes = self._votes.reshape(shape)
        used = votes.any(axis=0) | np.array([label in declared for label in self.labels], bool)
        codes = np.flatnonzero(np.tile(used, len(self.annotators)))
        self._pairs = self._pairs.tocsr()
        for matrix in (self._pairs, *self._peers.values()):
            matrix.eliminate_zeros()
        sizes = sorted(size for size, peers in self._peers.items() if peers.nnz)
        return GramMatrix(
            self.annotators,
            tuple(label for label, kept in zip(self.labels, used, strict=True) if kept),
            votes[:, used],
            self._alone.reshape(shape)[:, used],
            self._pairs if used.all() else self._pairs[codes][:, codes],
            {size: self._peers[size][codes][:, used] for size in sizes},
            {size: self._agreeing[size].reshape(shape)[:, used] for size in sizes},
        )

    def _add_shared(self, size: int, peers: Any, agreeing: NDArray[np.int64]) -> None:
        if size in self._peers:
            peers, agreeing = self._peers[size] + peers, self._agreeing[size] + agreeing
        self._peers[size], self._agreeing[size] = peers.tocsr(), agreeing


def _each_vote(votes: Any, columns: NDArray[np.int64], width: int) -> Any:
    """How many votes each code of a matrix has, int64 [codes, width], in one column a code."""
    from scipy import sparse

    codes = votes.shape[1]
    counts = np.bincount(votes.indices, minlength=codes).astype(np.int64)
    return sparse.csr_matrix((counts, (np.arange(codes), columns)), (codes, width))


def _without(matrix: Any, taken: Any) -> Any:
    """The difference of two sparse matrices, its zeros left out."""
    left = (matrix - taken).tocsr().astype(np.int64)
    left.eliminate_zeros()
    return left
