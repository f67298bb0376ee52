"""Dawid & Skene (1979): the labels and each annotator's rates of confusion, by expectation maximisation.

Notation of the paper: p_k the share of label k, pi[a, k, l] the rate at which annotator a says l when k is true, T[i, k]
the probability that k is the true label of item i. An annotator's several votes on one item enter as multiplicities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from dq_pipeline.consensus.encode import Votes

    Floats = NDArray[np.float64]
    Expect = Callable[[Floats | None, Floats | None], tuple[Floats, Floats, float]]
    """Prior [K] and rates [C, K] to expected counts of columns [C, K] and of labels [K], and the log-likelihood."""

CELLS = 160_000
"""Posteriors of a block, items x labels: 16,000 items of 10 labels, 1.3 MB, which stay in a core's cache."""
SMOOTHING = 0.01
"""Votes that each confusion is given of an annotator with fewer votes than confusions; docs/consensus.md says why."""
RIGHT = 1.1
"""How many times as many the right label is given: where nothing else tells, a lone vote is more likely right."""
WIDE = 64
"""Labels up to which columns are compared one by one."""
FLOOR = 1e-300
"""Least rate: an impossible confusion stays so, and its logarithm is a number."""


@dataclass(frozen=True)
class Model:
    """What was learned of labels and annotators.

    Attributes:
        prior: Shares of the labels, [K].
        rates: The rate of each column's label when each label is true, [C, K].
        log_likelihoods: After each step, of the votes given prior and rates, with the logarithm of the smoothing's prior
            where there is one; it never falls.
        converged: Whether the last step rose by less than the tolerance.
    """

    prior: Floats
    rates: Floats
    log_likelihoods: tuple[float, ...]
    converged: bool

    @property
    def log_likelihood(self) -> float:
        """The last one."""
        return self.log_likelihoods[-1] if self.log_likelihoods else 0.0


def fit(
    votes: Votes,
    *,
    smoothing: float = SMOOTHING,
    tolerance: float = 1e-9,
    most_steps: int = 1000,
    floor: float = FLOOR,
) -> Model:
    """Learn labels and rates, starting from vote shares.

    An annotator with fewer votes than the K x K confusions to be told from them has each confusion smoothed by
    `smoothing` votes, the right label by a tenth more (a Dirichlet prior; each step then raises the posterior). The others
    are estimated as in the paper.

    Args:
        votes: The encoded votes.
        smoothing: Votes to add to each confusion of a sparse annotator; 0 for none.
        tolerance: Stop when the log-likelihood rises by less than this share of itself.
        most_steps: Stop after so many steps at the latest.
        floor: Least rate that the posteriors are computed with.
    """
    columns = np.zeros(len(votes.of_label), np.int64)
    for codes, _ in votes.blocks(block_size(votes)):
        columns += np.bincount(codes, minlength=len(columns))
    return learn(
        votes,
        columns,
        len(votes.lengths),
        lambda prior, rates: expected(votes, prior, rates, floor),
        smoothing=smoothing,
        tolerance=tolerance,
        most_steps=most_steps,
    )


def learn(
    shape: Votes,
    columns: NDArray[np.int64],
    items: int,
    expect: Expect,
    *,
    smoothing: float = SMOOTHING,
    tolerance: float = 1e-9,
    most_steps: int = 1000,
) -> Model:
    """The steps of `fit`, wherever the votes lie.

    Args:
        shape: Votes of which the annotators, labels and columns are looked at, not the votes.
        columns: Votes of each column, int64 [C].
        items: N.
        expect: Gives the expected counts of all items.
        smoothing: As for `fit`.
        tolerance: As for `fit`.
        most_steps: As for `fit`.
    """
    maximise = _Maximisation(shape, columns, items, smoothing)
    history: list[float] = []
    counts, totals, _ = expect(None, None)
    prior, rates, penalty = maximise(counts, totals)
    while len(history) < most_steps:
        counts, totals, reached = expect(prior, rates)
        history.append(penalty + reached)
        if len(history) > 1 and history[-1] - history[-2] <= tolerance * abs(history[-1]):
            return Model(prior, rates, tuple(history), converged=True)
        if len(history) < most_steps:
            prior, rates, penalty = maximise(counts, totals)
    return Model(prior, rates, tuple(history), converged=not items)


def expected(
    votes: Votes, prior: Floats | None, rates: Floats | None, floor: float = FLOOR
) -> tuple[Floats, Floats, float]:
    """Expected counts of columns [C, K] and of labels [K], and the log-likelihood; from vote shares without a prior."""
    size = block_size(votes)
    counts, totals = np.zeros((len(votes.of_label), len(votes.labels))), np.zeros(len(votes.labels))
    reached = 0.0
    if prior is None or rates is None:
        for matrix, shares in _vote_shares(votes, size):
            counts += matrix.T @ shares
            totals += shares.sum(axis=0)
        return counts, totals, reached
    for matrix, posterior, evidence in _expectation(votes, prior, rates, floor, size):
        counts += matrix.T @ posterior
        totals += posterior.sum(axis=0)
        reached += evidence
    return counts, totals, reached


