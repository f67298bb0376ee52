"""The table that a suite judges: the measures, a row each, and for each bound the numbers that it limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.measures.table import to_frame
from dq_pipeline.suites.generate import ROW_NAMES, bounded_columns, names_asked, status_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from great_expectations import ExpectationSuite

    from dq_pipeline.families.check import Check
    from dq_pipeline.measures.estimate import Measure

PLACE = "place"
"""The column that says which of the measures a row is."""


def judged_table(
    suite: ExpectationSuite, measures: Sequence[Measure], checks: Sequence[Check], *, edited: bool
) -> pd.DataFrame:
    """The table.

    No expectation of ours picks rows: for each metric of one that does, Great Expectations goes over every column.

    Args:
        suite: What will judge it.
        measures: A row each, in their order.
        checks: What is asked of them.
        edited: Whether the suite is a user's, which may ask for the measures' own columns too.
    """
    import numpy as np
    import pandas as pd

    table = to_frame(measures)
    names = {
        column: pd.Series([named(row) for row in measures], dtype=object)
        for column, named in ROW_NAMES.items()
    }
    columns: dict[str, object] = {**names, PLACE: range(len(table))}
    for (asked_of, column), asked in names_asked(checks).items():
        columns[status_column(asked_of, column)] = table["status"].where(names[column].isin(asked), None)
    settled = table.where(table["status"] == "ok")
    places = {column: given.groupby(given).indices for column, given in names.items()}
    for title, (column, name, of) in bounded_columns(suite, checks).items():
        own = places[column].get(name, [])
        limited = np.full(len(table), np.nan)
        limited[own] = settled[of].to_numpy(float)[own]
        columns[title] = limited
    made = pd.DataFrame(columns, index=table.index)
    return pd.concat([table, made], axis=1) if edited else made
