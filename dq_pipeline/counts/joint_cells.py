"""The rows of parts of tables by all conditions at once: what every comparison of conditions follows from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.additive import Additive
from dq_pipeline.counts.cells import Cells
from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.counts.additive import Signed, Source
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables

MOST_CELLS = 1 << 16
"""Cells of all conditions of a group of files that are kept."""


@dataclass(frozen=True)
class Part:
    """A table, or the part of its rows on one side of the split."""

    table: str
    split: str | None = None


@dataclass(frozen=True)
class JointCells(Additive):
    """Count the items by all conditions at once.

    Attributes:
        parts: Parts of the items.
        conditions: The conditions.
    """

    beside = False

    parts: tuple[Part, ...]
    conditions: tuple[str, ...]

    @property
    def cut_by(self) -> tuple[str, ...]:
        """The conditions."""
        return self.conditions

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[JointCells]) -> list[tuple[Cells, ...] | None]:
        """One grouped query a request; cells of each part, or None of more cells than may be kept."""
        with engine_errors("items"):
            return [_cells(tables, request) for request in requests]

    @property
    def source(self) -> Source:
        """Items."""
        return "items"

    def added(self, spec: Spec, states: Sequence[Signed]) -> tuple[Cells, ...] | None:  # noqa: ARG002 - as Additive has it
        """The cells of all parts."""
        made = [
            Cells.added([(sign, cells[place]) for sign, cells in states]) for place in range(len(self.parts))
        ]
        told = tuple(one for one in made if one is not None)
        return told if sum(len(one.counts) for one in told) <= MOST_CELLS * len(self.parts) else None


def _cells(tables: Tables, request: JointCells) -> tuple[Cells, ...] | None:
    """The cells of each part of the items; None of more than MOST_CELLS."""
    names = {condition: f"c{place}" for place, condition in enumerate(request.conditions)}
    rows = joint_cells(tables, request.parts, names).limit(MOST_CELLS + 1).to_pyarrow()
    if len(rows) > MOST_CELLS:
        return None
    texts = rows.select(list(names.values())).rename_columns(list(names))
    made = []
    for place in range(len(request.parts)):
        counts = rows[f"p{place}"].to_numpy().astype(np.int64)
        there = counts > 0
        made.append(Cells.of_texts(texts.filter(there), counts[there]))
    return tuple(made)


def joint_cells(tables: Tables, parts: tuple[Part, ...], names: dict[str, str]) -> Any:
    """The rows of each part, `p0` and so on, by all conditions at once."""
    sides = [rows_of(tables, table, parts, names) for table in dict.fromkeys(part.table for part in parts)]
    return grouped_by_all(sides, parts, names)


def grouped_by_all(sides: Sequence[Any], parts: tuple[Part, ...], names: dict[str, str]) -> Any:
    """The rows of each part of several sides, of which each has a row of `rows_of` or a sum of such, by all conditions."""
    import ibis

    both = sides[0] if len(sides) == 1 else ibis.union(*sides)
    return both.group_by(*names.values()).agg(
        **{f"p{place}": both[f"p{place}"].sum().cast("int64") for place in range(len(parts))}
    )


def rows_of(tables: Tables, table: str, parts: tuple[Part, ...], names: dict[str, str]) -> Any:
    """The rows of one table that are of a part, with 1 for each part that they are of."""
    import ibis

    frame = tables[table].expr
    splits = {part.split for part in parts if part.table == table}
    if None not in splits:
        frame = frame.filter(frame.split.isin(sorted(split for split in splits if split is not None)))
    counted = {}
    for place, part in enumerate(parts):
        if part.table != table or part.split is None:
            counted[f"p{place}"] = ibis.literal(int(part.table == table))
        else:
            counted[f"p{place}"] = ibis.ifelse(frame.split == part.split, 1, 0)
    return frame.select(
        **{name: frame[condition] for condition, name in names.items()},
        **{name: one.cast("int64") for name, one in counted.items()},
    )
