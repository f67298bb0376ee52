"""The executor where the data lies: one aggregate for all row rules, one grouped query for each uniqueness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from dq_pipeline.contracts.dtypes import has_dtype
from dq_pipeline.contracts.finding import Finding, about_columns, ids_as_text
from dq_pipeline.contracts.own_functions import own_check
from dq_pipeline.contracts.predicates import holds, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dq_pipeline.contracts.rules import Rule


def run(
    rules: Sequence[Rule], table: ibis.Table, ids: Sequence[str]
) -> tuple[list[Finding], list[Rule], int]:
    """Judge all rules that the engine can judge.

    Args:
        rules: The rules of a schema.
        table: The table, on its engine.
        ids: The id columns.

    Returns:
        The findings; the rules that cannot be said as a query; the rows of the table.
    """
    breaks: dict[Rule, ir.BooleanValue] = {}
    left: list[Rule] = []
    for rule in rules:
        if rule.kind in {"not_null", "check"}:
            broken = _breaks(rule, table)
            if broken is None:
                left.append(rule)
            else:
                breaks[rule] = broken
        elif not rule.portable:
            left.append(rule)
    counted = _count(table, breaks)
    rows = counted["rows"]
    findings = list(_row_findings(table, breaks, counted, ids))
    for rule in rules:
        if rule in breaks or rule in left:
            continue
        findings.append(about_columns(rule, table.columns, rows) or _whole(rule, table, rows, ids))
    return findings, left, rows


def _breaks(rule: Rule, table: ibis.Table) -> ir.BooleanValue | None:
    """True where a row breaks the rule, false elsewhere, never null."""
    if not rule.portable:
        return None
    if rule.kind == "not_null":
        return value_of(table, rule.columns[0]).isnull()
    condition = holds(rule, table)
    if condition is None:
        condition = own_check(rule, table)
    if condition is None:
        return None
    broken = ~condition.fill_null(True)
    return value_of(table, rule.columns[0]).notnull() & broken if rule.columns else broken


def _count(table: ibis.Table, breaks: dict[Rule, ir.BooleanValue]) -> dict[str, int]:
    """One pass over the table: its rows, the values of each column, the rows that break each rule."""
    states: dict[str, Any] = {"rows": table.count()}
    for position, (rule, broken) in enumerate(breaks.items()):
        states[f"broken_{position}"] = broken.ifelse(1, 0).sum().cast("int64")
        if rule.kind == "check" and rule.columns:
            states[f"values_{rule.columns[0]}"] = value_of(table, rule.columns[0]).count()
    row = table.aggregate(**states).to_pyarrow().to_pylist()[0]
    return {name: int(value or 0) for name, value in row.items()}


def _row_findings(
    table: ibis.Table, breaks: dict[Rule, ir.BooleanValue], counted: dict[str, int], ids: Sequence[str]
) -> Iterator[Finding]:
    for position, (rule, broken) in enumerate(breaks.items()):
        failing = counted[f"broken_{position}"]
        checked = (
            counted[f"values_{rule.columns[0]}"] if rule.kind == "check" and rule.columns else counted["rows"]
        )
        rows = ids_as_text(table.filter(broken), ids) if failing else None
        yield Finding(rule, "failed" if failing else "passed", failing, checked, rows)


def _whole(rule: Rule, table: ibis.Table, rows: int, ids: Sequence[str]) -> Finding:
    """A dtype or a uniqueness."""
    if rule.kind == "dtype":
        found = table[rule.columns[0]].type()
        if has_dtype(rule.dtype, found):
            return Finding(rule, "passed", checked=rows)
        return Finding(rule, "failed", checked=rows, reason=f"expected {rule.dtype}, found {found}")
    keyed = table.mutate(**{name: value_of(table, name) for name in rule.columns})
    repeated = (
        keyed.group_by(list(rule.columns)).aggregate(dq_times=ibis._.count()).filter(ibis._.dq_times > 1)
    )
    failing = int(repeated.dq_times.sum().fill_null(0).cast("int64").to_pyarrow().as_py())
    if not failing:
        return Finding(rule, "passed", 0, rows)
    # identical_to, because two nulls are a repeat to Pandera and "=" never joins them.
    same = [keyed[name].identical_to(repeated[name]) for name in rule.columns]
    return Finding(rule, "failed", failing, rows, ids_as_text(keyed.semi_join(repeated, same), ids))
