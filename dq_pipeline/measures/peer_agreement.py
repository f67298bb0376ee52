"""Each annotator beside the others on the same items, from the Gram matrix of votes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.strata import difference
from dq_pipeline.measures.wilson import wilson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Several:
    """One number for each of many, with its standard error.

    Attributes:
        value: float [...]; NaN where it is undefined.
        error: float [...], its standard error.
        n: float [...], votes that it rests on.
    """

    value: Floats
    error: Floats
    n: Floats


@dataclass(frozen=True)
class Beside:
    """What each annotator gave, and what the others gave beside it; every vote with peers weighs one.

    Attributes:
        annotators: A.
        labels: K.
        weights: float CSR [A K, K], annotator a's label c (row a K + c) and the others' k on the same items.
        of_three: float [A], votes on items with three votes or more, where the others can be compared with each other.
        agreeing_of_three: float [A], of these the share of the others that agree, summed.
        among_others: float [A], of these the share of the pairs of others that agree with each other, summed.
    """

    annotators: int
    labels: int
    weights: Any
    of_three: Floats
    agreeing_of_three: Floats
    among_others: Floats

    @cached_property
    def own(self) -> Floats:
        """[A, K], the annotator's votes with peers, by label."""
        return self._shaped(self.weights.sum(axis=1))

    @cached_property
    def peers(self) -> Floats:
        """[A, K], what the others gave on the same items, by label."""
        rows = self.weights.tocoo()
        total = np.zeros((self.annotators, self.labels))
        np.add.at(total, (rows.row // max(self.labels, 1), rows.col), rows.data)
        return total

    @cached_property
    def agreeing(self) -> Floats:
        """[A, K], where both gave the label."""
        rows = self.weights.tocoo()
        same = rows.row % max(self.labels, 1) == rows.col
        total = np.zeros(self.annotators * self.labels)
        np.add.at(total, rows.row[same], rows.data[same])
        return self._shaped(total)

    @cached_property
    def votes(self) -> Floats:
        """[A], votes with peers."""
        total: Floats = np.rint(self.own.sum(axis=1))
        return total

    def _shaped(self, flat: Any) -> Floats:
        return np.asarray(flat, dtype=np.float64).reshape(self.annotators, self.labels)


def beside(annotators: int, labels: int, peers: Mapping[int, Any], agreeing: Mapping[int, Any]) -> Beside:
    """From the counts by the number of votes that an item has.

    Args:
        annotators: A.
        labels: K.
        peers: Of each number of votes m: CSR [A K, K], how often someone else gave k beside annotator a's c.
        agreeing: Of each m: [A, K], the ordered pairs of votes that agree on the items on which a gave c; where it is missing
            the others are not compared with each other.
    """
    from scipy import sparse

    total = sparse.csr_matrix((annotators * labels, labels), dtype=np.float64)
    three, with_one, among = np.zeros(annotators), np.zeros(annotators), np.zeros(annotators)
    for size, counted in sorted(peers.items()):
        of_size = Beside(annotators, labels, counted / (size - 1), three, with_one, among)
        total = total + of_size.weights
        if size > 2 and size in agreeing:  # noqa: PLR2004 - of two there is one other
            own = of_size.agreeing.sum(axis=1)
            pairs = np.asarray(agreeing[size]).sum(axis=1) - 2 * (size - 1) * own
            three, with_one = three + of_size.votes, with_one + own
            among = among + pairs / ((size - 1) * (size - 2))
    return Beside(annotators, labels, total.tocsr(), three, with_one, among)


def leave_one_out(seen: Beside) -> list[Estimate]:
    """Of each annotator, the mean share of the item's other votes that are the same, with Wilson's interval.

    n is the votes with peers. A vote's share varies no more than a yes or no of the same mean, so that the interval is
    rather too wide than too narrow where an item has more than two votes. Status `no_overlap` without any.
    """
    agreeing = seen.agreeing.sum(axis=1)
    return [_share(float(hits), float(votes)) for hits, votes in zip(agreeing, seen.votes, strict=True)]


def leave_one_out_of_all(seen: Beside) -> Estimate:
    """The same of all annotators together, without an interval: votes on one item go together."""
    votes, agreeing = float(seen.votes.sum()), float(seen.agreeing.sum())
    return (
        Estimate(min(agreeing / votes, 1.0), n=round(votes)) if votes else Estimate(None, status="no_overlap")
    )


def agreement_gap(seen: Beside) -> Several:
    """[A], the annotator's agreement with the others less that of the others with each other, on the same items.

    Of annotators most of whose items have two votes, where there is but one other: less that of everybody else with each
    other at the same mix of the peers' labels.
    """
    same, alike = _gap_on_same_items(seen), _gap_at_same_labels(seen)
    on_same = seen.of_three >= seen.votes / 2
    return Several(*(np.where(on_same, *each) for each in zip(_arrays(same), _arrays(alike), strict=True)))


def _gap_on_same_items(seen: Beside) -> Several:
    """The two vary together, with the items, so that the sum of their variances is rather too large.

    Each is that of a share to which two votes of each kind are added (Agresti & Coull 1998).
    """
    n = seen.of_three
    own, among = ((hits + 2) / (n + 4) for hits in (seen.agreeing_of_three, seen.among_others))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (seen.agreeing_of_three - seen.among_others) / n
    return Several(value, np.sqrt((own * (1 - own) + among * (1 - among)) / (n + 4)), n)


def _gap_at_same_labels(seen: Beside) -> Several:
    """Pairs with the annotator are left out of the others', so that one who is off does not pull them down.

    Where nothing is left, as with two annotators, they stay.
    """
    peers, own, agreeing = seen.peers, seen.own, seen.agreeing
    votes = peers.sum(axis=0) - peers
    hits = agreeing.sum(axis=0) - agreeing
    apart, hits_apart = np.maximum(votes - own, 0.0), np.maximum(hits - agreeing, 0.0)
    alone = apart.sum(axis=1, keepdims=True) < 1e-9  # noqa: PLR2004 - sums of thirds are not quite zero
    found = difference(agreeing, peers, np.where(alone, hits, hits_apart), np.where(alone, votes, apart))
    with np.errstate(divide="ignore", invalid="ignore"):
        return Several(found.value / found.weight, np.sqrt(found.variance) / found.weight, seen.votes)


def _arrays(several: Several) -> tuple[Floats, Floats, Floats]:
    return several.value, several.error, several.n


def among_others(seen: Beside) -> list[Estimate]:
    """How far the others agree with each other on each annotator's items of three votes or more; n is these items."""
    found = zip(seen.among_others, seen.of_three, strict=True)
    return [
        Estimate(float(hits / n), n=round(float(n))) if n else Estimate(None, status="no_overlap")
        for hits, n in found
    ]


def label_bias(seen: Beside) -> Several:
    """[A, K], the share of the annotator's votes for a label less that of the others' on the same items.

    The standard error is that of a difference of paired shares (Agresti & Min 2005, Stat Med 24, 729-740): half a vote is
    added to each kind of pair.
    """
    votes = seen.votes[:, None]
    apart, discordant = seen.own - seen.peers, np.maximum(seen.own + seen.peers - 2 * seen.agreeing, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(discordant + 1 - apart**2 / (votes + 2)) / (votes + 2)
        return Several(apart / votes, error, np.broadcast_to(votes, apart.shape))


def scale_bias(seen: Beside, places: Floats) -> Several:
    """[A], how much oftener the annotator's vote lies above the others' on the same item than below, -1 to 1.

    Args:
        seen: The votes.
        places: float [K], each label's place on the scale; NaN for one that has none.
    """
    rows = seen.weights.tocoo()
    own, other = places[rows.row % max(seen.labels, 1)], places[rows.col]
    who = rows.row // max(seen.labels, 1)
    known = np.isfinite(own) & np.isfinite(other)
    above = np.bincount(who[known & (own > other)], rows.data[known & (own > other)], seen.annotators)
    below = np.bincount(who[known & (own < other)], rows.data[known & (own < other)], seen.annotators)
    votes = np.bincount(who[known], rows.data[known], seen.annotators).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(above + below + 1 - (above - below) ** 2 / (votes + 2)) / (votes + 2)
        return Several((above - below) / votes, error, votes)


def kappa_with_peers(seen: Beside) -> Several:
    """[A], Cohen's kappa of the annotator's votes and the others' on the same items: 0 for one who does not look at them.

    The standard error is Cohen's (1960, eq. 7), of a share to which two votes of each kind are added (Agresti & Coull 1998).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = seen.agreeing.sum(axis=1) / seen.votes
        chance = (seen.own * seen.peers).sum(axis=1) / seen.votes**2
        # Where all of both sides is one label there is nothing that kappa could tell.
        chance = np.where(chance < 1 - 1e-12, chance, np.nan)
        share = (seen.agreeing.sum(axis=1) + 2) / (seen.votes + 4)
        spread = np.sqrt(share * (1 - share) / (seen.votes + 4))
        return Several((observed - chance) / (1 - chance), spread / (1 - chance), seen.votes)


def label_confusion(seen: Beside) -> Any:
    """COO [K, K] upper triangle, the disagreeing comparisons between two labels; every vote with peers weighs one.

    Only pairs of labels that met are held: of a free text for a label, K squared is more than any memory.
    """
    from scipy import sparse

    rows = seen.weights.tocoo()
    places = rows.row % max(seen.labels, 1), rows.col
    total = sparse.csr_matrix((rows.data, places), (seen.labels, seen.labels))
    return sparse.triu(total + total.T, 1).tocsr().tocoo()


def _share(hits: float, votes: float) -> Estimate:
    if votes <= 0:
        return Estimate(None, status="no_overlap")
    share = min(hits / votes, 1.0)
    return Estimate(share, *wilson(share, votes), n=round(votes))
