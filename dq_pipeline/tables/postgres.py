"""A query of Postgres asked so that every value arrives: what its driver hands on as bytes, or wrong, is cast there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

CASTS = {"money": "numeric", "interval": "text", "record": "text"}
"""Types that the driver reads as something else (money as whole cents), and what they are cast to."""
WITH_INFINITY = frozenset({"timestamp", "timestamptz", "date"})
"""Types of times whose infinity the driver reads as a year before Christ."""


def readable(schema: pa.Schema, sql: str, quoted: Callable[[str], str]) -> str:
    """The query itself, or one around it that casts what the driver cannot read; an infinite time becomes null.

    Args:
        schema: What the driver says of the query's columns, which have a name each.
        sql: The query.
        quoted: Quotes a name.
    """
    asked = {field.name: _asked(field, quoted(field.name)) for field in schema}
    if all(expression == quoted(name) for name, expression in asked.items()):
        return sql
    columns = ", ".join(
        f"{expression} AS {quoted(name)}" if expression != quoted(name) else expression
        for name, expression in asked.items()
    )
    return f"SELECT {columns} FROM (\n{sql}\n) AS asked"


def _asked(field: pa.Field, name: str) -> str:
    """What to ask for in place of a column."""
    import pyarrow as pa

    kind = (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode()
    if kind in WITH_INFINITY:
        return f"CASE WHEN isfinite({name}) THEN {name} END"
    if pa.types.is_list(field.type):
        return f"{name}::text[]" if _is_bytes(field.type.value_type, kind.removeprefix("_")) else name
    if pa.types.is_struct(field.type) or _is_bytes(field.type, kind):
        return f"{name}::text"
    return f"{name}::{CASTS[kind]}" if kind in CASTS else name


def _is_bytes(found: pa.DataType, kind: str) -> bool:
    """Whether values come as the bytes of the wire, which only a bytea is."""
    import pyarrow as pa

    return kind not in {"", "bytea"} and pa.types.is_binary(getattr(found, "storage_type", found))
