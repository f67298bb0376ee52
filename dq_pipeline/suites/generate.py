"""Checks become a Great Expectations suite over the measures table.

Each bound is one expectation. Because Great Expectations passes a bound over no row and over a null, each
check also has two proofs: that its rows are there, and that they are defined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from great_expectations import ExpectationSuite

    from dq_pipeline.families.check import Bound, Check

META = "dq_pipeline"
"""The key of an expectation's `meta` that says which check it speaks for, and in which role."""

_GX_SEVERITY = {"block": "critical", "warn": "warning", "relief": "info"}


def number_name(family: str, measure: str, table: str, by: str | None) -> str:
    """The name of a measure's rows in the judged table: `agreement.specific_agreement.annotations/label`."""
    return f"{family}.{measure}.{table}" + (f"/{by}" if by else "")


def suite_for(dataset: str, checks: Sequence[Check]) -> ExpectationSuite:
    """The suite that judges the checks: proofs, then bounds, check by check."""
    import great_expectations as gx

    expectations = [
        one
        for check in checks
        for one in (*_proofs(check), *(_limit(check, bound) for bound in check.bounds))
    ]
    return gx.ExpectationSuite(name=dataset, expectations=expectations)


def with_proofs(edited: ExpectationSuite, checks: Sequence[Check]) -> ExpectationSuite:
    """A suite that a user edited, with every proof that it lost put back."""
    import great_expectations as gx

    marks = [mark_of(expectation) for expectation in edited.expectations]
    kept = {(mark["check"], mark["role"]) for mark in marks if mark}
    lost = [
        proof
        for check in checks
        for proof in _proofs(check)
        if (check.name, mark_of(proof)["role"]) not in kept
    ]
    return gx.ExpectationSuite(
        name=edited.name, expectations=[*edited.expectations, *lost], meta=edited.meta, notes=edited.notes
    )


def mark_of(expectation: Any) -> dict[str, Any]:
    """Which check an expectation speaks for, and how; empty for one of the user's own."""
    meta = expectation.meta or {}
    mark: dict[str, Any] = meta.get(META) or {}
    return mark


def _proofs(check: Check) -> Iterable[Any]:
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    number = number_name(check.family, check.measure, check.table, check.by)
    yield gxe.ExpectColumnDistinctValuesToContainSet(
        column="number", value_set=[number], severity="critical", meta=_mark(check, "present")
    )
    yield gxe.ExpectColumnValuesToBeInSet(
        column="status",
        value_set=["ok"],
        row_condition=Column("number") == number,
        severity="critical",
        meta=_mark(check, "evidence"),
    )


def _limit(check: Check, bound: Bound) -> Any:
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    return gxe.ExpectColumnValuesToBeBetween(
        column=bound.column,
        min_value=bound.at_least,
        max_value=bound.at_most,
        row_condition=Column("number") == number_name(check.family, bound.measure, check.table, bound.by),
        severity=_GX_SEVERITY[bound.severity],
        meta=_mark(check, bound.severity, measure=bound.measure, by=bound.by),
    )


def _mark(check: Check, role: str, **more: str | None) -> dict[str, Any]:
    return {META: {"check": check.name, "role": role, **more}}
