"""Posteriors as rows of a consensus, a block at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.consensus.dawid_skene import largest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from dq_pipeline.consensus.majority import Ties

    Floats = NDArray[np.float64]

LEAST = 1e-9
"""Probabilities below it are left out of a soft label; they sum to less than anybody sees."""


def schema() -> pa.Schema:
    """The Arrow types of layout.COLUMNS."""
    import pyarrow as pa

    side = pa.struct([("label", pa.string()), ("probability", pa.float64())])
    return pa.schema(
        [
            ("item", pa.string()),
            ("label", pa.string()),
            ("confidence", pa.float64()),
            ("entropy", pa.float64()),
            ("votes", pa.int32()),
            ("tied", pa.bool_()),
            ("soft_label", pa.list_(side)),
        ]
    )


def rows_of(
    items: pa.Array,
    posterior: Floats,
    votes: NDArray[Any],
    labels: Sequence[str],
    ties: Ties,
    digits: int | None = None,
) -> pa.RecordBatch:
    """The rows of B items.

    Args:
        items: Their ids, [B].
        posterior: The probability of each label, [B, K], rows sum to 1.
        votes: How many votes each has, [B].
        labels: The K labels, declared ones first.
        ties: What becomes of items whose likeliest labels are equally likely.
        digits: Digits after the point that probabilities and entropy are rounded to; None leaves them.
    """
    import pyarrow as pa

    logs = np.log(posterior, out=np.zeros_like(posterior), where=posterior > 0)
    entropy = np.maximum(-np.einsum("ik,ik->i", posterior, logs), 0.0)
    if digits is not None:
        posterior, entropy = posterior.round(digits), entropy.round(digits)
    most = largest(posterior)
    top = posterior == most[:, None]
    tied = top.sum(axis=1) > 1
    chosen = top.argmax(axis=1)
    if ties == "last_declared":
        chosen = top.shape[1] - 1 - top[:, ::-1].argmax(axis=1)
    names = pa.array(labels, pa.string())
    label = names.take(pa.array(chosen.astype(np.int32), mask=tied if ties == "abstain" else None))
    columns = [
        items,
        label,
        pa.array(most),
        pa.array(entropy),
        pa.array(votes.astype(np.int32)),
        pa.array(tied),
        _soft(posterior, names),
    ]
    return pa.record_batch(columns, schema=schema())


def _soft(posterior: Floats, names: pa.Array) -> pa.Array:
    """Labels and probabilities, likeliest first, equally likely ones in the labels' order."""
    import pyarrow as pa

    order = np.argsort(-posterior, axis=1, kind="stable").astype(np.int32)
    ranked = np.take_along_axis(posterior, order, axis=1)
    kept = ranked >= LEAST
    offsets = np.zeros(len(posterior) + 1, dtype=np.int32)
    np.cumsum(kept.sum(axis=1), out=offsets[1:])
    sides = pa.StructArray.from_arrays(
        [names.take(pa.array(order[kept])), pa.array(ranked[kept])], names=["label", "probability"]
    )
    return pa.ListArray.from_arrays(pa.array(offsets), sides)
