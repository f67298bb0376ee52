"""The items that are worth another look, the most worthwhile first: ambiguous, mislabelled by somebody, or wrong in gold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from dq_pipeline.tables import engine_errors, on_spark, text, with_roles

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
    with engine_errors("annotations"):
        if on_spark(tables.connection):
            from dq_pipeline.consensus.relabel_in_engine import rows_in_engine

            rows, by_reason = rows_in_engine(tables, request)
        else:
            from dq_pipeline.consensus.relabel_on_ballots import rows_on_ballots

            rows, by_reason = rows_on_ballots(tables, request)
        shown = shown_of(tables, [row.item for row in rows], request.show)
    looks = (replace(row, shown=shown.get(row.item, (None,) * len(request.show))) for row in rows)
    return Queue(tuple(looks), by_reason)


def shown_of(tables: Tables, items: Sequence[str], show: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
    """The columns of the items table to show of a few items, as text; of an item that is there twice the first."""
    import ibis
    import pyarrow as pa

    if not show or not items or "items" not in tables:
        return {}
    table = tables["items"]
    columns = {f"dq_shown_{place}": column for place, column in enumerate(show)}
    own = with_roles(table.raw, {"item": table.roles["item"]}, columns)
    few = own.semi_join(ibis.memtable(pa.table({"item": pa.array(items, pa.string())})), "item")
    told = few.mutate(**{name: text(few[name]) for name in columns}).order_by("row").to_pyarrow().to_pylist()
    return {row["item"]: tuple(row[name] for name in columns) for row in reversed(told)}
