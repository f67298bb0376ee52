"""Sources by how many rows they have and how many of these have a label: exact where there are too many to list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dq_pipeline.counts import coding
from dq_pipeline.counts.additive import Additive
from dq_pipeline.counts.contingency import Contingency
from dq_pipeline.counts.frames import frame_of
from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Source
    from dq_pipeline.counts.cells import Cells
    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Profile:
    """How the values of one dimension divide those of another.

    Attributes:
        rows: Rows that have the second dimension; of items with several labels, all items.
        shape: Different values of both, a missing one of the first among them.
        phi_squared: Chi-square / rows of their cross-table; of items with several labels it means nothing.
        outcomes: The second dimension's value -> (rows, rows with the value, how many of the first's values are like this),
            int64 [P] each; of at most coding.VALUES values, the most frequent.
    """

    rows: int
    shape: tuple[int, int]
    phi_squared: float
    outcomes: dict[str, tuple[Ints, Ints, Ints]]


@dataclass(frozen=True)
class Profiles(Additive):
    """Count how the values of `by` divide those of `of`, where there are more of them than Contingency lists.

    Sources alike in their rows and in those with a label are alike in all that depends on the label alone, so they are
    counted together: there are at most about (3 n)^(2/3) / 2 such kinds among n rows.

    Attributes:
        table: "items", "annotations" or "training_set".
        by: A dimension with many values.
        of: Another; rows without it are left out.
    """

    table: str
    by: str
    of: str

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Profiles]) -> list[Profile | None]:
        """None for dimensions whose values Contingency lists all."""
        seen = _distinct(tables, requests)
        return [
            _count(tables, request)
            if max(seen[_rows_of(tables, request)][dim] for dim in (request.by, request.of)) > coding.VALUES
            else None
            for request in requests
        ]

    @property
    def source(self) -> Source | None:
        """Annotations or items."""
        return cast("Source", self.table) if self.table in {"annotations", "items"} else None

    def sums(self, tables: Tables) -> tuple[Contingency]:  # noqa: ARG002 - as Additive has it
        """The cross-table: where that of the whole lists all values, there is no profile."""
        return (Contingency(self.table, (self.by, self.of)),)

    def told(self, tables: Tables, *states: Cells) -> None:
        """None, as all values are listed."""


def _rows_of(tables: Tables, request: Profiles) -> tuple[str, bool]:
    """The rows that a request is about: its table, and whether each of a row's labels counts."""
    several = tables.spec.labels.separator is not None and request.table != "annotations"
    return request.table, several and "label" in (request.by, request.of)


def _distinct(tables: Tables, requests: Sequence[Profiles]) -> dict[tuple[str, bool], dict[str, int]]:
    """How many different values the dimensions have, one scan of each kind of rows."""
    asked: dict[tuple[str, bool], dict[str, None]] = {}
    for request in requests:
        asked.setdefault(_rows_of(tables, request), {}).update(dict.fromkeys((request.by, request.of)))
    seen = {}
    for (table, by_label), dims in asked.items():
        with engine_errors(table):
            seen[table, by_label] = frame_of(tables, table, by_label=by_label).distinct(tuple(dims))
    return seen


def _count(tables: Tables, request: Profiles) -> Profile:
    dims = (request.by, request.of)
    with engine_errors(request.table):
        frame = frame_of(tables, request.table, by_label="label" in dims)
        rows = frame.plain(dims).drop_null([request.of])
        several = "label" in dims and tables.spec.labels.separator is not None
        every = frame_of(tables, request.table, by_label=False).plain((request.by,)) if several else rows
        return _profile(rows, every, request)


def _profile(rows: Any, every: Any, request: Profiles) -> Profile:
    """The profile of rows with both dimensions, among all rows that a value of the first has."""
    cells = rows.group_by(by=_there(rows[request.by]), of=rows[request.of]).agg(n=rows.count())
    firsts = every.group_by(by=_there(every[request.by])).agg(total=every.count())
    crossed = cells.join(firsts, "by").mutate(common=lambda joined: joined.n.sum().over(group_by=joined.of))
    totals = firsts.group_by("total").agg(alike=firsts.count()).to_pyarrow()
    alike = dict(zip(totals["total"].to_pylist(), totals["alike"].to_pylist(), strict=True))
    with crossed.cache() as kept:
        parts = kept.n.cast("float64") / kept.total * (kept.n.cast("float64") / kept.common)
        squares = kept.agg(phi=parts.sum()).to_pyarrow()["phi"][0].as_py()
        seconds = kept.group_by("of").agg(common=kept.common.max())
        listed = seconds.order_by(seconds.common.desc(), seconds["of"]).limit(coding.VALUES)
        frequent = kept.semi_join(listed, "of")
        kinds = frequent.group_by("of", "total", "n").agg(alike=frequent.count()).to_pyarrow()
        distinct = int(seconds.count().execute())
    total = sum(rows * times for rows, times in alike.items())
    return Profile(
        total, (sum(alike.values()), distinct), (squares or 1.0) - 1, _outcomes(kinds.to_pylist(), alike)
    )


def _there(column: Any) -> Any:
    """A column whose missing values are joined and grouped like any other."""
    import ibis

    return ibis.ifelse(column.isnull(), "missing", ibis.literal("value ") + column.cast("string"))


def _outcomes(kinds: list[dict[str, Any]], every: dict[int, int]) -> dict[str, tuple[Ints, Ints, Ints]]:
    """The kinds of each outcome, with those that have no row of it."""
    made: dict[str, list[tuple[int, int, int]]] = {}
    for one in kinds:
        made.setdefault(one["of"], []).append((one["total"], one["n"], one["alike"]))
    outcomes = {}
    for value, rows in made.items():
        left = dict(every)
        for total, _, alike in rows:
            left[total] -= alike
        rows += [(total, 0, alike) for total, alike in left.items() if alike]
        columns = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
        first, second, third = columns
        outcomes[value] = first, second, third
    return outcomes
