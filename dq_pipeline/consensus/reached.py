"""What a consensus came to, counted for the measures: its ties, and its labels against gold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.consensus.gold_places import gold_places
from dq_pipeline.consensus.likely import likely
from dq_pipeline.consensus.run import DawidSkene, dawid_skene, learned, rows_on_spark
from dq_pipeline.tables import engine_errors, on_spark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.consensus.majority import Method
    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class Outcome:
    """A consensus in counts.

    Attributes:
        items: Items with a vote.
        tied: Of these, how many have several likeliest labels.
        gold_hits: Items with gold by the number of their likeliest labels and whether gold is among them, int64 [T, 2].
        run: What Dawid-Skene learned; None of majority.
    """

    items: int
    tied: int
    gold_hits: NDArray[np.int64]
    run: DawidSkene | None = None

    @property
    def gold_items(self) -> int:
        """Items with gold."""
        return int(self.gold_hits.sum())

    @property
    def gold_credit(self) -> float:
        """Of these, how many labels are right; of T likeliest labels, each counts 1 / T."""
        return float((self.gold_hits[:, 1] / np.maximum(np.arange(len(self.gold_hits)), 1)).sum())


@dataclass(frozen=True)
class Reached:
    """Ask what a method comes to.

    Attributes:
        method: The method.
        most_votes: Where there are more votes than these it is not asked; None asks whatever it costs.
    """

    method: Method
    most_votes: int | None = None
    table: str = "annotations"

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Reached]) -> list[Outcome | None]:
        """One consensus a request; None where it was not asked or cannot be told."""
        return [_outcome(tables, request) for request in requests]


def _outcome(tables: Tables, request: Reached) -> Outcome | None:
    if request.most_votes is not None and tables["annotations"].rows > request.most_votes:
        return None
    with engine_errors("annotations"):
        found = (_on_spark if on_spark(tables.connection) else _on_ballots)(tables, request.method)
    if found is None or request.method == "majority":
        return found
    return replace(found, run=dawid_skene(tables))


def _on_ballots(tables: Tables, method: Method) -> Outcome | None:
    found = learned(tables, method)
    if found is None:
        return None
    votes, model = found
    gold = gold_places(tables, votes.labels)
    items = tied = 0
    hits = np.zeros((len(votes.labels) + 1, 2), np.int64)
    for some in likely(votes, model):
        likeliest = some.likeliest()
        several = likeliest.sum(axis=1)
        items, tied = items + len(several), tied + int((several > 1).sum())
        there = gold.within(some.first, len(several))
        at, label = gold.items[there] - some.first, gold.labels[there]
        hit = likeliest[at, label] & (label >= 0)
        np.add.at(hits, (several[at], hit.astype(np.int64)), 1)
    return Outcome(items, tied, hits[: np.flatnonzero(hits.any(axis=1)).max(initial=0) + 1])


def _on_spark(tables: Tables, method: Method) -> Outcome | None:
    rows = rows_on_spark(tables, method)
    if rows is None:
        return None
    counted = rows.group_by("tied").agg(items=rows.count()).to_pyarrow().to_pylist()
    return Outcome(
        items=sum(row["items"] for row in counted),
        tied=sum(row["items"] for row in counted if row["tied"]),
        gold_hits=_gold_hits(tables, rows),
    )


def _gold_hits(tables: Tables, rows: Any) -> NDArray[np.int64]:
    gold = tables.gold
    if gold is None:
        return np.zeros((1, 2), np.int64)
    most = rows.mutate(top=rows.soft_label.filter(lambda side: side.probability == rows.confidence))
    labels = most.select("item", labels=most.top.map(lambda side: side.label))
    judged = labels.inner_join(gold, "item")
    judged = judged.select(likeliest=judged["labels"].length(), hit=judged["labels"].contains(judged.gold))
    counted = judged.group_by("likeliest", "hit").agg(n=judged.count()).to_pyarrow().to_pylist()
    hits = np.zeros((max((row["likeliest"] for row in counted), default=0) + 1, 2), np.int64)
    for row in counted:
        hits[row["likeliest"], int(row["hit"])] = row["n"]
    return hits
