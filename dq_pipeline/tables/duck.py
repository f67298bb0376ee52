"""The embedded engine: DuckDB through Ibis, with the spec's limits, and how names and texts are written in its SQL."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dq_pipeline.tables.builtin import MACROS
from dq_pipeline.tables.scratch import Scratch
from dq_pipeline.tables.whole import whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dq_pipeline.spec.model import Engine

PLACE = "dq_row"
"""The column of an opened table that holds each row's place in it, named as no column of a user's is."""
FILE_BITS = 40
"""Bits of a row's place within its file; those above tell the file."""


def connect(engine: Engine) -> tuple[Any, Scratch]:
    """An Ibis connection to a DuckDB of its own, and the folder that it spills to."""
    import ibis

    spill = Scratch(engine.temp_directory)
    settings: dict[str, Any] = {"temp_directory": str(spill.path), "preserve_insertion_order": False}
    if engine.memory_limit:
        settings["memory_limit"] = engine.memory_limit
    if engine.threads:
        settings["threads"] = engine.threads
    connection = ibis.duckdb.connect(**settings)
    connection.raw_sql(MACROS)
    return connection, spill


def quoted(name: str) -> str:
    """A column's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    if "\0" in text:
        return "(" + " || chr(0) || ".join(map(literal, text.split("\0"))) + ")"
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def in_order(connection: Any) -> Iterator[None]:
    """Let what is copied keep its rows' order, which threads else mix up."""
    connection.raw_sql("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        connection.raw_sql("SET preserve_insertion_order = false")


def write_parquet(connection: Any, rows: Any, path: Path) -> None:
    """Write a query's rows to a Parquet file, spilling what memory does not hold; equal rows in order give equal bytes."""
    with whole(path) as file:
        connection.raw_sql(
            f"COPY ({connection.compile(rows)}) TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd)"
        )
