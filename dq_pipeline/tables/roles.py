"""Columns mapped to roles: ids and labels as text, NaN as null, time as a timestamp."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.number import NUMBER
from dq_pipeline.spec.roles import Production
from dq_pipeline.spec.table_ref import TableRef
from dq_pipeline.spec.written import written
from dq_pipeline.tables.bins import binned, number
from dq_pipeline.tables.duck import PLACE
from dq_pipeline.tables.split import called

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dq_pipeline.spec.model import Spec

ROW = "row"
"""The column of a table with roles that holds each row's place: first and last are told by it."""


def roles_of(spec: Spec, name: str) -> dict[str, str]:
    """The column of each role of a table.

    Raises:
        InputError: Production without conditions to compare.
    """
    if name == "production":
        production = spec.production
        conditions = spec.items.conditions if spec.items else ()
        if production is None or not conditions:
            raise InputError(
                f"{spec.dataset}, production",
                found="no items.conditions",
                expected="conditions to compare",
                fix="name items.conditions",
            )
        named = {"label": production.label, "time": production.time}
        return {role: column for role, column in named.items() if column} | {
            c.name: production.conditions.get(c.name, c.column) for c in conditions
        }
    roles: dict[str, str] = getattr(spec, name).roles()
    return {"item": PLACE, **roles} if name == "items" else dict(roles)


def lines_of(ref: TableRef) -> Callable[[str, str], str | None]:
    """What a spec says in a line to give a role of one of its tables a column; None where the column stands in a list."""
    own = type(ref).model_fields.keys() - TableRef.model_fields.keys()

    def line(role: str, column: str) -> str | None:
        if role in own:
            return f"{role}: {written(column)}"
        if role == "item":
            return f"id: {written(column)}"
        return f"conditions: {written({role: column})}" if isinstance(ref, Production) else None

    return line


def check_columns(
    who: str,
    table: Any,
    wanted: Mapping[str, str],
    line: Callable[[str, str], str | None] | None = None,
) -> None:
    """Refuse a table that lacks a column that the spec names, or whose times are numbers of an unknown unit.

    Args:
        who: Who asked.
        table: The table as it was opened.
        wanted: Role to column.
        line: Gives the line of the spec that names a role's column, from both; none where it stands in a list.

    Raises:
        InputError: With the columns that it has and the likeliest meant.
    """
    there = [column for column in table.columns if column != PLACE]
    for role, column in wanted.items():
        if column not in there and column != PLACE:
            close = difflib.get_close_matches(column, there, n=1)
            glued = len(there) == 1 and all(name in there[0] for name in wanted.values())
            fix = (
                _to_write(line(role, close[0]) if line else None, column, close[0])
                if close
                else f"name the column that holds the {role}"
            )
            raise InputError(
                who,
                found=f"columns {', '.join(there[:20])}"
                + (f" and {len(there) - 20} more" if len(there) > 20 else ""),  # noqa: PLR2004
                expected=f"a column {column!r} for {role}",
                fix="set `delimiter` to the mark between the columns" if glued else fix,
            )
        if role == "time" and table[column].type().is_numeric():
            raise InputError(
                who,
                found=f"numbers ({table[column].type()}) in the column {column!r}",
                expected="dates or timestamps for time, or text such as 2026-01-31 or 2026-01-31T09:30:00Z",
                fix=f"export {column} as a timestamp (DuckDB: to_timestamp({column}) of seconds)",
            )


def _to_write(line: str | None, column: str, meant: str) -> str:
    return f"write `{line}`" if line else f"write {written(meant)} in place of {written(column)}"


def check_numbers(who: str, table: Any, cut: Mapping[str, str]) -> None:
    """Refuse conditions that are to be cut into bins and whose columns can hold no number.

    Args:
        who: Who asked.
        table: The table as it was opened.
        cut: Column to the condition that it is of.

    Raises:
        InputError: A column of times, lists or the like.
    """
    for column, condition in cut.items():
        kind = table[column].type()
        if not (kind.is_numeric() or kind.is_string() or kind.is_boolean() or kind.is_null()):
            raise InputError(
                who,
                found=f"a column {column!r} of {kind}",
                expected=f"numbers, which edges and quantiles of the condition {condition!r} cut",
                fix=f"leave the edges or quantiles of {condition!r} out, or write what you ask of it as a number",
            )


def with_roles(
    table: Any,
    roles: Mapping[str, str],
    kept: Mapping[str, str] | None = None,
    edges: Mapping[str, Sequence[float]] | None = None,
) -> Any:
    """The table's role columns under their roles' names, and `row`.

    Every role is text but `time` (a timestamp) and `seconds` (a number); what does not convert is null. A side of the split
    is called train, validation or test, also where the table says val, valid, dev, training or testing.

    Args:
        table: A table as it was opened.
        roles: Role to column.
        kept: Further columns to take as they are: a name that is no role, and the column.
        edges: Condition -> the edges of its bins, whose names are then its values.
    """
    cut = edges or {}
    return table.select(
        **{ROW: table[PLACE]},
        **{
            role: binned(table[column], cut[role]) if role in cut else _converted(table[column], role)
            for role, column in roles.items()
        },
        **{name: table[column] for name, column in (kept or {}).items()},
    )


def with_numbers(table: Any, declared: Sequence[str]) -> Any:
    """The table with the labels of a numeric scale in one spelling each: 7, 7.0 and 7.00 are one rating.

    Args:
        table: A table with a column `label`.
        declared: The declared labels, whose own spelling stands.
    """
    import ibis

    label = table.label
    value = number(label)
    known = [(value == float(name), name) for name in declared if re.fullmatch(NUMBER, name)]
    plain = text(value)
    spelled = ibis.cases(*known, else_=plain) if known else plain
    # Past 2^53 neighbouring integers are one double: their own text says more.
    is_number = label.re_search(f"^({NUMBER})$") & (value.abs() < 2.0**53)
    return table.mutate(label=ibis.ifelse(is_number.fill_null(False), spelled, label))


def _converted(column: Any, role: str) -> Any:
    if role == "time":
        return column if column.type().is_timestamp() else column.try_cast("timestamp")
    if role == "seconds":
        return number(column)
    if role == "split":
        return called(text(column))
    return text(column)


def text(column: Any) -> Any:
    """A column as text: whole floats without their `.0`, NaN as null, truths as `true` and `false`."""
    import ibis

    kind = column.type()
    if kind.is_string():
        return column
    if kind.is_floating():
        whole = column % 1.0 == 0
        # Past 2^53 a float no longer tells neighbouring integers apart: its own text is as true as it gets.
        exact = whole & (column.abs() < 2.0**53)
        shown = ibis.ifelse(exact, column.try_cast("int64").cast("string"), column.cast("string"))
        return ibis.ifelse(column.isnan(), ibis.null("string"), shown)
    return column.cast("string")
