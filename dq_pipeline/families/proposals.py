"""The next edge cases, proposed: what production has and training hardly, and where annotators agree least.

Information, not a check: somebody who knows the data takes them into the registry, or does not.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq_pipeline.families.cells import cell_in_words, cell_of
from dq_pipeline.families.dimensions import condition_names
from dq_pipeline.families.handout import Handout
from dq_pipeline.families.verdict import shown
from dq_pipeline.measures.keys import MISSING
from dq_pipeline.spec.edge_case import VALIDATION
from dq_pipeline.spec.predicate import fixed_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.spec import Spec

MOST = 20
"""Proposals of each kind: more are not read."""
ROWS = 100
"""Training rows to ask for."""
THIN = 30
"""Training rows below which a cell that production has is proposed."""
DOUBTFUL = 0.667
"""Agreement below which a cell is proposed, and votes that it must rest on (Krippendorff 2004)."""
VOTES = 30
NUMBER = r"-?[\d.]+(?:e[-+]?\d+)?"
BETWEEN, BEYOND = re.compile(rf"\[({NUMBER}), ({NUMBER})\)"), re.compile(rf"(<|>=) ({NUMBER})")
"""How bins are named."""
COUNTED = ("training_count", "production_count")


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edge case to take into the registry.

    Attributes:
        name: Its name.
        where: Its condition in SQL.
        reason: Why it is proposed, with the numbers.
    """

    name: str
    where: str
    reason: str

    def as_dict(self) -> dict[str, str | int]:
        """The proposal as `edge_cases` of a spec takes it."""
        return {
            "name": self.name,
            "where": self.where,
            "train": ROWS,
            "validation": VALIDATION,
            "reason": self.reason,
        }


def proposals(spec: Spec, measures: Sequence[Measure]) -> tuple[Proposal, ...]:
    """Edge cases that the registry lacks, those that production meets most often first.

    Args:
        spec: The spec, whose registry they would join.
        measures: All numbers of the audit.
    """
    columns = {c.name: c.column for c in spec.items.conditions} if spec.items else {}
    known = [fixed_values(case.predicate) for case in spec.edge_cases]
    names = {case.name for case in spec.edge_cases}
    cut = {columns[dim] for dim in _cut(spec, measures)}
    made: list[Proposal] = []
    for row, reason in [*_thin(spec, measures), *_doubtful(spec, measures)]:
        cell = {columns[dim]: value for dim, value in cell_of(row).items() if dim in columns}
        if len(cell) < len(cell_of(row)) or cell in known or MISSING in cell.values():
            continue
        known.append(cell)
        made.append(Proposal(_name(cell, names), _where(cell, cut), reason))
    return tuple(made)


def _thin(spec: Spec, measures: Sequence[Measure]) -> Iterator[tuple[Measure, str]]:
    """Cells that production has and training hardly; of cells within each other the wider one alone."""
    conditions = set(condition_names(spec))
    here = {(r.by, r.key): r.estimate for r in measures if r.measure == "training_count"}
    found = [
        row
        for row in measures
        if row.measure == "production_count"
        and set((row.by or "").split(",")) <= conditions
        and (row.estimate.value or 0) >= VALIDATION
        and (here[row.by, row.key].value or 0) < THIN
    ]
    told: list[Mapping[str, str]] = []
    for row in sorted(found, key=lambda row: ((row.by or "").count(","), -(row.estimate.value or 0))):
        cell = cell_of(row)
        if len(told) < MOST and not any(wider.items() <= cell.items() for wider in told):
            told.append(cell)
            there, rows = row.estimate, here[row.by, row.key]
            share = shown(100 * (there.value or 0) / there.n)
            production = f"{share} % of production ({int(there.value or 0):,} rows)"
            yield row, f"{production}, {int(rows.value or 0):,} of {rows.n:,} training rows"


def _doubtful(spec: Spec, measures: Sequence[Measure]) -> Iterator[tuple[Measure, str]]:
    """Cells of conditions on which annotators agree least."""
    conditions = set(condition_names(spec))
    found = [
        row
        for row in measures
        if row.measure == "krippendorff_alpha"
        and row.by is not None
        and set(row.by.split(",")) <= conditions
        and row.estimate.value is not None
        and row.estimate.value < DOUBTFUL
        and row.estimate.n >= VOTES
    ]
    for row in sorted(found, key=lambda row: row.estimate.value or 0.0)[:MOST]:
        yield row, f"alpha {shown(row.estimate.value)} over {row.estimate.n:,} items of {cell_in_words(row)}"


def _cut(spec: Spec, measures: Sequence[Measure]) -> set[str]:
    """The conditions whose values are bins: those that the spec cuts, and numbers that were cut to be compared.

    A text such as "< 5" among other texts is a text; where each value is a bin and one of them has two edges, it is one.
    """
    conditions = spec.items.conditions if spec.items else ()
    cut = {one.name for one in conditions if one.edges or one.quantiles}
    for one in conditions:
        seen = {row.key or "" for row in measures if row.by == one.name and row.measure in COUNTED} - {
            MISSING
        }
        if not one.values and all(BETWEEN.fullmatch(key) or BEYOND.fullmatch(key) for key in seen):
            cut |= {one.name} if any(BETWEEN.fullmatch(key) for key in seen) else set()
    return cut


def _where(cell: Mapping[str, str], cut: set[str]) -> str:
    return " and ".join(_part(column, value, cut) for column, value in cell.items())


def _part(name: str, value: str, cut: set[str]) -> str:
    """A value, or a bin by its name ("[0, 18)", "< 0", ">= 65"), as a condition."""
    column = _identifier(name)
    if name in cut and (between := BETWEEN.fullmatch(value)):
        return f"{column} >= {between[1]} and {column} < {between[2]}"
    if name in cut and (beyond := BEYOND.fullmatch(value)):
        return f"{column} {beyond[1]} {beyond[2]}"
    return f"{column} = '" + value.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _name(cell: Mapping[str, str], taken: set[str]) -> str:
    """A name made of the values, that nothing else has."""
    letters = unicodedata.normalize("NFKD", "_".join(cell.values())).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9]+", "_", letters).strip("_").lower()[:60] or "case"
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}_{number}"
    taken.add(name)
    return name


def proposals_handout(proposed: Sequence[Proposal]) -> Handout:
    """The proposals as edge_cases_proposed.csv."""
    columns = ("name", "where", "train", "validation", "reason")
    rows = tuple(tuple(one.as_dict()[column] for column in columns) for one in proposed)
    return Handout("edge_cases_proposed.csv", columns, rows)
