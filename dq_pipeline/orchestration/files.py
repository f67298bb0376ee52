"""What a Parquet file that was written holds, as the UI shows it."""

from collections.abc import Mapping
from pathlib import Path

import dagster as dg


def column_schema(path: Path, holds: Mapping[str, str]) -> dg.TableSchema:
    """The file's columns with their types.

    Args:
        path: A Parquet file.
        holds: What a column holds, by its name; others are told without.
    """
    import pyarrow.parquet as pq

    return dg.TableSchema(
        columns=[
            dg.TableColumn(field.name, str(field.type), description=holds.get(field.name))
            for field in pq.read_schema(path)
        ]
    )
