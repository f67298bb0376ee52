"""Pandera's built-in checks as Ibis expressions, read from each check's name and statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.common.exceptions import IbisError

from dq_pipeline.contracts.regex import to_re2
from dq_pipeline.contracts.rules import Rule, registered_name

if TYPE_CHECKING:
    from collections.abc import Callable

Statistics = dict[str, Any]


def value_of(table: ibis.Table, column: str) -> Any:
    """A column as the rules see it: a NaN is a missing value, as it is to pandas."""
    expression = table[column]
    if isinstance(expression.type(), dt.Floating):
        return ibis.ifelse(expression.isnan(), ibis.null(expression.type()), expression)
    return expression


def holds(rule: Rule, table: ibis.Table) -> ir.BooleanValue | None:
    """The expression that is true, per row, where a check holds.

    Args:
        rule: A rule of kind "check".
        table: The table it is asked of.

    Returns:
        A boolean expression, null or anything where the column is null; None when the check cannot be said
        in the engine (a function of the user's on pandas or polars, an option that counts nulls, a pattern that RE2 lacks,
        a bound of another type than the column).
    """
    check = rule.check
    if (
        not rule.portable
        or len(rule.columns) != 1
        or check.element_wise
        or check.groupby
        or not check.ignore_na
    ):
        return None
    # Not `check.name`, which may be the user's own words.
    build = BUILDERS.get(registered_name(check))
    if build is None:
        return None
    return build(value_of(table, rule.columns[0]), dict(check.statistics))


def _comparable(column: Any, *values: Any) -> bool:
    """Whether each value is of the column's own family, so that no engine casts in silence."""
    try:
        types = [dt.infer(value) for value in values]
    except IbisError:
        return False
    return all(_family(found) == _family(column.type()) for found in types)


def _family(dtype: dt.DataType) -> str:
    if isinstance(dtype, dt.Numeric) and not isinstance(dtype, dt.Boolean):
        return "number"
    if isinstance(dtype, dt.Timestamp):
        return f"timestamp {dtype.timezone is not None}"
    return type(dtype).__name__


def _compare(key: str, operate: Callable[[Any, Any], Any]) -> Callable[[Any, Statistics], Any]:
    def build(column: Any, statistics: Statistics) -> Any:
        bound = statistics[key]
        return operate(column, bound) if _comparable(column, bound) else None

    return build


def _in_range(column: Any, statistics: Statistics) -> Any:
    low, high = statistics["min_value"], statistics["max_value"]
    if not _comparable(column, low, high):
        return None
    above = column >= low if statistics.get("include_min", True) else column > low
    below = column <= high if statistics.get("include_max", True) else column < high
    return above & below


def _member(key: str, *, wanted: bool) -> Callable[[Any, Statistics], Any]:
    def build(column: Any, statistics: Statistics) -> Any:
        values = [value for value in statistics[key] if value is not None and value == value]  # noqa: PLR0124  # NaN
        if not _comparable(column, *values):
            return None
        inside = column.isin(values) if values else ibis.literal(False)
        return inside if wanted else ~inside

    return build


def _text(build: Callable[[Any, Statistics], Any]) -> Callable[[Any, Statistics], Any]:
    return lambda column, statistics: build(column, statistics) if column.type().is_string() else None


def _matches(*, whole_start: bool) -> Callable[[Any, Statistics], Any]:
    def build(column: Any, statistics: Statistics) -> Any:
        pattern = to_re2(statistics["pattern"], whole_start=whole_start)
        return None if pattern is None else column.re_search(pattern)

    return build


def _length(column: Any, statistics: Statistics) -> Any:
    length = column.length()
    exact, low, high = (statistics.get(key) for key in ("exact_value", "min_value", "max_value"))
    if exact is not None:
        return length == exact
    bounds = ([length >= low] if low is not None else []) + ([length <= high] if high is not None else [])
    return ibis.and_(*bounds) if bounds else None


BUILDERS: dict[str, Callable[[Any, Statistics], Any]] = {
    "equal_to": _compare("value", lambda column, bound: column == bound),
    "not_equal_to": _compare("value", lambda column, bound: column != bound),
    "greater_than": _compare("min_value", lambda column, bound: column > bound),
    "greater_than_or_equal_to": _compare("min_value", lambda column, bound: column >= bound),
    "less_than": _compare("max_value", lambda column, bound: column < bound),
    "less_than_or_equal_to": _compare("max_value", lambda column, bound: column <= bound),
    "in_range": _in_range,
    "isin": _member("allowed_values", wanted=True),
    "notin": _member("forbidden_values", wanted=False),
    "str_matches": _text(_matches(whole_start=True)),
    "str_contains": _text(_matches(whole_start=False)),
    "str_startswith": _text(lambda column, statistics: column.startswith(statistics["string"])),
    "str_endswith": _text(lambda column, statistics: column.endswith(statistics["string"])),
    "str_length": _text(_length),
}
"""What the fused executor can say, by the name that Pandera registers the check under."""
