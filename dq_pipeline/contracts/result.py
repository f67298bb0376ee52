"""What a validation says: one result a rule, and the way to every failing row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dq_pipeline.contracts.failing_rows import write_ids
from dq_pipeline.families.verdict import number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import ibis

Status = Literal["passed", "failed", "not_run"]
"""A rule that could not be judged is "not_run", and never counts as passed."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule of a schema, judged.

    Attributes:
        rule: Name of the rule: "not_null", "unique", "dtype", "isin", "column_in_dataframe" ...
        column: The column it is about, several joined by ","; None for a rule about the whole table.
        status: "passed", "failed" or "not_run".
        severity: "block", or "warn" where the schema's check says `raise_warning=True`.
        failing: Rows that break it, exact; None where the rule is not about rows or was not run.
        checked: Rows it was asked of: those whose value is not null, for a check that ignores nulls.
        ids: Up to `limit` ids of failing rows, smallest first, each as text, one entry an id column.
        reason: What is wrong where no row can show it, or why the rule was not run; never a value of a row.
        bound: The rule's own arguments as the schema states them, such as "min_value=0"; "" when it has none.
    """

    rule: str
    column: str | None
    status: Status
    severity: Literal["block", "warn"] = "block"
    failing: int | None = None
    checked: int = 0
    ids: tuple[tuple[str | None, ...], ...] = ()
    reason: str = ""
    bound: str = ""

    @property
    def sentence(self) -> str:
        """One sentence with the numbers in it."""
        subject = f"column {self.column}" if self.column else "the table"
        rule = f"{self.rule}({self.bound})" if self.bound else self.rule
        if self.status == "not_run":
            return f"{rule} on {subject} was not judged: {self.reason}."
        if self.status == "passed":
            return f"{rule} on {subject} holds for {number_of(self.checked, 'rows')}."
        if self.failing is None:
            return f"{rule} on {subject} fails: {self.reason}."
        broken = {
            "not_null": f"have no {self.column}",
            "unique": f"share their {self.column} with another row",
        }.get(self.rule, f"break {rule} on {subject}")
        return f"{self.rows_that(broken)}."

    def rows_that(self, broken: str) -> str:
        """How many rows break it, and how.

        Args:
            broken: What they do, as of several rows.

        >>> RuleResult("not_null", "label", "failed", failing=1, checked=1).rows_that("have no label")
        '1 of 1 row has no label'
        """
        if self.failing == 1:
            verb, _, rest = broken.replace(" their ", " its ").partition(" ")
            broken = f"{'has' if verb == 'have' else verb + 's'} {rest}"
        return f"{self.failing or 0:,} of {number_of(self.checked, 'rows')} {broken}"


@dataclass(frozen=True)
class ContractResult:
    """All rules of one schema over one table.

    Attributes:
        rules: One result a rule, in the schema's order.
        rows: Rows of the table.
        id_columns: What the entries of each id are.
        executor: Who judged: "native" or "fused".
    """

    rules: tuple[RuleResult, ...]
    rows: int
    id_columns: tuple[str, ...]
    executor: Literal["native", "fused"]
    _failing: Mapping[tuple[str, str | None], ibis.Table] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """Rules that did not pass, of either severity."""
        return tuple(rule for rule in self.rules if rule.status != "passed")

    @property
    def passed(self) -> bool:
        """True when no rule of severity "block" failed or was left unjudged."""
        return not any(rule.severity == "block" for rule in self.failed)

    def with_ids(
        self, column: str, told: Callable[[str], str], told_all: Callable[[Any], Any]
    ) -> ContractResult:
        """The same with an id column in other words.

        Args:
            column: One of `id_columns`.
            told: Gives the words of one id.
            told_all: Gives those of a column of an Ibis table.
        """
        at = self.id_columns.index(column)
        rules = tuple(
            replace(
                rule,
                ids=tuple(
                    tuple(
                        told(one) if place == at and one is not None else one for place, one in enumerate(row)
                    )
                    for row in rule.ids
                ),
            )
            for rule in self.rules
        )
        failing = {
            rule: rows.mutate(**{column: told_all(rows[column])}) for rule, rows in self._failing.items()
        }
        return replace(self, rules=rules, _failing=failing)

    def write_failing_rows(self, path: str | Path) -> int:
        """Write every failing row of every failed rule to a CSV: its ids, the rule, the column; nothing else.

        Args:
            path: Where the CSV goes.

        Returns:
            Rows written; a row that breaks two rules stands there twice.
        """
        parts = [(rule, column, rows) for (rule, column), rows in self._failing.items()]
        return write_ids(Path(path), self.id_columns, parts)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        return {
            "passed": self.passed,
            "rows": self.rows,
            "executor": self.executor,
            "rules": [
                {
                    "rule": rule.rule,
                    "column": rule.column,
                    "status": rule.status,
                    "severity": rule.severity,
                    "failing": rule.failing,
                    "checked": rule.checked,
                    "ids": [dict(zip(self.id_columns, values, strict=True)) for values in rule.ids],
                    "sentence": rule.sentence,
                }
                for rule in self.rules
            ],
        }
