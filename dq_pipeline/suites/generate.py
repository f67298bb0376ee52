"""Checks become a Great Expectations suite over the measures table.

Each bound is one expectation, on a column that holds the settled numbers that it limits and null in all other rows: a
condition on the rows of each would cost Great Expectations twice as much. Because it passes a bound over no row and over a
null, each table's checks also have two proofs: that their rows are there, and that they are defined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.families.check import ANY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from great_expectations import ExpectationSuite

    from dq_pipeline.families.check import Bound, Check
    from dq_pipeline.measures.estimate import Measure

META = "dq_pipeline"
"""The key of an expectation's `meta` that says which check it speaks for, or which table's, and in which role."""

NUMBERS = ("value", "low", "high")
"""What of a measure a bound may limit."""
PROOFS = ("present", "evidence")
"""The roles of the expectations that show that the checks of a table have their rows, and that these are defined."""
_GX_SEVERITY = {"block": "critical", "warn": "warning", "relief": "info"}


def number_name(family: str, measure: str, table: str, by: str | None, key: str | None = None) -> str:
    """The name of a measure's rows in the judged table: `agreement.specific_agreement.annotations/label`.

    Of one row of a breakdown with its key behind an equals sign, of all breakdowns with an asterisk for the breakdown.
    """
    name = f"{family}.{measure}.{table}" + (f"/{by}" if by else "")
    return name if key is None else f"{name}={key}"


ROW_NAMES: dict[str, Callable[[Measure], str | None]] = {
    "number": lambda row: number_name(row.family, row.measure, row.table, row.by),
    "any_breakdown": lambda row: number_name(row.family, row.measure, row.table, ANY) if row.by else None,
    "one_row": lambda row: number_name(row.family, row.measure, row.table, row.by, row.key),
}
"""The columns of the judged table by which an expectation picks its rows."""


def _picked(family: str, measure: str, table: str, by: str | None, key: str | None = None) -> tuple[str, str]:
    """The column to pick rows by, and the name to pick."""
    column = "any_breakdown" if by == ANY else "number" if key is None else "one_row"
    return column, number_name(family, measure, table, by, key)


def bounded_columns(suite: ExpectationSuite, checks: Sequence[Check]) -> dict[str, tuple[str, str, str]]:
    """The columns of the judged table that bounds limit: the column and the name to pick rows by, and what of them.

    Args:
        suite: The suite, whose marks say what each bound limits.
        checks: The checks it speaks for.
    """
    named = {check.name: check for check in checks}
    found = {}
    for one in suite.expectations:
        mark = mark_of(one)
        if mark.get("of") in NUMBERS and "measure" in mark and hasattr(one, "column"):
            check = named[mark["check"]]
            rows = _picked(check.family, mark["measure"], check.table, mark.get("by"), mark.get("key"))
            found[one.column] = (*rows, mark["of"])
    return found


def suite_for(dataset: str, checks: Sequence[Check]) -> ExpectationSuite:
    """The suite that judges the checks: bounds check by check, then the proofs of each table."""
    import great_expectations as gx

    bounds = [_limit(check, bound) for check in checks for bound in check.bounds]
    return gx.ExpectationSuite(name=dataset, expectations=[*bounds, *_proofs(checks)])


def completed(edited: ExpectationSuite, checks: Sequence[Check]) -> ExpectationSuite:
    """A suite that a user edited, with what it must not lack put back.

    That is every proof, and the bounds of each check that it bounds in no way: of a check that the spec has gained
    since, or whose expectation was taken out. The spec turns a check off, not a gap in the suite.
    """
    import great_expectations as gx

    kept = [one for one in edited.expectations if mark_of(one).get("role") not in PROOFS]
    bounded = {mark_of(one)["check"] for one in kept if mark_of(one).get("role") != "relief"}
    unbounded = [
        _limit(check, bound) for check in checks if check.name not in bounded for bound in check.bounds
    ]
    return gx.ExpectationSuite(
        name=edited.name,
        expectations=[*kept, *unbounded, *_proofs(checks)],
        meta=edited.meta,
        notes=edited.notes,
    )


def mark_of(expectation: Any) -> dict[str, Any]:
    """Which check an expectation speaks for, or which table's, and how; empty for one that speaks for none."""
    meta = expectation.meta or {}
    mark: dict[str, Any] = meta.get(META) or {}
    return mark


def names_of(check: Check) -> Iterator[tuple[str, str]]:
    """The columns of the judged table and the names in them by which the rows of a check are picked."""
    for key in check.keys or (None,):
        yield _picked(check.family, check.measure, check.table, check.by, key)


def names_asked(checks: Sequence[Check]) -> dict[tuple[str, str], list[str]]:
    """For each table and column to pick by, the names of which there must be rows."""
    asked: dict[tuple[str, str], set[str]] = {}
    for check in checks:
        for column, name in names_of(check):
            asked.setdefault((check.table, column), set()).add(name)
    return {where: sorted(names) for where, names in sorted(asked.items())}


def status_column(table: str, column: str) -> str:
    """The column that holds the status of the rows that a table's checks are about, null in all other rows."""
    return f"status of {table} by {column}"


def _proofs(checks: Sequence[Check]) -> Iterator[Any]:
    """Two for each table and column to pick by: an expectation each would cost more than the bounds do."""
    import great_expectations.expectations as gxe

    for (table, column), names in names_asked(checks).items():
        yield gxe.ExpectColumnDistinctValuesToContainSet(
            column=column, value_set=names, severity="critical", meta=_proof(table, "present")
        )
        yield gxe.ExpectColumnValuesToBeInSet(
            column=status_column(table, column),
            value_set=["ok"],
            severity="critical",
            meta=_proof(table, "evidence"),
        )


def _proof(table: str, role: str) -> dict[str, Any]:
    return {META: {"table": table, "role": role}}


def _limit(check: Check, bound: Bound) -> Any:
    """The bound on the rows that are settled: one of too few units is told, not judged."""
    import great_expectations.expectations as gxe

    named = {"measure": bound.measure, "by": bound.by, "key": bound.key, "of": bound.column}
    rows = _picked(check.family, bound.measure, check.table, bound.by, bound.key)[1]
    return gxe.ExpectColumnValuesToBeBetween(
        column=f"{bound.column} of {rows}",
        min_value=bound.at_least,
        max_value=bound.at_most,
        severity=_GX_SEVERITY[bound.severity],
        meta=_mark(check, bound.severity, **named),
    )


def _mark(check: Check, role: str, **more: str | None) -> dict[str, Any]:
    return {META: {"check": check.name, "role": role} | {name: said for name, said in more.items() if said}}
