"""A predicate over a table's columns: parsed from SQL, held to what counting needs, and nothing else let through.

Comparisons of a column with a literal, BETWEEN, IN, LIKE, ILIKE, IS NULL, and AND, OR, NOT. A subquery, a function, a
file, arithmetic or another column is refused with the reason: what is counted must be told from the row alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dq_pipeline.spec.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

Number: TypeAlias = "int | float"
Value: TypeAlias = "int | float | str | bool | datetime"
Operator = Literal["=", "!=", "<", "<=", ">", ">="]

_KNOWN_PARTS = {"this", "expression", "expressions", "low", "high", "query", "negate"}
"""What sqlglot may hang on a condition; anything else, such as SYMMETRIC, would be left out in silence."""
_LONGEST = 4000
_DEEPEST = 100
_MIRRORED: dict[str, Operator] = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`column operator value`; neither true nor false where the column is missing."""

    column: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """`column in (values)`."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """`column like pattern`: % for any text, _ for any character; `fold` where case does not count."""

    column: str
    pattern: str
    fold: bool = False


@dataclass(frozen=True, slots=True)
class IsNull:
    """`column is null`."""

    column: str


@dataclass(frozen=True, slots=True)
class Not:
    """Not the part."""

    part: Predicate


@dataclass(frozen=True, slots=True)
class Every:
    """All the parts."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the parts."""

    parts: tuple[Predicate, ...]


Predicate: TypeAlias = "Comparison | OneOf | Like | IsNull | Not | Every | Either"


def columns_of(predicate: Predicate) -> tuple[str, ...]:
    """The columns that it reads, each once, in the order in which they are read."""
    return tuple(dict.fromkeys(_columns(predicate)))


def _columns(predicate: Predicate) -> Iterator[str]:
    if isinstance(predicate, Not):
        yield from _columns(predicate.part)
    elif isinstance(predicate, Every | Either):
        for part in predicate.parts:
            yield from _columns(part)
    else:
        yield predicate.column


def fixed_values(predicate: Predicate) -> dict[str, str]:
    """The columns that it fixes to one text, such as {"light": "night"}: those of the equalities that must all hold."""
    parts = predicate.parts if isinstance(predicate, Every) else (predicate,)
    fixed: dict[str, str] = {}
    for part in parts:
        if isinstance(part, Every):
            fixed |= fixed_values(part)
        elif isinstance(part, Comparison) and part.operator == "=" and isinstance(part.value, str | int):
            fixed[part.column] = str(part.value).lower() if isinstance(part.value, bool) else str(part.value)
    return fixed


