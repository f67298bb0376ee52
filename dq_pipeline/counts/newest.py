"""The newest time in a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class Newest:
    """The newest value of a table's `time`, as a time without a zone; None where no row has one.

    Attributes:
        table: The table's name.
    """

    table: str

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Newest]) -> list[datetime | None]:
        """One query a request."""
        found = []
        for request in requests:
            time = tables[request.table].expr.time
            zoned = time.type().is_timestamp() and time.type().timezone is not None
            with engine_errors(request.table):
                newest = time.max().cast("timestamp('UTC')" if zoned else "timestamp").to_pyarrow().as_py()
            found.append(newest.replace(tzinfo=None) if newest is not None else None)
        return found
