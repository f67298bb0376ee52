"""Times that cannot be read, which what counts by time passes over, and times that have not come yet."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from dq_pipeline.counts.additive import Additive
from dq_pipeline.tables import ROW, engine_errors, with_roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.counts.additive import Signed, Source
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Table, Tables

AHEAD = 86_400
"""Seconds that a time may be ahead of the clock: one without a zone may be told in any."""
SHOWN = 5
"""Ids or rows that a sentence names; a CSV has all ids."""


@dataclass(frozen=True)
class SeenTimes:
    """What a table's time column holds.

    Attributes:
        unread: Rows whose text is no time.
        written: Rows that hold a time or a text in its place.
        first: Places of the first rows whose text is no time.
        future: Rows whose time had not come when they were counted.
        first_future: Places of the first of these.
    """

    unread: int
    written: int
    first: tuple[int, ...] = ()
    future: int = 0
    first_future: tuple[int, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether there is nothing to tell of."""
        return not self.unread and not self.future


@dataclass(frozen=True)
class Times(Additive):
    """Look for texts in a column of times that are no time, and for times to come.

    Attributes:
        table: "items", "annotations" or "production".
    """

    table: str
    beside = False

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Times]) -> list[SeenTimes]:
        """One query a table, and one for the first of each fault where there are any."""
        found = []
        for request in requests:
            with engine_errors(request.table):
                found.append(seen_times(tables[request.table], SHOWN))
        return found

    @property
    def source(self) -> Source | None:
        """Its table, unless it is counted whole."""
        return cast("Source", self.table) if self.table in {"items", "annotations"} else None

    def kept(self, state: SeenTimes) -> SeenTimes | None:
        """What may be kept: that all can be read and are past, which they stay."""
        return state if state.sound else None

    def added(self, spec: Spec, states: Sequence[Signed]) -> SeenTimes:  # noqa: ARG002 - as Additive has it
        """The times of all parts, which are all sound."""
        return SeenTimes(0, sum(sign * state.written for sign, state in states))


def seen_times(table: Table, limit: int) -> SeenTimes:
    """Count the texts in the column of the role `time` that are no time, and the times to come; an empty one is missing, and no fault.

    Args:
        table: A table with the role `time`.
        limit: How many rows of each to name.
    """
    column = table.roles["time"]
    rows = with_roles(table.raw, {"time": column}, kept={"written": column})
    held = rows.written.notnull()
    if rows.written.type().is_string():
        held &= rows.written.strip() != ""
    unread = held & rows.time.isnull()
    future = (rows.time.epoch_seconds() > int(time.time()) + AHEAD).fill_null(False)
    counted = rows.aggregate(unread=unread.sum(), future=future.sum(), written=held.sum())
    found = {name: int(count or 0) for name, count in counted.to_pyarrow().to_pylist()[0].items()}
    return SeenTimes(
        found["unread"],
        found["written"],
        _places(rows, unread, limit) if found["unread"] else (),
        found["future"],
        _places(rows, future, limit) if found["future"] else (),
    )


def _places(rows: Any, asked: Any, limit: int) -> tuple[int, ...]:
    return tuple(rows.filter(asked).order_by(ROW).limit(limit)[ROW].to_pyarrow().to_pylist())
