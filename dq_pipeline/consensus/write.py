"""A spec's consensus, written to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.consensus.likely import likely
from dq_pipeline.consensus.run import MOST_RATES, learned, rows_on_spark
from dq_pipeline.consensus.soft_labels import rows_of, schema
from dq_pipeline.consensus.summary import ConsensusSummary, summary_of
from dq_pipeline.spec import InputError
from dq_pipeline.tables import engine_errors, on_spark, whole, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.consensus.dawid_skene import Model
    from dq_pipeline.consensus.encode import Votes
    from dq_pipeline.tables import Tables

ROWS = 1 << 15
"""Items of one group of rows in a file."""
AT_ONCE = 1 << 20
"""Items whose places are handed to the engine at a time."""


def write_consensus(tables: Tables, path: Path) -> ConsensusSummary:
    """Write the consensus of the spec's annotations by the method and the ties' rule of `training_set`.

    The file is there whole or not at all. The votes lie in files, 1 to 4 bytes a vote, and are read a block of items at a
    time; in memory are 8 bytes an item, while the rows are written. On Spark votes and items stay there, and the driver
    holds a part of the rows at a time.

    Args:
        tables: The opened tables, annotations among them.
        path: Where the Parquet file goes; layout.COLUMNS says what it holds.

    Raises:
        InputError: The annotations cannot be read, or Dawid-Skene is asked of more labels and annotators than it can tell.
    """
    method = tables.spec.training_set.consensus
    if on_spark(tables.connection):
        made = rows_on_spark(tables, method)
        if made is None:
            raise _too_many(tables)
        with engine_errors("annotations"):
            write_parquet(tables.connection, made.order_by("item"), path)
        return summary_of(made, path, method)
    found = learned(tables, method)
    if found is None:
        raise _too_many(tables)
    with engine_errors("annotations"), whole(path) as file:
        _write(tables, *found, file)
    return summary_of(tables.connection.read_parquet(str(path)), path, method)


def read_summary(tables: Tables, path: Path) -> ConsensusSummary:
    """What a consensus came to that was written before by the method of `training_set`.

    Args:
        tables: Opened tables, on whose engine it is counted.
        path: The Parquet file.

    Raises:
        InputError: It cannot be read.
    """
    with engine_errors(str(path)):
        rows = tables.connection.read_parquet(str(path))
    return summary_of(rows, path, tables.spec.training_set.consensus)


def _too_many(tables: Tables) -> InputError:
    return InputError(
        f"{tables.spec.dataset}, training_set.consensus",
        found="dawid_skene, and more rates of annotators and labels than can be told",
        expected=f"at most {MOST_RATES:,} (pairs of annotator and label that occur, times labels)",
        fix="write `consensus: majority`",
    )


def _write(tables: Tables, votes: Votes, model: Model | None, file: Path) -> None:
    """The rows of the items in the order of their ids, a block at a time."""
    import pyarrow.parquet as pq

    ties = tables.spec.training_set.ties
    lengths = votes.lengths[:]
    starts = np.cumsum(lengths, dtype=np.int64) - lengths
    written = 0
    with pq.ParquetWriter(file, schema(), compression="zstd") as writer:
        for batch in _in_order(tables).to_pyarrow_batches(chunk_size=ROWS):
            part = votes.of_items(batch["place"].to_numpy(), starts)
            shares = [some.shares for some in likely(part, model)]
            if shares:
                rows = rows_of(batch["item"], np.concatenate(shares), part.lengths[:], votes.labels, ties)
                writer.write_batch(rows)
                written += len(rows)
    if written != len(lengths):
        raise InputError(
            f"{tables.spec.dataset}, annotations",
            found="other items than a moment ago",
            expected="a table that stays as it is while it is audited",
            fix="audit a copy, or run again when nobody writes to it",
        )


def _in_order(tables: Tables) -> Any:
    """The items' ids and their places among the ballots, sorted by id."""
    import pyarrow as pa

    ballots = tables.ballots
    kinds = pa.schema([("row", pa.int64()), ("place", pa.int64())])
    batches = (
        pa.record_batch([rows, np.arange(first, first + len(rows))], schema=kinds)
        for first in range(0, ballots.items, AT_ONCE)
        for rows in [ballots.rows[first : first + AT_ONCE]]
    )
    places = tables.keep_batches(pa.RecordBatchReader.from_batches(kinds, batches))
    return tables["annotations"].expr.inner_join(places, "row").select("item", "place").order_by("item")
