"""A user's own check written for Ibis is already an expression: it is asked where the data lies."""

from __future__ import annotations

from functools import reduce
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from dq_pipeline.contracts.fragment import fragment
from dq_pipeline.contracts.rules import Rule, registered_name


def own_check(rule: Rule, table: ibis.Table) -> ir.BooleanValue | None:
    """Turn a check function for Ibis into a condition on each row.

    Pandera calls such a function with the table and the column's name; it answers with a boolean column, or with
    a table of boolean columns that all must hold.

    Args:
        rule: A rule of kind "check" whose check is a function of the user's.
        table: The table.

    Returns:
        The condition; None when the schema is not one for Ibis or the answer has no row of its own.
    """
    check = rule.check
    if rule.written_for != "ibis" or registered_name(check) or check.element_wise or not check.ignore_na:
        return None
    from pandera.api.ibis.types import IbisData
    from pandera.errors import SchemaErrorReason, SchemaErrors

    try:
        # Pandera runs it once over no row, and catches whatever a user's function may raise.
        fragment(rule, "ibis").validate(table.limit(0), lazy=True)
    except SchemaErrors as refused:
        if any(error.reason_code is SchemaErrorReason.CHECK_ERROR for error in refused.schema_errors):
            return None
    key = rule.columns[0] if rule.columns else None
    answer = check._check_fn(IbisData(table, key), **check._check_kwargs)  # noqa: SLF001  # Pandera's own call
    if isinstance(answer, ir.BooleanColumn):
        return answer
    if isinstance(answer, ir.Table) and isinstance(answer.op(), ops.Project):
        columns: list[Any] = [value.to_expr() for value in answer.op().values.values()]
        same_rows = answer.op().parent == table.op()
        if columns and same_rows and all(isinstance(column, ir.BooleanColumn) for column in columns):
            return reduce(lambda left, right: left & right, columns)
    return None
