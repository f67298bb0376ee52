"""The items that are worth another look, the most worthwhile first: ambiguous, mislabelled by somebody, or wrong in gold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dq_pipeline.consensus.competence import competence
from dq_pipeline.consensus.run import consensus_rows, votes_of
from dq_pipeline.tables import engine_errors, text, with_roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.consensus.majority import Method
    from dq_pipeline.tables import Tables

Reason = Literal["suspect_gold", "unsupported", "ambiguous_item", "annotator_error", "dissent"]
"""Why an item is worth a look, in the order in which they are asked.

- suspect_gold: a confident consensus says another label than gold.
- unsupported: everybody who gave the label is doubted.
- annotator_error: the few who say otherwise are doubted, all of them.
- ambiguous_item: a third or more of the votes say otherwise, and not by doubted annotators alone.
- dissent: fewer say otherwise, among them somebody who is not doubted.
"""
CONFIDENT = 0.8
"""A consensus as confident as this, of three votes or more, is held against gold."""
FEWEST = 3
SHARE = 3
"""One vote in so many that says otherwise makes an item ambiguous."""


@dataclass(frozen=True)
class Vote:
    """What one annotator said of an item; `doubted` when he or she rarely agrees with the others."""

    annotator: str
    label: str
    doubted: bool


@dataclass(frozen=True)
class Look:
    """An item worth another look.

    Attributes:
        item: Its id.
        reason: Why.
        worth: How likely the label of record is wrong, 0 to 1: of suspect gold the consensus' confidence, else the weight of
            the votes that say otherwise, or of what the doubted lack.
        label: The likeliest label.
        confidence: Its share of the votes or posterior.
        gold: The gold label, where there is one.
        votes: All votes, by annotator.
        shown: The columns of the items table that the spec asks to show, as text.
    """

    item: str
    reason: Reason
    worth: float
    label: str
    confidence: float
    gold: str | None
    votes: tuple[Vote, ...]
    shown: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Queue:
    """The first of the items worth a look.

    Attributes:
        looks: The most worthwhile, first.
        by_reason: How many there are of each reason, all of them counted.
    """

    looks: tuple[Look, ...]
    by_reason: dict[str, int]


@dataclass(frozen=True)
class Relabel:
    """Ask for the items worth another look.

    Attributes:
        method: Whose labels they are held against.
        most: At most so many.
        show: Columns of the items table to show with each.
        leave_out: Reasons not to ask for.
    """

    method: Method
    most: int
    show: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    table: str = "annotations"

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Relabel]) -> list[Queue]:
        """One queue a request."""
        return [_queue(tables, request) for request in requests]


def _queue(tables: Tables, request: Relabel) -> Queue:
    consensus = consensus_rows(tables, request.method)
    if consensus is None:
        consensus = consensus_rows(tables, "majority")
    votes = votes_of(tables, request.method).select("item", "annotator", "label")
    with engine_errors("annotations"):
        believed = tables.connection.create_table(
            "dq_competence", competence(votes), temp=True, overwrite=True
        )
        weighed = votes.inner_join(believed, "annotator")
        judged = _judged(tables, weighed, consensus)
        judged = judged.filter(judged.reason.notnull() & ~judged.reason.isin(request.leave_out or ("",)))
        kept = judged.select("item", "reason", "worth", "label", "confidence", "gold", "votes")
        with tables.kept(kept) as worth_it:
            counted = worth_it.group_by("reason").agg(items=worth_it.count()).to_pyarrow().to_pylist()
            first = worth_it.order_by([worth_it.worth.desc(), worth_it.votes, worth_it.item])
            with tables.kept(first.limit(request.most)) as most:
                rows = _with_votes(tables, most, weighed, request.show).to_pyarrow().to_pylist()
    looks = [
        Look(
            row["item"],
            row["reason"],
            row["worth"],
            row["label"],
            row["confidence"],
            row["gold"],
            tuple(Vote(**vote) for vote in row["said"]),
            tuple(row[_shown(place)] for place in range(len(request.show))),
        )
        for row in rows
    ]
    return Queue(tuple(looks), {row["reason"]: row["items"] for row in counted})


def _judged(tables: Tables, weighed: Any, consensus: Any) -> Any:
    """Each item with its likeliest label, why it is worth a look (null when it is not) and how much."""
    import ibis

    top = consensus.select("item", "confidence", "tied", "votes", top=consensus.soft_label[0].label)
    held = weighed.inner_join(top, "item")
    for_it = held.label == held.top
    # What an item has once comes along with its votes: a second join by the text of ids costs more than the rest.
    rows = held.group_by("item").agg(
        label=held.top.arbitrary(),
        confidence=held.confidence.arbitrary(),
        tied=held.tied.arbitrary(),
        votes=held.votes.arbitrary(),
        dissent=(~for_it).sum().cast("int64"),
        trusted_for=(for_it & ~held.doubted).sum().cast("int64"),
        trusted_against=(~for_it & ~held.doubted).sum().cast("int64"),
        weight_for=ibis.ifelse(for_it, held.weight, 0).sum().cast("int64"),
        weight=held.weight.sum().cast("int64"),
        least=ibis.ifelse(for_it, 1000 - held.weight, 0).max().cast("int64"),
    )
    gold = tables.gold
    rows = (
        rows.mutate(gold=ibis.null("string"))
        if gold is None
        else rows.left_join(gold, "item").drop("item_right")
    )
    suspect = (
        (rows.gold != rows.label) & ~rows.tied & (rows.confidence >= CONFIDENT) & (rows.votes >= FEWEST)
    ).fill_null(False)
    reason = ibis.cases(
        (suspect, "suspect_gold"),
        (rows.trusted_for == 0, "unsupported"),
        (rows.dissent == 0, ibis.null("string")),
        ((rows.trusted_against == 0) & (rows.dissent * SHARE <= rows.votes), "annotator_error"),
        ((rows.trusted_against > 0) & (rows.dissent * SHARE >= rows.votes), "ambiguous_item"),
        else_="dissent",
    )
    against = ibis.ifelse(rows.weight > 0, 1 - rows.weight_for / rows.weight.nullif(0), 1.0)
    unsure = ibis.greatest(against, ibis.ifelse(rows.trusted_for == 0, rows.least / 1000, 0.0))
    return rows.mutate(reason=reason, worth=ibis.ifelse(suspect, rows.confidence, unsure))


def _with_votes(tables: Tables, first: Any, weighed: Any, show: Sequence[str]) -> Any:
    """The few items with all their votes, and the columns to show."""
    import ibis

    said = weighed.semi_join(first, "item")
    vote = ibis.struct({"annotator": said.annotator, "label": said.label, "doubted": said.doubted})
    said = said.group_by("item").agg(said=vote.collect())
    rows = first.inner_join(said.mutate(said=said.said.sort()), "item")
    if show and "items" in tables:
        items = tables["items"]
        columns = {_shown(place): column for place, column in enumerate(show)}
        own = with_roles(items.raw, {"item": items.roles["item"]}, columns)
        own = own.mutate(**{name: text(own[name]) for name in columns}).distinct(on="item", keep="first")
        rows = rows.left_join(own.drop("row"), "item").drop("item_right")
    return rows.order_by([rows.worth.desc(), rows.votes, rows.item])


def _shown(place: int) -> str:
    return f"dq_shown_{place}"
