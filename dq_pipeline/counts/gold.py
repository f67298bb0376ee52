"""Votes against gold: who gave which label where gold has which, and how sure the votes on a gold item are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dq_pipeline.counts.additive import Additive, summed_rows
from dq_pipeline.counts.cells import Cells
from dq_pipeline.counts.scale import is_exact, scale_of
from dq_pipeline.tables import NUMERIC, engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Signed, Source
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables


def on_scale(tables: Tables) -> Any:
    """The votes, their labels on a numeric scale by its parts."""
    votes, parts = tables.votes, scale_of(tables)
    return votes if parts is None else votes.mutate(label=parts.of(votes.label))


def with_gold(tables: Tables, table: str) -> Any:
    """The votes on gold items, or the labelled items that have gold, each with its item's gold label as `gold`.

    On a numeric scale both are the scale's parts.
    """
    labelled = tables.votes if table == "annotations" else tables["items"].expr.drop_null(["item", "label"])
    both, parts = labelled.join(tables.gold, "item"), scale_of(tables)
    return both if parts is None else both.mutate(label=parts.of(both.label), gold=parts.of(both.gold))


@dataclass(frozen=True)
class GoldConfusion(Additive):
    """Count the labels given to gold items by annotator, gold's label and the label.

    Attributes:
        table: "annotations", or "items" where they are labelled already; there is no annotator then.
    """

    table: str = "annotations"

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[GoldConfusion]) -> list[Cells]:
        """One grouped query a request."""
        return [_confusion(tables, request.table) for request in requests]

    @property
    def source(self) -> Source | None:
        """Its table."""
        return cast("Source", self.table)

    def added(self, spec: Spec, states: Sequence[Signed]) -> Cells | None:
        """The cells of all parts; None where a numeric scale has parts that hold several values."""
        made = Cells.added(states)
        exact = made is not None and is_exact({*made.values("gold"), *made.values("label")})
        return made if exact or spec.labels.level not in NUMERIC else None


@dataclass(frozen=True)
class GoldItems:
    """How the votes on gold items fall; P kinds of items that occur.

    Attributes:
        votes: int64 [P], votes on the item.
        right: int64 [P], those for gold's label.
        against: int64 [P], those for the label that most of the others gave.
        items: int64 [P], items of that kind.
    """

    votes: NDArray[np.int64]
    right: NDArray[np.int64]
    against: NDArray[np.int64]
    items: NDArray[np.int64]


@dataclass(frozen=True)
class GoldVotes(Additive):
    """Count the gold items by how their votes fall: for gold's label, and for the strongest other."""

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[GoldVotes]) -> list[GoldItems]:
        """One grouped query."""
        return [_items(tables)] * len(requests)

    def added(self, spec: Spec, states: Sequence[Signed]) -> GoldItems | None:
        """The items of all parts; None on a numeric scale, whose parts are those of all votes."""
        if spec.labels.level in NUMERIC:
            return None
        kinds, items = summed_rows(
            [np.stack([state.votes, state.right, state.against], axis=1) for _, state in states],
            [sign * state.items for sign, state in states],
        )
        return GoldItems(kinds[:, 0], kinds[:, 1], kinds[:, 2], items)


def _confusion(tables: Tables, table: str) -> Cells:
    with engine_errors(table):
        votes = with_gold(tables, table)
        dims = ("annotator", "gold", "label") if table == "annotations" else ("gold", "label")
        rows = votes.group_by(*dims).agg(n=votes.count()).order_by(*dims).to_pyarrow()
    keys = zip(*(rows[dim].to_pylist() for dim in dims), strict=True)
    return Cells.of(dims, list(zip(keys, rows["n"].to_pylist(), strict=True)))


def _items(tables: Tables) -> GoldItems:
    import ibis

    with engine_errors("annotations"):
        votes = with_gold(tables, "annotations")
        of_label = votes.group_by("item", "gold", "label").agg(n=votes.count().cast("int64"))
        hit = of_label.label == of_label.gold
        of_item = of_label.group_by("item").agg(
            votes=of_label.n.sum().cast("int64"),
            right=ibis.ifelse(hit, of_label.n, 0).sum().cast("int64"),
            against=ibis.ifelse(hit, 0, of_label.n).max().cast("int64"),
        )
        kinds = of_item.group_by("votes", "right", "against").agg(items=of_item.count())
        rows = kinds.order_by("votes", "right", "against").to_pyarrow()
    return GoldItems(
        *(rows[name].to_numpy().astype(np.int64) for name in ("votes", "right", "against", "items"))
    )
