"""Functions of the engine that Ibis has none or only a slow one for, by DuckDB's names; dialects say them otherwise."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOOKED_UP = "dq_looked_up"
"""The function of numbers, the keys they stand for, and a key: `looked_up`."""
MACROS = f"CREATE TEMP MACRO {LOOKED_UP}(numbers, keys, key) AS map_extract_value(map(keys, numbers), key)"
"""What DuckDB is told of it."""


def hashed(text: Any) -> Any:
    """A 64-bit hash of a text; Ibis' own is turned into a signed number by way of text."""
    return _function("hash", ("string",), "uint64")(text)


def md5(text: Any) -> Any:
    """The MD5 of a text's UTF-8, 32 lower-case hexadecimal digits; Ibis knows its digests on some engines only."""
    return _function("md5", ("string",), "string")(text)


def looked_up(numbers: Mapping[Any, float], kind: str, key: Any) -> Any:
    """The number that stands for a key, of few; null where none does.

    It is one function of one column: over a column of few texts, DuckDB looks each up once and not once a row.

    Args:
        numbers: By key.
        kind: Their type.
        key: A column of keys.
    """
    import ibis

    of_key = str(key.type()).removeprefix("!")
    function = _function(LOOKED_UP, (f"array<{kind}>", f"array<{of_key}>", of_key), kind)
    given = ibis.array([ibis.literal(number, kind) for number in numbers.values()])
    keys = ibis.array([ibis.literal(one, of_key) for one in numbers])
    return function(given, keys, key)


def first_by(value: Any, order: Any) -> Any:
    """The value of the row that comes first by a number; Ibis' own sorts every group."""
    return _aggregate("arg_min", value)(value, order)


def last_by(value: Any, order: Any) -> Any:
    """The value of the row that comes last by a number."""
    return _aggregate("arg_max", value)(value, order)


def _aggregate(name: str, value: Any) -> Any:
    import ibis
    import ibis.expr.datatypes as dt

    signature = ((value.type(), dt.int64), value.type())
    return ibis.udf.agg.builtin(name=name, signature=signature)(_of_two)


@cache
def _function(name: str, takes: tuple[str, ...], gives: str) -> Callable[..., Any]:
    import ibis

    by_arguments = {1: _of_one, 2: _of_two, 3: _of_three}[len(takes)]
    made: Callable[..., Any] = ibis.udf.scalar.builtin(name=name, signature=(takes, gives))(by_arguments)
    return made


def _of_one(value: Any) -> Any: ...


def _of_two(first: Any, second: Any) -> Any: ...


def _of_three(first: Any, second: Any, third: Any) -> Any: ...
