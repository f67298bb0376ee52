"""What an executor found about one rule, before its ids are sampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis

    from dq_pipeline.contracts.result import Status
    from dq_pipeline.contracts.rules import Rule


@dataclass(frozen=True)
class Finding:
    """A rule's verdict and the failing rows as a query that has not run yet.

    Attributes:
        rule: The rule.
        status: Its verdict.
        failing: Rows that break it; None where it is not about rows or was not run.
        checked: Rows it was asked of.
        rows: The failing rows' id columns as text, lazy; None when there are none to show.
        reason: Why, where no row can show it.
    """

    rule: Rule
    status: Status
    failing: int | None = None
    checked: int = 0
    rows: ibis.Table | None = None
    reason: str = ""


def about_columns(rule: Rule, present: Sequence[str], rows: int) -> Finding | None:
    """Judge a rule that the column names alone decide; None for any other rule.

    Args:
        rule: The rule.
        present: The table's columns, in order.
        rows: Rows of the table.
    """
    if rule.kind == "present":
        missing = [name for name in rule.columns if name not in present]
        reason = (
            f"there is no column {', '.join(missing)}; the table has {', '.join(present)}" if missing else ""
        )
    elif rule.kind == "extra":
        extra = [name for name in present if name not in rule.component]
        reason = f"the schema is strict and does not know {', '.join(extra)}" if extra else ""
    elif rule.kind == "order":
        found = [name for name in present if name in rule.component]
        wanted = list(rule.component)
        reason = f"columns stand as {', '.join(found)}, not {', '.join(wanted)}" if found != wanted else ""
    else:
        return None
    return Finding(rule, "failed" if reason else "passed", checked=rows, reason=reason)


def ids_as_text(table: ibis.Table, ids: Sequence[str]) -> ibis.Table | None:
    """The id columns as text, the only values of a row that may leave; None when the table has none of them.

    An id column that the table lacks is null in every row.
    """
    import ibis

    if not any(name in table.columns for name in ids):
        return None
    return table.select(
        **{name: table[name].cast("string") if name in table.columns else ibis.null("string") for name in ids}
    )