def parse_predicate(text: str) -> Predicate:
    """What a text says of a row.

    Args:
        text: A condition in DuckDB's SQL, such as `view_position = 'AP' and age < 10`.

    Raises:
        RefusedError: It says something else, with the reason and what to write.

    >>> parse_predicate("view_position = 'AP' and age < 10").parts[1]
    Comparison(column='age', operator='<', value=10)
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if not text.strip():
        raise _refused(text, "nothing", "write a comparison, such as light = 'night'")
    if len(text) > _LONGEST:
        raise _refused(text, f"{len(text):,} characters", f"say it in {_LONGEST:,} characters, with IN lists")
    try:
        tree = sqlglot.parse_one(text, into=exp.Condition, dialect="duckdb")
        return _read(tree, text, 0)
    except SqlglotError as error:
        raise _refused(text, _where(error, text), "write comparisons joined by AND and OR") from None
    except RecursionError:
        raise _refused(text, "parts nested too deeply", "say it with fewer brackets") from None


def _where(error: Any, text: str) -> str:
    """What the parser stopped at; a failed parse without a place is one statement too many or too few."""
    details = getattr(error, "errors", None) or [{}]
    highlight = details[0].get("highlight")
    if highlight:
        return f"{highlight!r} where it cannot stand"
    return "several statements" if ";" in text else "no SQL condition"


def _read(node: Any, text: str, depth: int) -> Predicate:
    from sqlglot import exp

    if depth > _DEEPEST:
        raise _refused(text, "parts nested too deeply", "say it with fewer brackets")
    if isinstance(node, exp.Paren):
        return _read(node.this, text, depth + 1)
    if isinstance(node, exp.Not):
        return Not(_read(node.this, text, depth + 1))
    if isinstance(node, exp.And | exp.Or):
        kind = exp.And if isinstance(node, exp.And) else exp.Or
        parts = tuple(_read(part, text, depth + 1) for part in _flat(node, kind))
        return Every(parts) if kind is exp.And else Either(parts)
    said = _leaf(node, text)
    # Some versions of sqlglot put NOT LIKE into the LIKE.
    return Not(said) if node.args.get("negate") else said


def _flat(node: Any, kind: Any) -> list[Any]:
    """The parts of a chain of one connective, without recursion: a thousand ORs are no thousand frames."""
    parts, left = [], [node]
    while left:
        one = left.pop()
        if isinstance(one, kind):
            left += [one.expression, one.this]
        else:
            parts.append(one)
    return parts


def _leaf(node: Any, text: str) -> Predicate:
    from sqlglot import exp

    operators: dict[Any, Operator] = {
        exp.EQ: "=",
        exp.NEQ: "!=",
        exp.LT: "<",
        exp.LTE: "<=",
        exp.GT: ">",
        exp.GTE: ">=",
    }
    more = {name for name, said in node.args.items() if said} - _KNOWN_PARTS
    if more and not isinstance(node, exp.Func):
        raise _refused(text, _named(node), _advice(node))
    operator = operators.get(type(node))
    if operator is not None:
        left, right = node.this, node.expression
        if not isinstance(left, exp.Column) and isinstance(right, exp.Column):
            left, right, operator = right, left, _MIRRORED[operator]
        return Comparison(_column(left, text), operator, _value(right, text))
    build = {exp.Between: _between, exp.In: _one_of, exp.Like: _like, exp.ILike: _like, exp.Is: _is}.get(
        type(node)
    )
    if build is not None:
        return build(node, text)
    raise _refused(text, _named(node), _advice(node))


def _between(node: Any, text: str) -> Predicate:
    column = _column(node.this, text)
    low, high = _value(node.args["low"], text), _value(node.args["high"], text)
    return Every((Comparison(column, ">=", low), Comparison(column, "<=", high)))


def _one_of(node: Any, text: str) -> Predicate:
    if not node.expressions:
        kind = "a subquery in IN" if node.args.get("query") else "IN without a list"
        raise _refused(text, kind, "list the values: IN ('a', 'b')")
    return OneOf(_column(node.this, text), tuple(_value(one, text) for one in node.expressions))


def _like(node: Any, text: str) -> Predicate:
    from sqlglot import exp

    pattern = _value(node.expression, text)
    if not isinstance(pattern, str):
        raise _refused(text, "LIKE without a text", "write the pattern in single quotes")
    return Like(_column(node.this, text), pattern, isinstance(node, exp.ILike))


def _is(node: Any, text: str) -> Predicate:
    from sqlglot import exp

    column = _column(node.this, text)
    if isinstance(node.expression, exp.Null):
        return IsNull(column)
    if isinstance(node.expression, exp.Boolean):
        # IS TRUE is false, not unknown, where the value is missing.
        return Every((Not(IsNull(column)), Comparison(column, "=", bool(node.expression.this))))
    raise _refused(text, _named(node), _advice(node))


def _column(node: Any, text: str) -> str:
    from sqlglot import exp

    if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
        if node.args.get("table"):
            raise _refused(text, f"{node.sql()}, a column of a table with a name", f"write {node.name}")
        return str(node.name)
    if isinstance(node, exp.Literal | exp.Boolean | exp.Null):
        raise _refused(text, f"{node.sql()} where a column stands", "compare a column with a value")
    raise _refused(text, _named(node), _advice(node))


def _value(node: Any, text: str) -> Value:
    from sqlglot import exp

    if isinstance(node, exp.Paren):
        return _value(node.this, text)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_string else _number(str(node.this), text)
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
        return -_number(str(node.this.this), text)
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.this.is_string:  # noqa: SIM102 - too long a line
        if node.to.this.name in {"DATE", "TIMESTAMP", "TIMESTAMPNTZ"}:
            return _time(str(node.this.this), text)
    if isinstance(node, exp.Null):
        raise _refused(text, "a comparison with NULL, which is never true", "write IS NULL or IS NOT NULL")
    if isinstance(node, exp.Column):
        if node.this.args.get("quoted"):
            raise _refused(
                text,
                f'"{node.name}" in double quotes, which name a column',
                f"write text in single quotes: '{node.name}'",
            )
        raise _refused(
            text,
            f"{node.sql()}, a column compared with a column",
            f"compare with a value; text stands in single quotes: '{node.name}'",
        )
    raise _refused(text, _named(node), _advice(node))


def _number(written: str, text: str) -> Number:
    try:
        return int(written)
    except ValueError:
        value = float(written)
    if value in {float("inf"), float("-inf")}:
        raise _refused(text, f"{written}, past every number", "write a number below 1e308")
    return value


def _time(written: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        raise _refused(text, f"{written!r}, which is no date", "write a date as DATE '2024-05-31'") from None


def _named(node: Any) -> str:
    from sqlglot import exp

    if type(node).__name__ == "Block":  # a name that older versions of sqlglot lack
        return "several statements"
    if isinstance(node, exp.Subquery | exp.Select | exp.Exists | exp.Any):
        return "a subquery"
    if isinstance(node, exp.Func) and not isinstance(node, exp.Cast):
        return f"a function, {node.sql(dialect='duckdb')[:60]}"
    if isinstance(node, exp.Column):
        return f"{node.sql()} alone, which compares nothing"
    return str(node.sql(dialect="duckdb"))[:60]


def _advice(node: Any) -> str:
    from sqlglot import exp

    if isinstance(node, exp.Column):
        return f"write {node.name} = true, or what it is compared with"
    return "compare a column with a value; what needs more, compute into a column of the table"


def _refused(text: str, found: str, fix: str) -> RefusedError:
    shown = text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - a line's width
    return RefusedError(
        f"{found} in {shown!r}",
        expected="comparisons of columns with values, BETWEEN, IN, LIKE, IS NULL, joined by AND, OR, NOT",
        fix=fix,
    )
