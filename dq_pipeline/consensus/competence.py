"""How far an annotator is to be believed where annotators differ: agreement with the others, on the engine."""

from __future__ import annotations

from typing import Any

SHRINK = 10
"""Votes by which an annotator's agreement is drawn towards that of all: below ten nothing is known of anybody."""
LOW = 0.1
"""An annotator is doubted who agrees with the others less often than all do by more than this ..."""
Z = 1.645
"""... and by more standard errors than this: 5 % of equally good annotators, one-sided."""


def competence(votes: Any) -> Any:
    """Each annotator's weight and whether he or she is doubted.

    A vote agrees with the share of the item's other votes that have its label; votes that stand alone say nothing. The
    weight is the mean over the annotator's votes, shrunk towards that of all votes; whole thousandths, so that sums of it
    are the same in any order.

    Args:
        votes: `item`, `annotator`, `label`, one row a vote.

    Returns:
        A table with `annotator`, `weight` (int64, 0 to 1000) and `doubted`.
    """
    import ibis

    by_label = votes.group_by("item", "label").agg(same=votes.count())
    by_item = by_label.group_by("item").agg(of=by_label.same.sum())
    seen = votes.inner_join(by_label, ["item", "label"]).inner_join(by_item, "item")
    # A million to the vote: whole numbers add up alike in any order.
    agrees = ((seen.same - 1) * 1_000_000.0 / ibis.greatest(seen["of"] - 1, 1)).round().cast("int64")
    shared = seen["of"] > 1
    each = (
        seen.mutate(agrees=agrees, shared=shared.cast("int64"))
        .group_by("annotator")
        .agg(
            agreed=lambda row: (row.agrees * row.shared).sum().cast("float64") / 1_000_000,
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
