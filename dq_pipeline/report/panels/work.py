"""The work that an audit hands out: items to relabel, rows to collect, failing rows; the first of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.report.model import Panel, Table
from dq_pipeline.report.panels.rows import table

if TYPE_CHECKING:
    from dq_pipeline.report.subject import Subject

FIRST = ("relabel.csv", "collect.csv")
"""What stands first."""


def lists(subject: Subject) -> list[Panel]:
    """A table a CSV in the folder."""
    counted = {one.file: one for one in subject.handouts if one.rows}
    panels = []
    for file in sorted(subject.files, key=lambda one: (one.name not in FIRST, one.name)):
        handout = counted.get(file.name)
        if handout is not None:
            says = f"{len(handout.rows):,} rows."
            shown = table(handout.columns, handout.rows, file.name)
        elif file.headings:
            says = f"{len(file.rows):,} rows." if file.whole else "The first rows."
            shown = Table(file.headings, file.rows, 0 if file.whole else None, file.name)
        else:
            continue
        title = file.name.removesuffix(".csv").replace("_", " ").capitalize()
        panels.append(Panel(f"work-{file.name}", title, says, "", shown))
    return panels
