"""Annotators: each against the others, against gold and against himself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import shown
from dq_pipeline.reference import MEASURES
from dq_pipeline.report.model import Panel
from dq_pipeline.report.panels.rows import bars, by_value, estimates

if TYPE_CHECKING:
    from dq_pipeline.report.subject import Subject

EACH = ("leave_one_out_agreement", "gold_accuracy", "repeat_agreement")


def each(subject: Subject) -> list[Panel]:
    """One picture a measure by annotator, the worst first."""
    panels = []
    for measure in EACH:
        rows = by_value(subject.defined(measure, "annotator"))
        if not rows:
            continue
        worst, title = rows[0], MEASURES[measure].title
        says = f"Lowest for {worst.key}: {shown(worst.estimate.value)} over {worst.estimate.n:,}, of {len(rows):,} annotators."
        panels.append(
            Panel(
                measure.replace("_", "-"), f"{title} by annotator", says,
                f"Points with intervals, one an annotator, the lowest first. {says}",
                estimates(rows, "annotator"),
                bars(rows, subject.limits(measure, "annotator"), "point", title.lower(), percent=True),
            )
        )  # fmt: skip
    return panels


def consensus(subject: Subject) -> list[Panel]:
    """How each rule of consensus does against gold."""
    rows = by_value(subject.defined("gold_accuracy", "consensus"), down=True)
    if not rows:
        return []
    best = rows[0]
    says = f"Best is {best.key}: {shown(100 * (best.estimate.value or 0.0))} % of {best.estimate.n:,} gold items."
    return [
        Panel(
            "consensus-gold", "Consensus against gold", says,
            f"Bars, one a rule of consensus. {says}",
            estimates(rows, "rule", "gold items"), bars(rows, axis="right", percent=True),
        )
    ]  # fmt: skip
