"""The Gram matrix of ratings by the parts of their scale, so that two ratings agree when they share one."""

from __future__ import annotations

import numpy as np

from dq_pipeline.counts.gram import GramMatrix
from dq_pipeline.counts.scale import scale


def gram_on_scale(gram: GramMatrix) -> GramMatrix:
    """The same votes with the scale's parts for labels, in order; labels that are no numbers come after them.

    How the others agree with each other cannot be told of parts that hold several labels, and is left out then.
    """
    from scipy import sparse

    parts = scale(dict(zip(gram.labels, gram.votes.sum(axis=0).tolist(), strict=True)))
    named = [parts.name(label) for label in gram.labels]
    labels = tuple(dict.fromkeys((*parts.names, *named)))
    place = {label: at for at, label in enumerate(labels)}
    old, new, annotators = len(gram.labels), len(labels), len(gram.annotators)
    columns = np.array([place[name] for name in named], np.int64)
    to_part = sparse.csr_matrix((np.ones(old, np.int64), (np.arange(old), columns)), (old, new))
    codes = np.arange(annotators * old)
    of_codes = (codes // max(old, 1)) * new + np.tile(columns, annotators)
    to_code = sparse.csr_matrix(
        (np.ones(len(codes), np.int64), (codes, of_codes)), (annotators * old, annotators * new)
    )
    return GramMatrix(
        gram.annotators,
        labels,
        gram.votes @ to_part.toarray(),
        gram.alone @ to_part.toarray(),
        (to_code.T @ gram.pairs @ to_code).tocsr(),
        {size: (to_code.T @ counts @ to_part).tocsr() for size, counts in gram.peers.items()},
        {size: counts @ to_part.toarray() for size, counts in gram.agreeing.items()}
        if len(set(named)) == old
        else {},
    )
