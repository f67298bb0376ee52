"""Times that cannot be read: what counts by time passes them over, so how many there are must be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from dq_pipeline.counts.additive import Additive
from dq_pipeline.tables import ROW, engine_errors, with_roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.counts.additive import Signed, Source
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Table, Tables

SHOWN = 5
"""Ids or rows that a sentence names; a CSV has all ids."""


@dataclass(frozen=True)
class UnreadableTimes:
    """What a table's time column holds.

    Attributes:
        unread: Rows whose text is no time.
        written: Rows that hold a time or a text in its place.
        first: Places of the first of them.
    """

    unread: int
    written: int
    first: tuple[int, ...]


@dataclass(frozen=True)
class Times(Additive):
    """Look for texts in a column of times that are no time.

    Attributes:
        table: "items" or "annotations".
    """

    table: str
    beside = False

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Times]) -> list[UnreadableTimes]:
        """One query a table, and one for the first of them where there are any."""
        found = []
        for request in requests:
            with engine_errors(request.table):
                found.append(unreadable_times(tables[request.table], SHOWN))
        return found

    @property
    def source(self) -> Source | None:
        """Its table."""
        return cast("Source", self.table)

    def kept(self, state: UnreadableTimes) -> UnreadableTimes | None:
        """What may be kept: that all can be read."""
        return None if state.unread else state

    def added(self, spec: Spec, states: Sequence[Signed]) -> UnreadableTimes:  # noqa: ARG002 - as Additive has it
        """The times of all parts, which all can be read."""
        return UnreadableTimes(0, sum(sign * state.written for sign, state in states), ())


def unreadable_times(table: Table, limit: int) -> UnreadableTimes:
    """Count the texts in the column of the role `time` that are no time; an empty one is missing, and no fault.

    Args:
        table: A table with the role `time`.
        limit: How many of their rows to name.
    """
    column = table.roles["time"]
    rows = with_roles(table.raw, {"time": column}, kept={"written": column})
    held = rows.written.notnull()
    if rows.written.type().is_string():
        held &= rows.written.strip() != ""
    unread = held & rows.time.isnull()
    found = rows.aggregate(unread=unread.sum(), written=held.sum()).to_pyarrow().to_pylist()[0]
    first = (
        rows.filter(unread).order_by(ROW).limit(limit)[ROW].to_pyarrow().to_pylist()
        if found["unread"]
        else []
    )
    return UnreadableTimes(found["unread"] or 0, found["written"] or 0, tuple(first))
