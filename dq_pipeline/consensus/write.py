"""A spec's consensus, written to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.consensus.majority import majority
from dq_pipeline.consensus.summary import ConsensusSummary, summary_of
from dq_pipeline.tables import engine_errors, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.tables import Tables


def write_consensus(tables: Tables, path: Path) -> ConsensusSummary:
    """Write the consensus of the spec's annotations by the method and the ties' rule of `training_set`.

    The file is there whole or not at all; memory does not grow with the items (DuckDB spills what it sorts).

    Args:
        tables: The opened tables, annotations among them.
        path: Where the Parquet file goes; layout.COLUMNS says what it holds.

    Raises:
        InputError: The annotations cannot be read.
    """
    spec = tables.spec
    asked = spec.training_set
    rows = majority(votes_of(tables), declared=spec.labels.values or (), ties=asked.ties)
    with engine_errors("annotations"):
        write_parquet(tables.connection, rows, path)
    return summary_of(tables, path, asked.consensus)


def votes_of(tables: Tables) -> Any:
    """The votes that count in a consensus, `item`, `annotator` and `label`, by the spec's rule for repeats."""
    if tables.spec.training_set.repeats == "once":
        return tables.votes
    rows = tables["annotations"].expr
    return rows.drop_null(["item", "annotator", "label"]).select("item", "annotator", "label")
