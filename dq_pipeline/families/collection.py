"""The collection plan: the fewest rows to collect that close the gaps, each line with its reasons.

A row may close several gaps at once: rain at night serves a lack of rain and a lack of night. That is a covering problem
in whole numbers; a greedy cover takes, again and again, the cell that serves most gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.families.cells import cell_of
from dq_pipeline.families.gap import what
from dq_pipeline.families.handout import Handout
from dq_pipeline.families.verdict import number_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dq_pipeline.families.gap import Gap
    from dq_pipeline.measures.estimate import Measure

Value = tuple[str, str]
"""A dimension and its value."""
Cell = frozenset[Value]
Seen = dict[Value, set[Value]]
"""The values that each was seen together with."""
COUNTS = frozenset({"training_count", "validation_count", "production_count", "cell_count"})
"""The measures that count the rows of a cell."""
JOINED = 400
"""Gaps among which cells are sought that serve several; those with fewer rows get a line each."""
STARTS = 10
"""Gaps from which a joint cell is tried to be built each time."""
ROUNDS = 50
"""Rounds in which the rows of a plan may call for more, since they make every other share smaller."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the plan.

    Attributes:
        rows: How many rows to collect.
        cell: Dimension -> value, of which they must be.
        where: The condition in SQL that they must meet, of an edge case.
        split: The part that they are for.
        reasons: Why.
        gaps: How many gaps they serve.
        production_share: How often production has such rows, where that was counted.
    """

    rows: int
    cell: Mapping[str, str]
    where: str | None
    split: str
    reasons: tuple[str, ...]
    gaps: int
    production_share: float | None = None

    @property
    def words(self) -> str:
        """The line as a person reads it."""
        return f"Collect {number_of(self.rows, 'rows')} of {what(self.cell, self.where)} for {self.split}."

    def as_dict(self) -> dict[str, Any]:
        """The line as collect.json has it."""
        return {
            "rows": self.rows,
            "cell": dict(self.cell),
            "where": self.where,
            "split": self.split,
            "gaps": self.gaps,
            "production_share": self.production_share,
            "reasons": list(self.reasons),
            "what": self.words,
        }


def collection_plan(gaps: Sequence[Gap], measures: Sequence[Measure]) -> tuple[Line, ...]:
    """The plan that closes the gaps, its longest lines first.

    Args:
        gaps: What the families lack.
        measures: All numbers of the audit: they say which values were seen together, and how often production has a cell.
    """
    seen, shares = _seen_together(measures), _production_shares(measures)
    lines = []
    for split in dict.fromkeys(gap.split for gap in gaps):
        lines += _of_part([gap for gap in gaps if gap.split == split], seen, shares)
    return tuple(sorted(lines, key=lambda line: -line.rows))


def _of_part(gaps: Sequence[Gap], seen: Seen, shares: Mapping[Cell, float]) -> list[Line]:
    """The plan of one part: what it adds makes every other share smaller, so that it may call for more."""
    fitting = _fitting(gaps)
    added, drawn = 0, _cover([gap.wanted(0) for gap in gaps], gaps, fitting, seen)
    for _ in range(ROUNDS):
        total = sum(rows for rows, _, _ in drawn)
        if total <= added:
            break
        added = total
        drawn = _cover([gap.wanted(added) for gap in gaps], gaps, fitting, seen)
    merged: dict[tuple[Cell, str | None], list[Any]] = {}
    for rows, joint, served in drawn:
        line = merged.setdefault((frozenset(joint.cell.items()), joint.where), [0, joint, {}])
        line[0] += rows
        line[2] |= dict.fromkeys(served)
    made = []
    for (cell, _), (rows, joint, served) in merged.items():
        reasons = tuple(dict.fromkeys(gaps[place].reason for place in served))
        share = shares.get(cell) if joint.where is None else None
        made.append(Line(rows, joint.cell, joint.where, gaps[0].split, reasons, len(served), share))
    return made


@dataclass(frozen=True, slots=True)
class _Joint:
    """A cell that several gaps can be served by."""

    cell: Mapping[str, str]
    where: str | None

    def with_gap(self, gap: Gap, seen: Seen) -> _Joint | None:
        """The cell within both, of a gap that fits the others; None where nothing says that such items exist."""
        inside, around = self.cell.items() <= gap.cell.items(), gap.cell.items() <= self.cell.items()
        if gap.where is not None and gap.where != self.where:
            return _Joint(gap.cell, gap.where) if self.where is None and inside else None
        if self.where is not None and gap.where is None and not around:
            return None
        new, others = gap.cell.items() - self.cell.items(), self.cell.items() - gap.cell.items()
        if others and not all(others <= seen.get(one, frozenset()) for one in new):
            return None
        return _Joint({**self.cell, **gap.cell}, self.where)


Drawn = list[tuple[int, _Joint, list[int]]]


def _fitting(gaps: Sequence[Gap]) -> list[int]:
    """For each gap, as bits, the places of those that the same rows may serve: no dimension has another value in them."""
    having: dict[str, int] = {}
    of_value: dict[tuple[str, str], int] = {}
    for place, gap in enumerate(gaps):
        for dim, value in gap.cell.items():
            having[dim] = having.get(dim, 0) | 1 << place
            of_value[dim, value] = of_value.get((dim, value), 0) | 1 << place
    made = []
    for gap in gaps:
        fit = (1 << len(gaps)) - 1
        for dim, value in gap.cell.items():
            fit &= ~having[dim] | of_value[dim, value]
        made.append(fit)
    return made


def _cover(wanted: Sequence[int], gaps: Sequence[Gap], fitting: Sequence[int], seen: Seen) -> Drawn:
    """Rows, cell and the gaps served, drawn greedily until nothing is wanted."""
    left = {place: rows for place, rows in enumerate(wanted) if rows > 0}
    largest = sorted(left, key=lambda place: -left[place])
    drawn: Drawn = [
        (left.pop(place), _Joint(gaps[place].cell, gaps[place].where), [place]) for place in largest[JOINED:]
    ]
    there = sum(1 << place for place in left)
    while left:
        order = sorted(left, key=lambda place: (-left[place], -len(gaps[place].cell)))
        tried = [
            _join(start, order, fitting[start] & there & ~(1 << start), gaps, fitting, seen)
            for start in order[:STARTS]
        ]
        joint, served = max(tried, key=lambda one: (len(one[1]), min(left[place] for place in one[1])))
        rows = min(left[place] for place in served)
        drawn.append((rows, joint, served))
        for place in served:
            left[place] -= rows
            if not left[place]:
                del left[place]
                there &= ~(1 << place)
    return drawn


def _join(
    start: int, order: Sequence[int], fit: int, gaps: Sequence[Gap], fitting: Sequence[int], seen: Seen
) -> tuple[_Joint, list[int]]:
    joint, served = _Joint(gaps[start].cell, gaps[start].where), [start]
    for place in order:
        if not fit:
            break
        if fit >> place & 1:
            fit &= ~(1 << place)
            wider = joint.with_gap(gaps[place], seen)
            if wider is not None:
                joint = wider
                served.append(place)
                fit &= fitting[place]
    return joint, served


def _seen_together(measures: Sequence[Measure]) -> Seen:
    """Of which two values of two dimensions a row was counted: no one can collect what does not exist."""
    seen: dict[Value, set[Value]] = {}
    for row in measures:
        if row.measure in COUNTS and row.by is not None and row.by.count(",") == 1 and row.estimate.value:
            one, other = cell_of(row).items()
            seen.setdefault(one, set()).add(other)
            seen.setdefault(other, set()).add(one)
    return seen


def _production_shares(measures: Sequence[Measure]) -> dict[Cell, float]:
    return {
        frozenset(cell_of(row).items()): row.estimate.value / row.estimate.n
        for row in measures
        if row.measure == "production_count" and row.estimate.value is not None and row.estimate.n
    }


def plan_handout(lines: Sequence[Line]) -> Handout:
    """The plan as collect.csv: a column a dimension, so that it can be sorted and handed out."""
    dims = tuple(dict.fromkeys(dim for line in lines for dim in line.cell))
    columns = ("rows", "split", *dims, "where", "gaps", "production_share", "reason")
    rows = tuple(
        (
            line.rows,
            line.split,
            *(line.cell.get(dim) for dim in dims),
            line.where,
            line.gaps,
            line.production_share,
            "; ".join(line.reasons),
        )
        for line in lines
    )
    return Handout("collect.csv", columns, rows)
