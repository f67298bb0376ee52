"""The numbers of the crowd: who agrees with whom, which labels are confused, who is joined to whom, who got what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.families.annotator_rows import places_of, row
from dq_pipeline.measures.association import cramers_v
from dq_pipeline.measures.cohen import pairwise_kappa
from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.keys import key_of
from dq_pipeline.measures.peer_agreement import beside, label_confusion
from dq_pipeline.measures.shares import share
from dq_pipeline.measures.weights import WEIGHTINGS, agreement_weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq_pipeline.counts import GramMatrix
    from dq_pipeline.families.annotators import AnnotatorsPolicy
    from dq_pipeline.measures.cohen import PairwiseKappa
    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.measures.peer_agreement import Beside
    from dq_pipeline.spec.labels import Labels

MOST_PAIRS = 20_000
"""Pairs of annotators that are told: all of two hundred annotators; beyond it those who share most items."""
MOST_CONFUSIONS = 1_000
"""Pairs of labels that are told, the most confused first."""
FEW = 200
"""Votes with peers below which an association is not told from chance."""
PERFECT = 100
"""Votes with peers from which on perfect agreement is suspicious."""


def crowd_rows(
    gram: GramMatrix, kappas: PairwiseKappa, policy: AnnotatorsPolicy, labels: Labels
) -> list[Measure]:
    """Kappa of every two, confusion of labels, the graph of shared items, assignment by label, use of labels."""
    seen = beside(len(gram.annotators), len(gram.labels), gram.peers, gram.agreeing)
    return [
        *_kappas(gram, kappas, policy, labels),
        *_confusions(gram, seen),
        *_graph(gram, seen, policy),
        row("assignment", _assignment(gram, seen, policy)),
        *_users(gram, policy),
        row("disagreements", _disagreements(seen)),
    ]


def _kappas(
    gram: GramMatrix, kappas: PairwiseKappa, policy: AnnotatorsPolicy, labels: Labels
) -> Iterator[Measure]:
    """Cohen's kappa of every two; on a scale the weighted ones too, over the votes that have a place on it."""
    yield from _told("cohen_kappa", gram, kappas.sharing(policy.least_overlap))
    if labels.level == "nominal":
        return
    places = places_of(gram.labels, labels)
    placed = np.isfinite(places)
    codes = np.flatnonzero(np.tile(placed, len(gram.annotators)))
    pairs = gram.pairs[codes][:, codes]
    for name in WEIGHTINGS:
        weights = agreement_weights(places[placed], name)
        found = pairwise_kappa(pairs, int(placed.sum()), weights, policy.least_overlap)
        yield from _told(f"cohen_kappa_{name}", gram, found)


def _told(name: str, gram: GramMatrix, kappas: PairwiseKappa) -> Iterator[Measure]:
    for place in np.sort(np.argsort(-kappas.n, kind="stable")[:MOST_PAIRS]).tolist():
        key = key_of((gram.annotators[kappas.first[place]], gram.annotators[kappas.second[place]]))
        yield row(name, kappas.estimate(place), "annotator,annotator", key)


def _confusions(gram: GramMatrix, seen: Beside) -> Iterator[Measure]:
    """Of the comparisons that disagree, the share between each two labels."""
    found = label_confusion(seen)
    total = float(found.sum())
    for place in np.argsort(-found.data, kind="stable")[:MOST_CONFUSIONS]:
        key = key_of((gram.labels[found.row[place]], gram.labels[found.col[place]]))
        estimate = Estimate(float(found.data[place]) / total, n=round(total))
        yield row("label_confusion", estimate, "label,label", key)


def _graph(gram: GramMatrix, seen: Beside, policy: AnnotatorsPolicy) -> Iterator[Measure]:
    """Annotators joined by shared items fall into parts that cannot be compared; some share too few to be judged."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    votes = gram.votes.sum(axis=1)
    unjudged = int(votes[seen.votes < policy.least_overlap].sum())
    yield row("unjudged_share", share(unjudged, int(votes.sum())))
    labels, annotators = max(len(gram.labels), 1), len(gram.annotators)
    cells = gram.pairs.tocoo()
    joined = csr_matrix(
        (np.ones(len(cells.data)), (cells.row // labels, cells.col // labels)), (annotators, annotators)
    )
    sharing = np.flatnonzero(seen.votes > 0)
    parts, _ = connected_components(joined[sharing][:, sharing], directed=False)
    n = len(sharing)
    yield row("components", Estimate(float(parts), n=n) if n else Estimate(None, status="no_overlap"))


def _assignment(gram: GramMatrix, seen: Beside, policy: AnnotatorsPolicy) -> Estimate:
    """Cramer's V of annotator and the peers' label on the annotator's items: what they got, not how they label it.

    Where nobody shares items, of annotator and own label.
    """
    judged = seen.votes >= policy.least_overlap
    table = seen.peers[judged] if judged.any() else gram.votes
    found = cramers_v(table)
    return (
        found if found.n >= FEW or found.value is None else Estimate(None, n=found.n, status="too_few_units")
    )


def _users(gram: GramMatrix, policy: AnnotatorsPolicy) -> Iterator[Measure]:
    """How many annotators use each label."""
    active = int((gram.votes.sum(axis=1) > 0).sum())
    for place, label in enumerate(gram.labels):
        n, users = int(gram.votes[:, place].sum()), int((gram.votes[:, place] > 0).sum())
        estimate = Estimate(float(users), n=n)
        if active < 2 or n < policy.least_votes:  # noqa: PLR2004 - one annotator alone uses every label
            estimate = Estimate(None, n=n, status="no_overlap" if active < 2 else "too_few_units")  # noqa: PLR2004
        yield row("users_of_label", estimate, "label", label)


def _disagreements(seen: Beside) -> Estimate:
    """Votes that disagree with peers, each vote weighing one, so that a single dissent counts 2: none among many is suspicious."""
    n = round(float(seen.votes.sum()))
    if not n:
        return Estimate(None, status="no_overlap")
    apart = float(seen.own.sum() - seen.agreeing.sum())
    apart = apart if apart > 1e-9 else 0.0  # noqa: PLR2004 - sums of thirds are not quite zero
    return Estimate(apart, n=n, status="ok" if apart or n >= PERFECT else "too_few_units")
