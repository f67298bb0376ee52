"""Times that cannot be read: what counts by time passes them over, so how many there are must be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq_pipeline.tables import ROW, with_roles

if TYPE_CHECKING:
    from dq_pipeline.tables import Table


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
