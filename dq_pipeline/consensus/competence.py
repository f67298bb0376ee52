"""How far an annotator is to be believed where annotators differ: agreement with the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.consensus.likely import likely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dq_pipeline.consensus.encode import Votes

SHRINK = 10
"""Votes by which an annotator's agreement is drawn towards that of all: below ten nothing is known of anybody."""
LOW = 0.1
"""An annotator is doubted who agrees with the others less often than all do by more than this ..."""
Z = 1.645
"""... and by more standard errors than this: 5 % of equally good annotators, one-sided."""


MILLION = 1_000_000
"""Parts of a vote in whole numbers, which add up alike in any order."""


def competence(votes: Votes) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Each annotator's weight, int64 [A] from 0 to 1000, and whether he or she is doubted, bool [A].

    A vote agrees with the share of the item's other votes that have its label; votes that stand alone say nothing. The
    weight is the mean over the annotator's votes, shrunk towards that of all votes; whole thousandths, so that sums of it
    are the same in any order.
    """
    agreed, shared = np.zeros(len(votes.annotators), np.int64), np.zeros(len(votes.annotators), np.int64)
    for some in likely(votes, None):
        of = np.repeat(some.sizes, some.sizes).astype(np.int64)
        item = np.repeat(np.arange(len(some.sizes)), some.sizes)
        same = np.rint(some.shares[item, some.labels] * of)
        agrees = np.floor((same - 1) * float(MILLION) / np.maximum(of - 1, 1) + 0.5)
        who, several = votes.of_annotator[some.columns], of > 1
        agreed += np.bincount(who[several], agrees[several], len(agreed)).astype(np.int64)
        shared += np.bincount(who[several], minlength=len(shared))
    said, n = agreed / MILLION, shared.astype(np.float64)
    mean = said.sum() / n.sum() if n.any() else 0.0
    weight = np.floor((said + SHRINK * mean) * 1000 / (n + SHRINK) + 0.5).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        below, error = mean - said / n, np.sqrt(mean * (1 - mean) / n)
    return weight, (below > LOW) & (below > Z * error)


def competence_in_engine(votes: Any) -> Any:
    """The same, grouped by the engine.

    Args:
        votes: `item`, `annotator`, `label`, one row a vote.

    Returns:
        A table with `annotator`, `weight` (int64, 0 to 1000) and `doubted`.
    """
    import ibis

    by_label = votes.group_by("item", "label").agg(same=votes.count())
    by_item = by_label.group_by("item").agg(of=by_label.same.sum())
    seen = votes.inner_join(by_label, ["item", "label"]).inner_join(by_item, "item")
    agrees = ((seen.same - 1) * float(MILLION) / ibis.greatest(seen["of"] - 1, 1)).round().cast("int64")
    shared = seen["of"] > 1
    each = (
        seen.mutate(agrees=agrees, shared=shared.cast("int64"))
        .group_by("annotator")
        .agg(
            agreed=lambda row: (row.agrees * row.shared).sum().cast("float64") / MILLION,
            n=lambda row: row.shared.sum().cast("float64"),
        )
    )
    everybody = each.agg(mean=ibis.coalesce(each.agreed.sum() / each.n.sum().nullif(0.0), 0.0))
    told = each.cross_join(everybody)
    below = told["mean"] - told.agreed / told.n.nullif(0.0)
    error = (told["mean"] * (1 - told["mean"]) / told.n.nullif(0.0)).sqrt()
    return told.select(
        "annotator",
        weight=((told.agreed + SHRINK * told["mean"]) * 1000 / (told.n + SHRINK)).round().cast("int64"),
        doubted=((below > LOW) & (below > Z * error)).fill_null(False),
    )
