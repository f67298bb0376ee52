"""The queue of items worth another look, judged where the votes lie: no item's votes leave an engine of many machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.consensus.competence import competence_in_engine
from dq_pipeline.consensus.relabel import CONFIDENT, FEWEST, SHARE, Look, Vote
from dq_pipeline.consensus.run import rows_on_spark, votes_of

if TYPE_CHECKING:
    from dq_pipeline.consensus.relabel import Relabel
    from dq_pipeline.tables import Tables


def rows_in_engine(tables: Tables, request: Relabel) -> tuple[list[Look], dict[str, int]]:
    """The first of the looks, and how many there are of each reason."""
    consensus = rows_on_spark(tables, request.method)
    if consensus is None:
        consensus = rows_on_spark(tables, "majority")
    votes = votes_of(tables, request.method).select("item", "annotator", "label")
    with tables.kept(competence_in_engine(votes)) as believed:
        weighed = votes.inner_join(believed, "annotator")
        judged = _judged(tables, weighed, consensus)
        judged = judged.filter(judged.reason.notnull() & ~judged.reason.isin(request.leave_out or ("",)))
        kept = judged.select("item", "reason", "worth", "label", "confidence", "gold", "votes")
        with tables.kept(kept) as worth_it:
            counted = worth_it.group_by("reason").agg(items=worth_it.count()).to_pyarrow().to_pylist()
            first = worth_it.order_by([worth_it.worth.desc(), worth_it.votes, worth_it.item])
            with tables.kept(first.limit(request.most)) as most:
                rows = _with_votes(most, weighed).to_pyarrow().to_pylist()
    looks = [
        Look(
            row["item"],
            row["reason"],
            row["worth"],
            row["label"],
            row["confidence"],
            row["gold"],
            tuple(Vote(**vote) for vote in row["said"]),
        )
        for row in rows
    ]
    return looks, {row["reason"]: row["items"] for row in counted}


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


def _with_votes(first: Any, weighed: Any) -> Any:
    """The few items with all their votes."""
    import ibis

    said = weighed.semi_join(first, "item")
    vote = ibis.struct({"annotator": said.annotator, "label": said.label, "doubted": said.doubted})
    said = said.group_by("item").agg(said=vote.collect())
    rows = first.inner_join(said.mutate(said=said.said.sort()), "item")
    return rows.order_by([rows.worth.desc(), rows.votes, rows.item])
