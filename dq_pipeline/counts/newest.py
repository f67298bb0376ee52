"""The newest time in a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class Newest:
    """The newest value of a table's `time`, in whole seconds since 1970 (UTC); None where no row has one.

    Attributes:
        table: The table's name.
    """

    table: str

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Newest]) -> list[int | None]:
        """One query a request."""
        found = []
        for request in requests:
            newest = tables[request.table].expr.time.max()
            with engine_errors(request.table):
                # An engine's times reach beyond those that Python has.
                found.append(newest.epoch_seconds().cast("int64").to_pyarrow().as_py())
        return found
