"""Cohen's kappa of every two annotators, told once however many families ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.measures.cohen import PairwiseKappa, pairwise_kappa

if TYPE_CHECKING:
    from dq_pipeline.counts import Counts, Gram, GramMatrix


def kappas_of(counts: Counts, gram: Gram) -> PairwiseKappa:
    """The kappas of the pairs of annotators that a Gram matrix counts."""

    def told() -> PairwiseKappa:
        state: GramMatrix = counts[gram]
        return pairwise_kappa(state.pairs, len(state.labels))

    return counts.once(("kappas", gram), told)
