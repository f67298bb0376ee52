"""A schema's dtype against the type a column has on its engine."""

from __future__ import annotations

from typing import Any


def has_dtype(expected: Any, engine_type: Any) -> bool:
    """Whether a Pandera dtype of any flavour names the type that an Ibis column has.

    Pandera's libraries spell one type in several ways (`int`, "int64", `pl.Int64`), all derived from one class in
    `pandera.dtypes`: that class is compared, with its bits and whether a timestamp has a time zone. The dtype
    `object` of pandas says nothing about the values, so every column has it.

    Args:
        expected: A Pandera dtype.
        engine_type: An Ibis datatype.
    """
    from pandera.engines import ibis_engine

    if str(expected) == "object":
        return True
    actual = ibis_engine.Engine.dtype(engine_type)
    zone = getattr(expected, "tz", None) or getattr(expected, "time_zone", None)
    same_zone = bool(zone) == bool(getattr(engine_type, "timezone", None))
    same_width = getattr(expected, "bit_width", None) == getattr(actual, "bit_width", None)
    return _kind(expected) == _kind(actual) and same_width and same_zone


def _kind(dtype: Any) -> str:
    """The shared class that the dtype comes from, the narrower ones first."""
    from pandera import dtypes

    narrow_first = (
        "UInt",
        "Int",
        "Float",
        "Complex",
        "Decimal",
        "Bool",
        "Category",
        "String",
        "Timestamp",
        "Date",
    )
    return next((name for name in narrow_first if isinstance(dtype, getattr(dtypes, name))), str(dtype))