def posteriors(votes: Votes, model: Model, *, floor: float = FLOOR) -> Iterator[Floats]:
    """T[i, k] of all items in their order, a block [B, K] at a time."""
    for _, posterior, _ in _expectation(votes, model.prior, model.rates, floor, block_size(votes)):
        yield posterior


class _Maximisation:
    """The step from expected counts to shares and rates (equations 2.3 and 2.4)."""

    def __init__(self, votes: Votes, columns: NDArray[np.int64], items: int, smoothing: float) -> None:
        labels, annotators = len(votes.labels), len(votes.annotators)
        self._items = items
        self._of = votes.of_annotator
        self._first = np.flatnonzero(np.diff(votes.of_annotator, prepend=-1))
        self._shape = (len(votes.of_label), labels)
        given = np.bincount(votes.of_annotator, weights=columns, minlength=annotators)
        sparse = (given < labels * labels) & (smoothing > 0)
        self._sparse = np.flatnonzero(sparse)
        self._smoothed = np.flatnonzero(sparse[votes.of_annotator])
        # Added to each column of a sparse annotator, and to the labels that this annotator never gave.
        self._added = np.full((len(self._smoothed), labels), float(smoothing))
        self._added[np.arange(len(self._smoothed)), votes.of_label[self._smoothed]] *= RIGHT
        said = np.zeros((annotators, labels), dtype=bool)
        said[votes.of_annotator, votes.of_label] = True
        unsaid = ~said[self._sparse]
        self._right, self._wrong = (
            unsaid * smoothing * RIGHT,
            smoothing * (unsaid.sum(axis=1)[:, None] - unsaid),
        )
        self._whole = smoothing * (labels - 1 + RIGHT)
        self._logs = (np.log(smoothing * RIGHT), np.log(smoothing)) if smoothing else (0.0, 0.0)

    def __call__(self, counts: Floats, totals: Floats) -> tuple[Floats, Floats, float]:
        """Shares [K], rates [C, K], and the logarithm of the smoothing's prior at these rates."""
        if not self._items:
            return np.zeros(self._shape[1]), counts, 0.0
        whole = np.add.reduceat(counts, self._first, axis=0)
        whole[self._sparse] += self._whole
        counts[self._smoothed] += self._added
        rates = counts / np.maximum(whole, FLOOR)[self._of]
        penalty = float((self._added * np.log(rates[self._smoothed])).sum())
        if len(self._sparse):
            logs = np.log(whole[self._sparse])
            penalty += float(
                (self._right * (self._logs[0] - logs) + self._wrong * (self._logs[1] - logs)).sum()
            )
        return totals / self._items, rates, penalty


def _expectation(
    votes: Votes, prior: Floats, rates: Floats, floor: float, size: int
) -> Iterator[tuple[Any, Floats, float]]:
    """The votes' matrix [B, C] of each block, T [B, K] (equation 2.5), and the block's log-likelihood."""
    log_rates = np.log(np.maximum(rates, floor))
    log_prior = np.log(np.maximum(prior, floor))
    for matrix in _matrices(votes, size):
        joint = matrix @ log_rates
        joint += log_prior
        most = largest(joint)
        joint -= most[:, None]
        np.exp(joint, out=joint)
        whole = np.einsum("ik->i", joint)
        joint /= whole[:, None]
        yield matrix, joint, float(most.sum() + np.log(whole).sum())


def largest(rows: Floats) -> Floats:
    """The largest number of each row [B]: of few columns column by column, as NumPy is slow along short rows."""
    if rows.shape[1] > WIDE:
        along: Floats = rows.max(axis=1)
        return along
    most: Floats = rows[:, 0].copy()
    for column in rows.T[1:]:
        np.maximum(most, column, out=most)
    return most


def _vote_shares(votes: Votes, size: int) -> Iterator[tuple[Any, Floats]]:
    """The votes' matrix of each block and the share of each label in each item's votes [B, K] (equation 3.1)."""
    said = np.zeros((len(votes.of_label), len(votes.labels)))
    said[np.arange(len(said)), votes.of_label] = 1.0
    for matrix in _matrices(votes, size):
        shares = matrix @ said
        shares /= shares.sum(axis=1, keepdims=True)
        yield matrix, shares


def _matrices(votes: Votes, size: int) -> Iterator[Any]:
    from scipy.sparse import csr_matrix

    for codes, starts in votes.blocks(size):
        yield csr_matrix(
            (np.ones(len(codes)), codes, starts), shape=(len(starts) - 1, len(votes.of_label)), copy=False
        )


def block_size(votes: Votes) -> int:
    """Items of a block, so that their posteriors stay in a core's cache."""
    return max(CELLS // max(len(votes.labels), 1), 1)
