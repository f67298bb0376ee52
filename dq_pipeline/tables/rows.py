"""Rows of the engine written as a CSV: streamed, whole or not there, and no formula to any spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.tables.spreadsheet import to_cell, to_cells
from dq_pipeline.tables.whole import whole

if TYPE_CHECKING:
    from pathlib import Path


def write_rows(path: Path, rows: Any) -> int:
    """Write the rows of an engine's table as texts; without rows, take away the file of an earlier time.

    Returns:
        Rows written.
    """
    import pyarrow as pa
    from pyarrow import csv

    schema = pa.schema([(to_cell(name), pa.string()) for name in rows.columns])
    written = 0
    with whole(path) as file, csv.CSVWriter(file, schema) as writer:
        for batch in rows.to_pyarrow_batches():
            cells = [to_cells(column.cast(pa.string())) for column in batch.columns]
            writer.write_batch(pa.record_batch(cells, schema=schema))
            written += batch.num_rows
    if not written:
        path.unlink()
    return written
