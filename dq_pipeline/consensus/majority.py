"""Majority vote: one query on the engine, whatever the number of items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dq_pipeline.consensus.layout import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

Method = Literal["majority", "dawid_skene"]
Ties = Literal["abstain", "first_declared", "last_declared"]


def majority(votes: Any, *, declared: Sequence[str] = (), ties: Ties = "abstain") -> Any:
    """The label with the most votes of each item, with the shares of all as its soft label.

    Args:
        votes: A table with `item` and `label`, one row a vote, neither of them null.
        declared: The declared labels, in order; others follow in the order of their text.
        ties: Of equally many votes: no label, or the first or last one in that order.

    Returns:
        A table with the columns of layout.COLUMNS, sorted by item.
    """
    import ibis

    counted = votes.group_by("item", "label").agg(n=votes.count())
    rank = (
        ibis.cases(
            *((counted.label == label, place) for place, label in enumerate(declared)), else_=len(declared)
        )
        if declared
        else ibis.literal(0)
    )
    # Structs compare field by field, so that sorting them puts the most votes first, then the first declared.
    side = ibis.struct({"fewer": -counted.n, "rank": rank, "label": counted.label})
    by_item = counted.group_by("item").agg(votes=counted.n.sum().cast("int32"), sides=side.collect())
    ranked = by_item.mutate(sides=by_item.sides.sort())
    most = ranked.sides[0].fewer
    first = ranked.mutate(top=ranked.sides.filter(lambda side: side.fewer == most))
    tied = first.top.length() > 1
    chosen = first.top[first.top.length() - 1 if ties == "last_declared" else 0].label
    soft = first.mutate(
        label=ibis.ifelse(tied, ibis.null("string"), chosen) if ties == "abstain" else chosen,
        confidence=-first.sides[0].fewer / first.votes,
        tied=tied,
        soft_label=first.sides.map(
            lambda side: ibis.struct({"label": side.label, "probability": -side.fewer / first.votes})
        ),
    )
    entropy = soft.soft_label.map(lambda one: -one.probability * one.probability.ln()).sums()
    return soft.mutate(entropy=entropy).select(*COLUMNS).cast(COLUMNS).order_by("item")
