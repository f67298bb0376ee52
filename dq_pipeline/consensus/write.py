"""A spec's consensus, written to a file."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from dq_pipeline.consensus.run import MOST_RATES, consensus_file, consensus_rows
from dq_pipeline.consensus.summary import ConsensusSummary, summary_of
from dq_pipeline.spec import InputError
from dq_pipeline.tables import engine_errors, on_spark, whole, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.tables import Tables


def write_consensus(tables: Tables, path: Path) -> ConsensusSummary:
    """Write the consensus of the spec's annotations by the method and the ties' rule of `training_set`.

    The file is there whole or not at all. Majority's memory does not grow with the items (DuckDB spills what it sorts);
    Dawid-Skene keeps 2 to 4 bytes a vote and 1 to 4 an item. On Spark both stay there, and the driver holds a part of the
    rows at a time while they are written.

    Args:
        tables: The opened tables, annotations among them.
        path: Where the Parquet file goes; layout.COLUMNS says what it holds.

    Raises:
        InputError: The annotations cannot be read, or Dawid-Skene is asked of more labels and annotators than it can tell.
    """
    method = tables.spec.training_set.consensus
    made = consensus_rows(tables, method)
    if made is None:
        raise InputError(
            f"{tables.spec.dataset}, training_set.consensus",
            found="dawid_skene, and more rates of annotators and labels than can be told",
            expected=f"at most {MOST_RATES:,} (pairs of annotator and label that occur, times labels)",
            fix="write `consensus: majority`",
        )
    if on_spark(tables.connection):
        with engine_errors("annotations"):
            write_parquet(tables.connection, made.order_by("item"), path)
    else:
        with whole(path) as file:
            shutil.copyfile(str(consensus_file(tables, method)), file)
    return summary_of(made, path, method)
