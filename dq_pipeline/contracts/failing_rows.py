"""Every failing row's ids into a CSV, streamed from the engine in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.tables import whole
from dq_pipeline.tables.spreadsheet import to_cell, to_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import ibis


def write_ids(path: Path, ids: Sequence[str], parts: Iterable[tuple[str, str | None, ibis.Table]]) -> int:
    """Write the ids of failing rows, each with its rule and column, and nothing else.

    Memory does not grow with the failures, and the file appears under its name only when it is complete. A cell that a
    spreadsheet would run as a formula has an apostrophe in front (dq_pipeline.tables.spreadsheet).

    Args:
        path: Where the CSV goes.
        ids: The id columns.
        parts: Rule, column, and the id columns of the rows that break it, as a query.

    Returns:
        Rows written.
    """
    import pyarrow as pa
    from pyarrow import csv

    names = _distinct([*ids, "rule", "column"])
    schema = pa.schema([(to_cell(name), pa.string()) for name in names])
    written = 0
    with whole(path) as file, csv.CSVWriter(file, schema) as writer:
        for rule, column, rows in parts:
            for batch in rows.to_pyarrow_batches():
                values = [to_cells(batch.column(i).cast(pa.string())) for i in range(len(ids))]
                same = [
                    to_cells(pa.repeat(pa.scalar(text, pa.string()), batch.num_rows))
                    for text in (rule, column)
                ]
                writer.write_batch(pa.record_batch([*values, *same], schema=schema))
                written += batch.num_rows
    return written


def _distinct(names: list[str]) -> list[str]:
    """The names, a later double marked with underscores: an id column may be called "rule"."""
    seen: list[str] = []
    for name in names:
        candidate = name
        while candidate in seen:
            candidate += "_"
        seen.append(candidate)
    return seen
