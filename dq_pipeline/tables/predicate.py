"""A predicate as an expression over a table's own columns, whatever their types.

SQL's own three values: what is missing makes a comparison neither true nor false, and NaN is missing. Columns of a CSV are
text: they compare with a number as numbers, with a text as text.
"""

from __future__ import annotations

import difflib
import operator
from datetime import date, datetime, timezone
from functools import reduce
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError, RefusedError
from dq_pipeline.spec.predicate import Either, Every, IsNull, Like, Not, OneOf, columns_of
from dq_pipeline.tables.bins import number
from dq_pipeline.tables.roles import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dq_pipeline.spec.predicate import Comparison, Operator, Predicate, Value

_OPERATORS: dict[Operator, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EXACT = 2**53
"""Whole numbers below it are told apart by a double."""
_LONG = 2**63
"""Whole numbers below it are told apart by the engine's integers."""


def check_predicate(
    who: str, table: Any, predicate: Predicate, hidden: Sequence[str], names: Mapping[str, str]
) -> None:
    """Refuse a predicate that the table's columns cannot answer.

    Args:
        who: Who asks, for the error.
        table: The table as it was opened.
        predicate: What is asked of it.
        hidden: Columns of ours that no predicate may read.
        names: Roles and conditions -> column, for those who write the one and mean the other.

    Raises:
        InputError: A column that is not there, with the likeliest meant, or a value that its column never has.
    """
    there = [column for column in table.columns if column not in hidden]
    for column in columns_of(predicate):
        if column not in there:
            folded = {name.lower(): name for name in there}
            close = difflib.get_close_matches(column.lower(), folded, n=1)
            meant = names.get(column) or (folded[close[0]] if close else None)
            raise InputError(
                who,
                found=f"an unknown column {column!r}",
                expected=f"one of {', '.join(there[:20])}"
                + (f" and {len(there) - 20} more" if len(there) > 20 else ""),  # noqa: PLR2004 - a line's length
                fix=f"write {_identifier(meant)}" if meant else "name a column of the table",
            )
    try:
        holds(table, predicate)
    except RefusedError as error:
        raise InputError(who, found=error.found, expected=error.expected, fix=error.fix) from None


def _identifier(name: str) -> str:
    return name if name.isidentifier() else '"' + name.replace('"', '""') + '"'


def holds(table: Any, predicate: Predicate) -> Any:
    """The expression that is true for the rows of which the predicate holds; false or null for the others.

    Raises:
        RefusedError: A value that its column never has, such as a word for a column of numbers.
    """
    if isinstance(predicate, Not):
        return ~holds(table, predicate.part)
    if isinstance(predicate, Every | Either):
        joined = operator.and_ if isinstance(predicate, Every) else operator.or_
        return reduce(joined, (holds(table, part) for part in predicate.parts))
    return _leaf(table[predicate.column], predicate)


def _leaf(column: Any, predicate: Comparison | OneOf | Like | IsNull) -> Any:
    if isinstance(predicate, IsNull):
        missing = column.isnull()
        return missing | column.isnan().fill_null(False) if column.type().is_floating() else missing
    if isinstance(predicate, Like):
        words = _told(column, predicate.column)
        return words.ilike(predicate.pattern) if predicate.fold else words.like(predicate.pattern)
    if isinstance(predicate, OneOf):
        return reduce(operator.or_, (_compared(column, predicate.column, "=", v) for v in predicate.values))
    return _compared(column, predicate.column, predicate.operator, predicate.value)


def _told(column: Any, name: str) -> Any:
    kind = column.type()
    if kind.is_nested() or kind.is_binary():
        raise RefusedError(
            f"a comparison of {name}, a column of {kind}",
            expected="a column of text, numbers, truths or times",
            fix=f"compute what you ask of {name} into a column",
        )
    return text(column)


def _compared(column: Any, name: str, sign: Operator, value: Value) -> Any:
    kind = column.type()
    if kind.is_string():
        return _with_text(column, name, sign, value)
    if kind.is_boolean():
        return _with_truth(column, name, sign, value)
    if kind.is_numeric():
        return _with_number(column, name, sign, value)
    if kind.is_timestamp() or kind.is_date():
        return _with_time(column, name, sign, value)
    if not isinstance(value, str):
        raise _never(name, kind, value, "write the value in single quotes")
    return _OPERATORS[sign](_told(column, name), value)


def _with_text(column: Any, name: str, sign: Operator, value: Value) -> Any:
    compare = _OPERATORS[sign]
    if isinstance(value, str):
        return compare(column, value)
    if isinstance(value, bool):
        if sign not in {"=", "!="}:
            raise _never(name, column.type(), value, "compare a truth by = or !=")
        return compare(column.lower(), "true" if value else "false")
    if isinstance(value, datetime):
        return compare(column.try_cast("timestamp"), value)
    if abs(value) < _EXACT:
        return compare(number(column), float(value))
    if sign not in {"=", "!="}:
        raise _never(name, column.type(), value, "numbers past 2^53 are told apart by = and != only")
    return compare(column, str(value))


def _with_truth(column: Any, name: str, sign: Operator, value: Value) -> Any:
    truths: dict[Any, bool] = {True: True, False: False, "true": True, "false": False}
    key = value.lower() if isinstance(value, str) else value
    if isinstance(key, datetime) or key not in truths or sign not in {"=", "!="}:
        raise _never(name, column.type(), value, f"write {name} = true")
    return _OPERATORS[sign](column, truths[key])


def _with_number(column: Any, name: str, sign: Operator, value: Value) -> Any:
    if isinstance(value, bool | datetime):
        raise _never(name, column.type(), value, f"compare {name} with a number")
    if isinstance(value, str):
        try:
            value = float(value) if set(value) & set(".eE") else int(value)
        except ValueError:
            raise _never(name, column.type(), value, f"compare {name} with a number") from None
    if isinstance(value, int) and abs(value) >= _LONG:
        if sign not in {"=", "!="}:
            raise _never(name, column.type(), value, "numbers past 2^63 are told apart by = and != only")
        return _OPERATORS[sign](text(column), str(value))
    return _OPERATORS[sign](number(column) if column.type().is_floating() else column, value)


def _with_time(column: Any, name: str, sign: Operator, value: Value) -> Any:
    import ibis

    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise _never(name, column.type(), value, f"write {name} >= DATE '2024-05-31'") from None
    if not isinstance(value, date):
        raise _never(name, column.type(), value, f"write {name} >= DATE '2024-05-31'")
    zoned = column.type().is_timestamp() and column.type().timezone is not None
    moment = value.astimezone(timezone.utc) if value.tzinfo else value.replace(tzinfo=timezone.utc)
    literal = ibis.literal(moment if zoned else moment.replace(tzinfo=None))
    return _OPERATORS[sign](column.cast("timestamp") if column.type().is_date() else column, literal)


def _never(name: str, kind: Any, value: Value, fix: str) -> RefusedError:
    shown = value.isoformat(" ") if isinstance(value, datetime) else repr(value)
    return RefusedError(
        f"{name} compared with {shown}",
        expected=f"a value that {name}, a column of {kind}, can have",
        fix=fix,
    )
