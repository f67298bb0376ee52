"""How many items are there twice, contradict themselves or lie on both sides of the split, and what gives the label away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import shown
from dq_pipeline.report.model import Bars, Panel
from dq_pipeline.report.panels.rows import bars, by_value, estimates, table

if TYPE_CHECKING:
    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.report.subject import Subject

FAULTS = {
    "duplicate_share": ("doubled", "items that are the same as an earlier one"),
    "near_duplicate_share": ("near-doubled", "items nearly the same as another by"),
    "contradictory_share": ("contradictory", "items that are the same as another and labelled otherwise"),
    "duplicates_across_split": ("leaked items", "items that are the same on both sides of the split"),
    "groups_across_split": ("leaked groups", "groups on both sides of the split"),
}
"""What each share counts, short and in words, in the order of a look at the data: double, contradictory, leaked."""


def faults(subject: Subject) -> list[Panel]:
    """The share of items, and of groups, with each fault side by side; nothing where there is none."""
    rows = [
        row
        for measure in FAULTS
        for row in subject.defined(measure, "content" if measure == "near_duplicate_share" else None)
    ]
    worst = max(rows, key=_value, default=None)
    if worst is None or not _value(worst):
        return []
    says = f"{_words(worst).capitalize()}: {100 * _value(worst):.3g} % of {worst.estimate.n:,}."
    cells = [
        (_words(row), row.estimate.value, row.estimate.low, row.estimate.high, row.estimate.n) for row in rows
    ]
    drawn = Bars(
        tuple(_name(row) for row in rows), tuple(_value(row) for row in rows),
        tuple(row.estimate.low for row in rows), tuple(row.estimate.high for row in rows),
        axis="share of the items, of the groups", percent=True,
    )  # fmt: skip
    described = f"Bars, one a fault, with their intervals. {says}"
    columns = ("fault", "share", "low", "high", "n")
    return [Panel("integrity-faults", "Items at fault", says, described, table(columns, cells), drawn)]


def given_away(subject: Subject) -> list[Panel]:
    """How much of the label each part of an item tells without its content."""
    rows = by_value(subject.defined("label_given_away", "leak"), down=True)
    if not rows or not _value(rows[0]):
        return []
    says = f"{rows[0].key} gives {shown(_value(rows[0]))} of the label away, of 1."
    drawn = bars(rows, subject.limits("label_given_away", "leak"), axis="of the label, 0 to 1")
    described = f"Bars, one a leak, the most telling first. {says}"
    return [
        Panel(
            "integrity-leaks",
            "The label given away",
            says,
            described,
            estimates(rows, "leak", "items"),
            drawn,
        )
    ]


def _value(row: Measure) -> float:
    return row.estimate.value or 0.0


def _name(row: Measure) -> str:
    return f"{FAULTS[row.measure][0]} {row.key or ''}".strip()


def _words(row: Measure) -> str:
    return f"{FAULTS[row.measure][1]} {row.key or ''}".strip()
