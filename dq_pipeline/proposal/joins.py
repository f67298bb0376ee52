"""Which column of one table names the rows of another: told by their values, whatever the columns are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.proposal import hints
from dq_pipeline.tables import engine_errors, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.proposal.profile import Column, Profile

HELD = 0.95
"""The share of a column's values that the other table's must hold."""
OWN = 0.98
"""The share of rows that have a value of their own in a column that tells rows apart, but for a few that stand twice."""
APART = 0.9
"""The share of votes that pairs of item and annotator tell apart, but for those given again."""
LONG = 7
"""Digits of a number that does not stand in a list of others by chance, on average."""
VOTES = 1.5
"""Votes that items have on average, at least, where their ids are told by the votes alone."""


def tells_rows_apart(column: Column) -> bool:
    """Whether nearly each row has a value of its own."""
    whole = not column.is_number or column.is_whole
    return not column.nested and not column.is_time and whole and column.distinct >= OWN * column.rows > OWN


def joined(table: Profile, other: Profile) -> tuple[Column, Column] | None:
    """A column of a table whose values nearly all stand in a column of the other that tells its rows apart, and that one.

    Short numbers are in any long enough list of numbers: they join only where their names say that they name an item.
    Of several columns the one whose name says so comes first, then the one with most values.
    """
    keys = [column for column in other.columns if tells_rows_apart(column)]
    pairs = [
        (column, key)
        for column in table.columns
        for key in keys
        if _may_join(column, key) and HELD * column.distinct <= key.distinct
    ]
    pairs.sort(
        key=lambda pair: (_alike(*pair), bool(pair[0].words & hints.ITEM), pair[0].distinct), reverse=True
    )
    return next((pair for pair in pairs if held(table, pair[0], other, pair[1]) >= HELD), None)


def named_by(table: Profile, votes: Profile) -> Column | None:
    """The column of votes whose items a table names one by one, as gold does of some of them; None where it names none."""
    pairs = [
        (column, key)
        for column in votes.columns
        for key in table.columns
        if tells_rows_apart(key) and column.distinct < votes.rows and _may_join(key, column)
    ]
    pairs.sort(key=lambda pair: (bool(pair[0].words & hints.ITEM), pair[0].distinct), reverse=True)
    return next((column for column, key in pairs if held(table, key, votes, column) >= HELD), None)


def held(table: Profile, column: Column, other: Profile, key: Column) -> float:
    """The share of a column's values that stand in a column of another table."""
    if table.seen is None or other.seen is None or not column.distinct:
        return 0.0
    with engine_errors(str(table.path)):
        values, keys = (
            one.seen.select(value=text(one.seen[which.name]).strip().nullif("")).drop_null("value").distinct()
            for one, which in ((table, column), (other, key))
        )
        both = values.semi_join(keys, "value").count().to_pyarrow().as_py()
    return int(both) / column.distinct


def are_votes(table: Profile, item: Column, annotator: Column) -> bool:
    """Whether items stand in several rows, each time with another annotator."""
    if table.seen is None or item.distinct >= table.rows:
        return False
    with engine_errors(str(table.path)):
        pairs = table.seen.select(item.name, annotator.name).distinct().count().to_pyarrow().as_py()
    return int(pairs) >= max(APART * table.rows, item.distinct + 1)


def one_each(table: Profile, annotator: Column, group: Column) -> bool:
    """Whether each annotator stands with one value of a column, which several share."""
    if table.seen is None or not 1 < group.distinct < annotator.distinct:
        return False
    with engine_errors(str(table.path)):
        pairs = table.seen.select(annotator.name, group.name).drop_null().distinct().count()
    return int(pairs.to_pyarrow().as_py()) == annotator.distinct


def voted_item(table: Profile, others: Sequence[Profile]) -> Column | None:
    """The column of the items that a table's rows vote on: one that joins another table, else one that is called so and repeats.

    A table with a column that tells its own rows apart is one of items, unless it joins another or its file's name says
    that it is one of votes.
    """
    for other in others:
        found = joined(table, other)
        if found is not None and found[0].distinct < table.rows:
            return found[0]
    if not table.words & hints.ANNOTATIONS and any(tells_rows_apart(column) for column in table.columns):
        return None
    named = [
        column
        for column in table.columns
        if column.words & hints.ITEM
        and not column.nested
        and column.distinct > 1
        and VOTES * column.distinct <= table.rows
    ]
    return max(named, key=lambda column: column.distinct, default=None)


def _may_join(column: Column, key: Column) -> bool:
    if column.nested or column.is_time or column.distinct < 2:  # noqa: PLR2004 - one value joins nothing
        return False
    named = column.words & hints.ITEM or _alike(column, key)
    short = column.is_number and column.length < LONG
    return bool(named) if short else not column.words <= hints.LABEL


def _alike(column: Column, key: Column) -> bool:
    """Whether two names share a word that says more than that it is an id."""
    return bool((column.words & key.words) - hints.TOLD_BY)
