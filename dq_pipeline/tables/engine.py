"""The engine that a spec asks for, and what is done alike on each: connecting, errors in our words, rows into a file."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from dq_pipeline.tables import duck
from dq_pipeline.tables.duck_errors import duck_errors
from dq_pipeline.tables.whole import whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dq_pipeline.spec.model import Spec
    from dq_pipeline.tables.scratch import Scratch


def connect(spec: Spec) -> tuple[Any, Scratch]:
    """An Ibis connection of a spec's own to its engine, and a folder for files that are gone when it is closed.

    Raises:
        InputError: The engine cannot be reached, or what it needs is not installed.
    """
    if spec.engine.backend == "spark":
        from dq_pipeline.tables.spark import connect_spark

        return connect_spark(spec.engine, spec.dataset)
    return duck.connect(spec.engine)


def on_spark(connection: Any) -> bool:
    """Whether a connection is one to Spark."""
    return bool(connection.name == "pyspark")


@contextmanager
def engine_errors(who: str) -> Iterator[None]:
    """An engine's complaints about what it reads, as the one error that a user sees.

    Raises:
        InputError: In place of the engine's error.
    """
    with ExitStack() as stack:
        stack.enter_context(duck_errors(who))
        if "dq_pipeline.tables.spark_errors" in sys.modules:
            from dq_pipeline.tables.spark_errors import spark_errors

            stack.enter_context(spark_errors(who))
        yield


def write_parquet(connection: Any, rows: Any, path: Path) -> None:
    """Write a query's rows to a Parquet file; equal rows in order give equal bytes.

    DuckDB spills what memory does not hold; of Spark's rows the driver holds a partition at a time.
    """
    if not on_spark(connection):
        duck.write_parquet(connection, rows, path)
        return
    import pyarrow.parquet as pq

    with (
        whole(path) as file,
        rows.to_pyarrow_batches() as reader,
        pq.ParquetWriter(file, reader.schema, compression="zstd") as writer,
    ):
        for batch in reader:
            writer.write_batch(batch)
