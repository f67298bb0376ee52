"""The values that a column of votes takes, and their places as numbers on the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def values_of(table: Any, column: str) -> tuple[str, ...]:
    """The values of a column, sorted; null is none. No other column is read for them."""
    seen = table.select(column).distinct().to_pyarrow()[column].to_pylist()
    return tuple(sorted(value for value in seen if value is not None))


def labels_of(table: Any, declared: Sequence[str]) -> tuple[str, ...]:
    """The declared labels in their order, then the others that were seen, sorted."""
    known = set(declared)
    return (*declared, *(label for label in values_of(table, "label") if label not in known))


def coded(votes: Any, column: str, values: Sequence[str], codes: Sequence[int] | None = None) -> Any:
    """The votes with a column `<column>_code`, each value's code; rows of other values are left out.

    Args:
        votes: The votes.
        column: The column.
        values: Its values.
        codes: The code of each; its place unless said.
    """
    import ibis
    import pyarrow as pa

    # A join, not a case or a map: those look through all the values at every row.
    places = ibis.memtable(
        pa.table(
            {
                column: pa.array(values, pa.string()),
                f"{column}_code": pa.array(range(len(values)) if codes is None else codes, pa.int32()),
            }
        )
    )
    return votes.join(places, column)
