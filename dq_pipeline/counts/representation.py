"""How often each combination of conditions comes in one table and in another, every pair of conditions in one pass."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.additive import Additive
from dq_pipeline.counts.joint_cells import JointCells, Part, grouped_by_all, joint_cells, rows_of
from dq_pipeline.tables import engine_errors, number
from dq_pipeline.tables.bins import binned, quantile_edges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Source
    from dq_pipeline.counts.cells import Cells
    from dq_pipeline.spec.condition import Condition
    from dq_pipeline.tables import Tables


MANY = 50
"""Values of a numeric condition up to which each is a value of its own."""
RANGES = 10
"""Ranges into which one with more values is cut."""


@dataclass(frozen=True)
class Compared:
    """The cells of one combination of conditions, and what is known of those that are too rare to be listed.

    Of one condition every value is listed, of several the cells that hold at least `floor` rows of the target.

    Attributes:
        dims: The conditions, D of them.
        keys: One tuple of D values per cell; a missing value is None.
        reference: int64 [C], rows of the reference in each cell.
        target: int64 [C], rows of the target in each cell.
        reference_rows: Rows of the reference.
        target_rows: Rows of the target.
        floor: Rows of the target that make up the least share.
        uncovered: Rows of the target in cells of which the reference has fewer than the least rows, listed or not.
        unseen: Rows of the target in cells that the reference lacks, listed or not.
    """

    dims: tuple[str, ...]
    keys: tuple[tuple[str | None, ...], ...]
    reference: NDArray[np.int64]
    target: NDArray[np.int64]
    reference_rows: int
    target_rows: int
    floor: int
    uncovered: int
    unseen: int


@dataclass(frozen=True)
class Representation(Additive):
    """Compare two tables in every combination of up to `ways` conditions.

    The combinations that could be are never listed: the engine groups those that are there, and of several conditions only
    the cells that hold `min_share` of the target leave it, at most 1 / min_share a combination; the others are summed up
    where they lie. A condition that is not declared and has more than MANY values, all of them numbers, is cut into RANGES
    ranges that hold as many items each; texts that stand for a missing value are missing.

    Attributes:
        reference: What is judged.
        target: What it is compared with.
        conditions: The conditions to cross.
        ways: How many conditions a cell crosses at most.
        min_share: Least share of the target for a cell to be listed.
        min_rows: Fewest rows of the reference for a cell to be covered.
    """

    reference: Part
    target: Part
    conditions: tuple[str, ...]
    ways: int
    min_share: float
    min_rows: int

    @property
    def combinations(self) -> tuple[tuple[str, ...], ...]:
        """The combinations of conditions, those of one condition first."""
        ways = range(1, min(self.ways, len(self.conditions)) + 1)
        return tuple(dims for way in ways for dims in combinations(self.conditions, way))

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Representation]) -> list[list[Compared]]:
        """One pass over the tables for all requests of the same conditions; from its cells each request's combinations."""
        found: dict[Representation, list[Compared]] = {}
        for conditions in dict.fromkeys(request.conditions for request in requests):
            same = [request for request in requests if request.conditions == conditions]
            parts = tuple(dict.fromkeys(part for one in same for part in (one.reference, one.target)))
            names = {condition: f"c{place}" for place, condition in enumerate(conditions)}
            with engine_errors(" and ".join(dict.fromkeys(part.table for part in parts))):
                joint = joint_cells(tables, parts, names).cache()
                try:
                    found |= {request: _compare(tables, request, joint, parts, names) for request in same}
                finally:
                    joint.release()
        return [found[request] for request in requests]

    @property
    def source(self) -> Source | None:
        """Items; production is counted whole beside them."""
        there = {self.reference.table, self.target.table}
        return "items" if "items" in there <= {"items", "production"} else None

    @property
    def _parts(self) -> tuple[Part, ...]:
        return (self.reference, self.target)

    @property
    def _of_items(self) -> tuple[Part, ...]:
        return tuple(part for part in self._parts if part.table == "items")

    def sums(self, tables: Tables) -> tuple[JointCells]:  # noqa: ARG002 - as Additive has it
        """The cells of all conditions of the items."""
        return (JointCells(self._of_items, self.conditions),)

    def told(self, tables: Tables, *states: tuple[Cells, ...]) -> list[Compared]:
        """The combinations, from the cells of the items and the rows of production."""
        import pyarrow as pa

        names = {condition: f"c{place}" for place, condition in enumerate(self.conditions)}
        own = dict(zip(self._of_items, states[0], strict=True))
        sides = []
        for part, cells in own.items():
            keys = zip(*cells.keys, strict=True) if len(cells.counts) else [()] * len(names)
            columns = {
                name: pa.array(values, pa.string()) for name, values in zip(names.values(), keys, strict=True)
            }
            counts = {
                f"p{place}": cells.counts if one == part else np.zeros_like(cells.counts)
                for place, one in enumerate(self._parts)
            }
            sides.append(tables.keep_batches(pa.table(columns | counts).to_reader()))
        with engine_errors("items"):
            if any(part.table == "production" for part in self._parts):
                sides.append(rows_of(tables, "production", self._parts, names))
            joint = grouped_by_all(sides, self._parts, names).cache()
            try:
                return _compare(tables, self, joint, self._parts, names)
            finally:
                joint.release()


