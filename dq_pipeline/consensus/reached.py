"""What a consensus came to, counted on the engine for the measures: its ties, and its labels against gold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.consensus.run import DawidSkene, consensus_rows, dawid_skene
from dq_pipeline.tables import engine_errors

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
    rows = consensus_rows(tables, request.method)
    if rows is None:
        return None
    with engine_errors("annotations"):
        counted = rows.group_by("tied").agg(items=rows.count()).to_pyarrow().to_pylist()
        hits = _gold_hits(tables, rows)
    return Outcome(
        items=sum(row["items"] for row in counted),
        tied=sum(row["items"] for row in counted if row["tied"]),
        gold_hits=hits,
        run=dawid_skene(tables) if request.method == "dawid_skene" else None,
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
