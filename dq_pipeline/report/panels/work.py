"""The work that an audit hands out: items to relabel, rows to collect, failing rows; the first of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import number_of
from dq_pipeline.report.model import Panel, Table
from dq_pipeline.report.panels.rows import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.report.model import Cell
    from dq_pipeline.report.subject import Subject

PLAN = "collect.csv"
FIRST = ("relabel.csv", PLAN)
"""What stands first."""


def lists(subject: Subject) -> list[Panel]:
    """A table a CSV in the folder."""
    counted = {one.file: one for one in subject.handouts if one.rows}
    panels = []
    for file in sorted(subject.files, key=lambda one: (one.name not in FIRST, one.name)):
        handout = counted.get(file.name)
        if handout is not None:
            says = _asked(handout.file, handout.rows)
            shown = table(handout.columns, handout.rows, file.name)
        elif file.headings:
            says = f"{number_of(len(file.rows), 'rows')}." if file.whole else "The first rows."
            shown = Table(file.headings, file.rows, 0 if file.whole else None, file.name)
        else:
            continue
        title = file.name.removesuffix(".csv").replace("_", " ").capitalize()
        panels.append(Panel(f"work-{file.name}", title, says, "", shown))
    return panels


def _asked(file: str, rows: Sequence[tuple[Cell, ...]]) -> str:
    """How many rows; of a plan, whose lines ask for several each, the rows asked for too.

    >>> _asked("collect.csv", ((60, "train"), (6, "test"))), _asked("relabel.csv", (("a",),))
    ('66 rows in 2 lines.', '1 row.')
    """
    if file != PLAN:
        return f"{number_of(len(rows), 'rows')}."
    asked = sum(int(row[0] or 0) for row in rows)
    return f"{number_of(asked, 'rows')} in {number_of(len(rows), 'lines')}."
