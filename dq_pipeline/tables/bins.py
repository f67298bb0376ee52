"""Numbers on the engine, and numeric conditions cut into bins by declared edges or by quantiles of the items."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.bins import above, below, between

if TYPE_CHECKING:
    from collections.abc import Sequence


DIGITS = 12
"""Significant digits of a quantile that is an edge."""


def number(column: Any) -> Any:
    """A column as a double; what is no number, and NaN, is null."""
    import ibis

    value = column.try_cast("float64") if column.type().is_string() else column.cast("float64")
    return ibis.ifelse(value.isnan(), ibis.null("float64"), value)


def binned(column: Any, edges: Sequence[float]) -> Any:
    """The name of the bin that each number lies in; null for what is no number.

    Args:
        column: A column of numbers, or of texts that hold them.
        edges: Rising; with none, every number is null.
    """
    import ibis

    if not edges:
        return ibis.null("string")
    value = number(column)
    inner = zip(edges[1:], between(edges), strict=True)
    return ibis.cases(
        (value.isnull(), ibis.null("string")),
        (value < edges[0], below(edges)),
        *((value < edge, name) for edge, name in inner),
        else_=above(edges),
    )


def quantile_edges(column: Any, parts: int) -> tuple[float, ...]:
    """The edges that cut the numbers of a column into parts of like size, those that coincide once; none without numbers.

    They have DIGITS digits: engines interpolate by formulas that differ in the last, and edges are names of bins.

    Args:
        column: A column of numbers, or of texts that hold them.
        parts: How many parts, at least 2.
    """
    value = number(column)
    asked = {f"q{part}": value.quantile(part / parts) for part in range(1, parts)}
    found = value.as_table().aggregate(**asked).to_pyarrow().to_pylist()[0]
    known = (edge for edge in found.values() if edge is not None and math.isfinite(edge))
    return tuple(sorted({float(f"{edge:.{DIGITS}g}") for edge in known}))
