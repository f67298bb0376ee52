"""The measures table: one tidy row a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa

    from dq_pipeline.measures.estimate import Measure

COLUMNS = ("family", "measure", "table", "by", "key", "value", "low", "high", "n", "status")


def to_arrow(measures: Sequence[Measure]) -> pa.Table:
    """The measures as an Arrow table with the columns of the output contract."""
    import pyarrow as pa

    text, number = pa.string(), pa.float64()
    kinds = (text, text, text, text, text, number, number, number, pa.int64(), text)
    estimates = [row.estimate for row in measures]
    columns = [[getattr(row, name) for row in measures] for name in COLUMNS[:5]]
    columns += [[getattr(estimate, name) for estimate in estimates] for name in COLUMNS[5:]]
    schema = pa.schema(list(zip(COLUMNS, kinds, strict=True)))
    return pa.table(
        [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)], schema=schema
    )


def to_frame(measures: Sequence[Measure]) -> pd.DataFrame:
    """The measures as a pandas frame; what is undefined is null."""
    frame: pd.DataFrame = to_arrow(measures).to_pandas()
    return frame
