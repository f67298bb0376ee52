"""The queue of items worth another look, judged over the ballots a block at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from dq_pipeline.consensus.competence import competence
from dq_pipeline.consensus.dawid_skene import block_size
from dq_pipeline.consensus.gold_places import gold_places
from dq_pipeline.consensus.likely import likely
from dq_pipeline.consensus.relabel import CONFIDENT, FEWEST, SHARE, Look, Reason, Vote
from dq_pipeline.consensus.run import encoded, learned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dq_pipeline.consensus.encode import Votes
    from dq_pipeline.consensus.gold_places import GoldPlaces
    from dq_pipeline.consensus.likely import Likely
    from dq_pipeline.consensus.relabel import Relabel
    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

REASONS: tuple[Reason, ...] = get_args(Reason)
WORTH = np.dtype(
    {
        "names": ["place", "votes", "worth", "confidence", "reason", "label"],
        "formats": ["i8", "i8", "f8", "f8", "i1", "i4"],
    }
)
"""An item that is worth a look: its place, and what is told of it."""


@dataclass(frozen=True)
class _Asked:
    votes: Votes
    weight: Ints
    doubted: NDArray[np.bool_]
    gold: GoldPlaces


def rows_on_ballots(tables: Tables, request: Relabel) -> tuple[list[Look], dict[str, int]]:
    """The first of the looks, and how many there are of each reason."""
    found = learned(tables, request.method)
    votes, model = found or (encoded(tables, request.method), None)
    asked = _Asked(votes, *competence(votes), gold_places(tables, votes.labels))
    wanted = [place for place, reason in enumerate(REASONS) if reason not in request.leave_out]
    by_reason = np.zeros(len(REASONS), np.int64)
    parts, waiting, most = [np.zeros(0, WORTH)], 0, 4 * request.most
    for some in likely(votes, model):
        judged = _judged(some, asked)
        judged = judged[np.isin(judged["reason"], wanted)]
        by_reason += np.bincount(judged["reason"], minlength=len(REASONS))
        parts.append(judged)
        waiting += len(judged)
        if waiting > most:  # as many as were left the last time, so that each is looked at a few times
            parts = [_first(np.concatenate(parts), request.most)]
            waiting, most = 0, max(most, len(parts[0]))
    first = _first(np.concatenate(parts), request.most)
    ids = _ids(tables, first["place"])
    ordered = sorted(
        zip(first, ids, strict=True), key=lambda one: (-one[0]["worth"], one[0]["votes"], one[1])
    )
    chosen = ordered[: request.most]
    said = dict(_said(votes, asked, np.sort([row["place"] for row, _ in chosen])))
    gold = dict(zip(asked.gold.items.tolist(), asked.gold.names.tolist(), strict=True)) if chosen else {}
    looks = [
        Look(
            item,
            REASONS[row["reason"]],
            float(row["worth"]),
            votes.labels[row["label"]],
            float(row["confidence"]),
            gold.get(int(row["place"])),
            said[int(row["place"])],
        )
        for row, item in chosen
    ]
    counts = zip(REASONS, by_reason.tolist(), strict=True)
    return looks, {reason: items for reason, items in counts if items}


def _judged(some: Likely, asked: _Asked) -> NDArray[Any]:
    """The items of a block that are worth a look."""
    most, likeliest = some.most, some.likeliest()
    top = likeliest.argmax(axis=1)
    who = asked.votes.of_annotator[some.columns]
    weight, trusted = asked.weight[who], ~asked.doubted[who]
    for_it = some.labels == np.repeat(top, some.sizes)
    dissent = some.summed(~for_it)
    trusted_for, trusted_against = some.summed(for_it & trusted), some.summed(~for_it & trusted)
    weight_for, whole = some.summed(np.where(for_it, weight, 0)), some.summed(weight)
    least = np.maximum.reduceat(np.where(for_it, 1000 - weight, 0), some.bounds[:-1])
    suspect = np.zeros(len(top), bool)
    there = asked.gold.within(some.first, len(top))
    at = asked.gold.items[there] - some.first
    suspect[at] = asked.gold.labels[there] != top[at]
    suspect &= (likeliest.sum(axis=1) == 1) & (most >= CONFIDENT) & (some.sizes >= FEWEST)
    told_apart: dict[Reason | None, Any] = {
        "suspect_gold": suspect,
        "unsupported": trusted_for == 0,
        None: dissent == 0,
        "annotator_error": (trusted_against == 0) & (dissent * SHARE <= some.sizes),
        "ambiguous_item": (trusted_against > 0) & (dissent * SHARE >= some.sizes),
    }
    codes = [-1 if reason is None else REASONS.index(reason) for reason in told_apart]
    reason = np.select(list(told_apart.values()), codes, REASONS.index("dissent"))
    against = np.where(whole > 0, 1 - weight_for / np.maximum(whole, 1), 1.0)
    unsure = np.maximum(against, np.where(trusted_for == 0, least / 1000, 0.0))
    told = np.empty(len(top), WORTH)
    told["place"], told["votes"], told["confidence"] = some.first + np.arange(len(top)), some.sizes, most
    told["reason"], told["label"], told["worth"] = reason, top, np.where(suspect, most, unsure)
    return told[reason >= 0]


def _first(rows: NDArray[Any], most: int) -> NDArray[Any]:
    """Those among which the first lie, ties at the end all kept: which of them come first, their ids tell."""
    if len(rows) <= most:
        return rows
    if not most:
        return rows[:0]
    order = np.lexsort((rows["votes"], -rows["worth"]))
    last = rows[order[most - 1]]
    better = rows["worth"] > last["worth"]
    kept: NDArray[Any] = rows[better | ((rows["worth"] == last["worth"]) & (rows["votes"] <= last["votes"]))]
    return kept


def _ids(tables: Tables, places: Ints) -> list[str]:
    """The ids of items by their places among the ballots."""
    import ibis
    import pyarrow as pa

    if not len(places):
        return []
    rows = tables.ballots.rows[places]
    asked = ibis.memtable(pa.table({"row": rows, "order": np.arange(len(rows))}))
    found = tables["annotations"].expr.inner_join(asked, "row").select("item", "order").order_by("order")
    ids: list[str] = found.to_pyarrow()["item"].to_pylist()
    return ids


def _said(votes: Votes, asked: _Asked, places: Ints) -> Iterator[tuple[int, tuple[Vote, ...]]]:
    """What was said of a few items, by their places."""
    first = 0
    for codes, bounds in votes.blocks(block_size(votes)):
        last = first + len(bounds) - 1
        here = places[slice(*np.searchsorted(places, [first, last]))]
        for place in here.tolist():
            columns = codes[bounds[place - first] : bounds[place - first + 1]]
            said = [
                (votes.annotators[who], votes.labels[label], bool(asked.doubted[who]))
                for who, label in zip(votes.of_annotator[columns], votes.of_label[columns], strict=True)
            ]
            yield place, tuple(Vote(*one) for one in sorted(said))
        first = last
