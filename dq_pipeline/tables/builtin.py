"""Functions of the engine that Ibis has none or only a slow one for."""

from __future__ import annotations

from typing import Any


def hashed(text: Any) -> Any:
    """A 64-bit hash of a text; Ibis' own is turned into a signed number by way of text."""
    return _function("hash", ("string",), "uint64")(text)


def looked_up(values: Any, keys: Any, key: Any) -> Any:
    """Of two arrays the value that stands where the key stands; an array of numbers, and one of texts.

    Over a column of few texts, DuckDB looks each up once and not once a row.
    """
    place = _function("list_position", ("array<string>", "string"), "int32")(keys, key)
    return _function("list_extract", ("array<float64>", "int32"), "float64")(values, place)


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


def _function(name: str, takes: tuple[str, ...], gives: str) -> Any:
    import ibis
    import ibis.expr.datatypes as dt

    signature = (tuple(dt.dtype(kind) for kind in takes), dt.dtype(gives))
    by_arguments = {1: _of_one, 2: _of_two}[len(takes)]
    return ibis.udf.scalar.builtin(name=name, signature=signature)(by_arguments)


def _of_one(value: Any) -> Any: ...


def _of_two(first: Any, second: Any) -> Any: ...
