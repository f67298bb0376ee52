"""Which columns are circumstances of the items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.proposal import hints
from dq_pipeline.spec.condition import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dq_pipeline.proposal.profile import Column, Profile

MOST = 12
"""Conditions proposed at once: every pair of them is counted."""
FEW_VALUES = 30
BINS = 4


def conditions(columns: Iterable[Column], produced: Profile | None) -> tuple[list[Any], list[str]]:
    """The conditions to propose, and the columns that could be some too.

    Args:
        columns: The items' columns that play no other role.
        produced: The production table, which must have them.
    """
    found: list[tuple[int, int, Any, str]] = []
    for column in columns:
        if produced is not None and column.name not in produced.names:
            continue
        written = _written(column)
        if written is not None:
            # What looks like another label is the last to be a circumstance; names that say so are the first.
            speak = -len(column.words & hints.CONDITION)
            found.append((int(bool(column.words & hints.LABEL)), speak, written, column.name))
    found.sort(key=lambda one: one[:2])
    chosen = [written for _, _, written, _ in found[:MOST]]
    return _named_apart(chosen), [name for _, _, _, name in found[MOST:]]


def _named_apart(chosen: list[Any]) -> list[Any]:
    """Conditions of which no two have one name: names made of others may meet a column's own."""
    taken = {one for one in chosen if isinstance(one, str)}
    for one in chosen:
        if isinstance(one, dict):
            while one["name"] in taken:
                one["name"] += "_"
            taken.add(one["name"])
    return chosen


def _written(column: Column) -> Any:
    if column.is_time:
        return None
    name = (
        f"item_{column.name}" if column.name in RESERVED else column.name.replace(",", " ").replace("|", " ")
    )
    if 1 < column.distinct <= FEW_VALUES and not column.is_unique:
        return column.name if name == column.name else {"name": name, "column": column.name}
    if (
        column.is_number
        and column.distinct > FEW_VALUES
        and not column.is_unique
        and "id" not in column.words
    ):
        return {"name": name, "column": column.name, "quantiles": BINS}
    return None