def _compare(
    tables: Tables, request: Representation, joint: Any, parts: tuple[Part, ...], names: dict[str, str]
) -> list[Compared]:
    sides = joint.select(
        *names.values(),
        reference=joint[f"p{parts.index(request.reference)}"],
        target=joint[f"p{parts.index(request.target)}"],
    )
    sides = sides.filter((sides.reference > 0) | (sides.target > 0))
    total = sides.agg(reference=sides.reference.sum(), target=sides.target.sum()).to_pyarrow().to_pylist()[0]
    totals = int(total["reference"] or 0), int(total["target"] or 0)
    floor = least_rows(request.min_share, totals[1])
    told = _in_ranges(tables, request, names, _without_hidden(tables, names, sides))
    rows = _grouped(told, request, names, floor).to_pyarrow().to_pylist()
    return _read(request, names, rows, (*totals, floor))


def least_rows(share: float, rows: int) -> int:
    """The fewest rows that are `share` of `rows`, the share taken as it is written; at least 1.

    >>> least_rows(0.005, 3000), least_rows(0.005, 3001)
    (15, 16)
    """
    return max(math.ceil(Fraction(str(share)) * rows), 1)


def _without_hidden(tables: Tables, names: dict[str, str], joint: Any) -> Any:
    """The cells, a value missing where its text stands for a missing one and is not declared."""
    import ibis

    items = tables.spec.items
    texts = sorted({text.strip().lower() for text in (items.missing_values if items else ())})
    told = {}
    for condition, name in names.items():
        declared = _condition(tables, condition).domain
        hidden = joint[name].strip().lower().isin(texts)
        hidden = hidden & ~joint[name].isin(declared) if declared else hidden
        told[name] = ibis.ifelse(hidden, ibis.null("string"), joint[name])
    return joint.mutate(**told) if texts else joint


def _condition(tables: Tables, name: str) -> Condition:
    conditions = tables.spec.items.conditions if tables.spec.items else ()
    return next(condition for condition in conditions if condition.name == name)


def _asks_for_values(condition: Condition) -> bool:
    """Whether the spec says which values a condition has."""
    return bool(condition.values or condition.edges or condition.quantiles)


def _in_ranges(tables: Tables, request: Representation, names: dict[str, str], joint: Any) -> Any:
    """The cells of all conditions, those of many numbers cut into ranges."""
    free = [name for name in request.conditions if not _asks_for_values(_condition(tables, name))]
    if not free:
        return joint
    asked: dict[str, Any] = {}
    for condition in free:
        column = joint[names[condition]]
        asked |= {
            f"{names[condition]}_values": column.nunique(),
            f"{names[condition]}_words": column.count() - number(column).count(),
        }
    found = joint.agg(**asked).to_pyarrow().to_pylist()[0]
    cut = {}
    for condition in free:
        name = names[condition]
        if found[f"{name}_values"] > MANY and found[f"{name}_words"] == 0:
            edges = quantile_edges(tables["items"].expr[condition], RANGES)
            cut[name] = binned(joint[name], edges)
    return joint.mutate(**cut) if cut else joint


def _grouped(joint: Any, request: Representation, names: dict[str, str], floor: int) -> Any:
    """Every combination's listed cells, a row each, and a row for all its others."""
    import ibis

    keys = list(names.values())
    quoted = {key: f'"{key}"' for key in keys}  # Without quotes some engines take a name for one in capitals.
    sets = ", ".join(
        "(" + ", ".join(quoted[names[dim]] for dim in dims) + ")" for dims in request.combinations
    )
    columns = ", ".join(quoted.values())
    # GROUPING of several columns at once has another name on each engine.
    absent = " + ".join(
        f"GROUPING({key}) * {1 << place}" for place, key in enumerate(reversed(quoted.values()))
    )
    cells = joint.alias("joint_cells").sql(
        f'SELECT {absent} AS "absent", {columns}, SUM("reference") AS "reference", SUM("target") AS "target" '
        f'FROM "joint_cells" GROUP BY GROUPING SETS ({sets})',
        dialect="duckdb",
    )
    alone = [_mask(request, (condition,)) for condition in request.conditions]
    listed = (cells.target >= floor) | cells.absent.isin(alone)
    shown = {key: ibis.ifelse(listed, cells[key], ibis.null("string")) for key in keys}
    told = cells.select(
        "absent",
        listed=listed,
        **shown,
        reference=cells.reference.cast("int64"),
        target=cells.target.cast("int64"),
    )
    return told.group_by("absent", "listed", *keys).agg(
        reference=told.reference.sum().cast("int64"),
        target=told.target.sum().cast("int64"),
        uncovered=ibis.ifelse(told.reference < request.min_rows, told.target, 0).sum().cast("int64"),
        unseen=ibis.ifelse(told.reference == 0, told.target, 0).sum().cast("int64"),
    )


def _mask(request: Representation, dims: tuple[str, ...]) -> int:
    """GROUPING of the rows of a combination: a bit a condition from the left, 1 where it is not grouped by."""
    last = len(request.conditions) - 1
    return sum(1 << (last - place) for place, name in enumerate(request.conditions) if name not in dims)


def _read(
    request: Representation, names: dict[str, str], rows: list[dict[str, Any]], totals: tuple[int, int, int]
) -> list[Compared]:
    by_mask: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        by_mask.setdefault(int(row["absent"]), []).append(row)
    made = []
    for dims in request.combinations:
        of_dims = by_mask.get(_mask(request, dims), [])
        cells = sorted(
            (row for row in of_dims if row["listed"]),
            key=lambda row: (-row["target"], [str(row[names[dim]]) for dim in dims]),
        )
        made.append(
            Compared(
                dims,
                tuple(tuple(row[names[dim]] for dim in dims) for row in cells),
                np.array([row["reference"] for row in cells], dtype=np.int64),
                np.array([row["target"] for row in cells], dtype=np.int64),
                *totals,
                sum(row["uncovered"] for row in of_dims),
                sum(row["unseen"] for row in of_dims),
            )
        )
    return made
