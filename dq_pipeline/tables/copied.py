"""A stream of Arrow batches copied into the embedded engine, in an order that depends on its content only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.tables.duck import PLACE, in_order, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence


def copy_stream(connection: Any, name: str, reader: Any, order: Sequence[str]) -> Any:
    """The stream as a table with the column PLACE.

    Args:
        connection: The Ibis connection to DuckDB.
        name: What to call the table.
        reader: A `pyarrow.RecordBatchReader`, read once and never held whole.
        order: Columns that the rows are numbered by, those that the stream has; a database's rows have no order of their own.
    """
    by = [quoted(column) for column in order if column in reader.schema.names]
    place = f"row_number() OVER (ORDER BY {', '.join(by)}) - 1" if by else "NULL::BIGINT"
    stream, table = f"stream_{name}", quoted(f"copied_{name}")
    connection.con.register(stream, reader)
    try:
        with in_order(connection):
            connection.raw_sql(
                f"CREATE TEMP TABLE {table} AS SELECT {place} AS {PLACE}, * FROM {quoted(stream)}"
            )
    finally:
        connection.con.unregister(stream)
    return connection.sql(f"SELECT * REPLACE (coalesce({PLACE}, rowid) AS {PLACE}) FROM {table}")


def content_version(connection: Any, name: str) -> str:
    """A digest of a copied table's rows that does not depend on their order, 32 hexadecimal digits."""
    table = quoted(f"copied_{name}")
    text = f"(SELECT columns::VARCHAR AS line FROM (SELECT * EXCLUDE ({PLACE}) FROM {table}) AS columns)"
    found = connection.raw_sql(
        f"SELECT md5(concat_ws('-', count(*), sum(md5_number_lower(line)), sum(md5_number_upper(line)))) FROM {text}"
    )
    return str(found.fetchone()[0])
