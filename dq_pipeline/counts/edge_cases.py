"""How many items each edge case has, in each part of the split and in production."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import RefusedError
from dq_pipeline.spec.predicate import columns_of
from dq_pipeline.tables import engine_errors, holds, text, with_split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.spec.edge_case import EdgeCase
    from dq_pipeline.tables import Tables

ALL = "all"
"""The part that holds every item, where no split is known."""
UNKNOWN = "unknown"
"""The part of the items whose split is missing."""


@dataclass(frozen=True)
class EdgeCaseRows:
    """Rows of each edge case.

    Attributes:
        rows: Part of the items -> its rows.
        counts: (edge case, part) -> its rows.
        production_rows: Rows of production.
        production: Edge case -> its rows in production; absent where production lacks its columns.
    """

    rows: dict[str, int]
    counts: dict[tuple[str, str], int]
    production_rows: int
    production: dict[str, int]


@dataclass(frozen=True)
class EdgeCaseCounts:
    """Count the spec's edge cases, all in one pass over the items and one over production.

    Attributes:
        split: Whether to count the parts of the split apart.
    """

    split: bool

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[EdgeCaseCounts]) -> list[EdgeCaseRows]:
        """One grouped query over the items a request, and one over production."""
        return [_count(tables, request) for request in requests]


def _count(tables: Tables, request: EdgeCaseCounts) -> EdgeCaseRows:
    cases = tables.spec.edge_cases
    with engine_errors("items"):
        flagged = _with_parts(tables, request)
        counted = flagged.group_by("split").agg(**_sums(flagged, cases)).to_pyarrow().to_pylist()
    rows: dict[str, int] = {}
    counts: dict[tuple[str, str], int] = {}
    for one in counted:
        part = one["split"] or UNKNOWN
        rows[part] = int(one["rows"])
        counts |= {(case.name, part): int(one[_flag(place)] or 0) for place, case in enumerate(cases)}
    seen, production = _of_production(tables)
    return EdgeCaseRows(rows, counts, seen, production)


def _with_parts(tables: Tables, request: EdgeCaseCounts) -> Any:
    """The items with a column a case, and the part that each is in."""
    import ibis

    items = tables["items"]
    flags = _flags(items.raw, tables.spec.edge_cases)
    if not request.split:
        return items.raw.select(split=ibis.literal(ALL), **flags)
    told = {
        role: text(items.raw[items.roles[role]]) for role in ("item", "group", "split") if role in items.roles
    }
    return with_split(items.raw.select(**told, **flags), tables.spec.training_set.split)


def _of_production(tables: Tables) -> tuple[int, dict[str, int]]:
    if "production" not in tables:
        return 0, {}
    raw = tables["production"].raw
    cases = [case for case in tables.spec.edge_cases if _answers(raw, case)]
    if not cases:
        return 0, {}
    with engine_errors("production"):
        flagged = raw.select(**_flags(raw, cases))
        one = flagged.agg(**_sums(flagged, cases)).to_pyarrow().to_pylist()[0]
    return int(one["rows"]), {case.name: int(one[_flag(place)] or 0) for place, case in enumerate(cases)}


def _answers(raw: Any, case: EdgeCase) -> bool:
    """Whether production has the columns that the edge case asks of, with values that they can have."""
    if not set(columns_of(case.predicate)) <= set(raw.columns):
        return False
    try:
        holds(raw, case.predicate)
    except RefusedError:
        return False
    return True


def _flag(place: int) -> str:
    return f"case_{place}"


def _flags(raw: Any, cases: Sequence[EdgeCase]) -> dict[str, Any]:
    return {
        _flag(place): holds(raw, case.predicate).fill_null(False).cast("int64")
        for place, case in enumerate(cases)
    }


def _sums(flagged: Any, cases: Sequence[EdgeCase]) -> dict[str, Any]:
    return {"rows": flagged.count()} | {
        _flag(place): flagged[_flag(place)].sum().cast("int64") for place in range(len(cases))
    }
