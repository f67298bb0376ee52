"""Agreement: which labels are confused, who agrees with whom, and how it went over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import shown
from dq_pipeline.report.model import Grid, Lines, Panel
from dq_pipeline.report.panels.moments import PERIODS, line, marks
from dq_pipeline.report.panels.rows import bars, by_value, estimates, table

if TYPE_CHECKING:
    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.report.subject import Subject

PEOPLE = 24
"""Annotators that the picture shows; those with the least agreement of those with most votes in common."""
LABELS = 14
"""Labels that the picture of confusions shows."""


def by_label(subject: Subject) -> list[Panel]:
    """Agreement on each label."""
    rows = by_value(subject.defined("specific_agreement", "label"))
    if not rows:
        return []
    worst = rows[0]
    says = f"Annotators agree least on {worst.key}: {shown(worst.estimate.value)} over {worst.estimate.n:,} votes."
    return [
        Panel(
            "specific-agreement", "Agreement on each label", says,
            f"Points with intervals, one a label, the least agreement first. {says}",
            estimates(rows, "label", "votes"),
            bars(rows, form="point", axis="specific agreement"),
        )
    ]  # fmt: skip


def confusions(subject: Subject) -> list[Panel]:
    """The pairs of labels that are confused."""
    rows = by_value(subject.defined("label_confusion", "label,label"), down=True)
    if not rows:
        return []
    pairs = {row.values: row for row in rows}
    labels = list(dict.fromkeys(label for pair in pairs for label in pair))[:LABELS]
    values = tuple(tuple(_either(pairs, one, other) for other in labels) for one in labels)
    first, second = rows[0].values
    part = f"{100 * (rows[0].estimate.value or 0):.3g} %"
    says = f"No two labels are confused more often than {first} and {second}: {part} of the disagreement."
    cells = [(*row.values, row.estimate.value, row.estimate.n) for row in rows]
    return [
        Panel(
            "label-confusion", "Labels that get confused", says,
            f"A grid of labels, darker where two are confused more often. {says}",
            table(("label", "with", "share of disagreement", "n"), cells),
            Grid(tuple(labels), tuple(labels), values, "share"),
        )
    ]  # fmt: skip


def people(subject: Subject) -> list[Panel]:
    """Annotator by annotator: Cohen's kappa of each two."""
    rows = subject.defined("cohen_kappa", "annotator,annotator")
    if not rows:
        return []
    pairs: dict[tuple[str, ...], Measure] = {row.values: row for row in rows}
    common: dict[str, int] = {}
    for pair, row in pairs.items():
        for one in pair:
            common[one] = common.get(one, 0) + row.estimate.n
    seen = sorted(common, key=lambda one: -common[one])[:PEOPLE]
    mean = {one: _mean(pairs, one, seen) for one in seen}
    shown_first = tuple(sorted(seen, key=lambda one: -mean[one]))
    values = tuple(tuple(_either(pairs, one, other) for other in shown_first) for one in shown_first)
    ordered = by_value(rows)
    first, second = ordered[0].values
    more = (
        f" The {PEOPLE} with most items in common of {len(common):,} are drawn."
        if len(common) > PEOPLE
        else ""
    )
    says = (
        f"Least of all agree {first} and {second}: kappa {shown(ordered[0].estimate.value)} over "
        f"{ordered[0].estimate.n:,} items.{more}"
    )
    cells = [
        (*row.values, row.estimate.value, row.estimate.low, row.estimate.high, row.estimate.n)
        for row in ordered
    ]
    return [
        Panel(
            "kappa", "Who agrees with whom", says,
            f"A grid of annotators, darker where two agree more beyond chance, in order of their mean. {says}",
            table(("annotator", "with", "kappa", "low", "high", "items"), cells),
            Grid(shown_first, shown_first, values, "agreement"),
        )
    ]  # fmt: skip


def over_time(subject: Subject) -> list[Panel]:
    """Alpha by period of the data, with the days on which guidelines came into force and annotators were calibrated."""
    panels = []
    for by in subject.breakdowns("krippendorff_alpha"):
        rows = subject.of("krippendorff_alpha", by)
        drawn = line("alpha", rows) if by in PERIODS else None
        if drawn is None:
            continue
        known = by_value(row for row in rows if row.estimate.value is not None)
        says = (
            f"Lowest in {known[0].key}: {shown(known[0].estimate.value)}."
            if known
            else "No period can be judged."
        )
        panels.append(
            Panel(
                f"alpha-by-{by}", f"Alpha by {by}", says,
                f"A line of alpha by {by} with its interval as a band, and the limits. {says}",
                estimates(rows, by, "items"),
                Lines((drawn,), subject.limits("krippendorff_alpha"), marks(subject), "Krippendorff's alpha"),
            )
        )  # fmt: skip
    return panels


def sliced(subject: Subject) -> list[Panel]:
    """Alpha by anything else: condition, source, batch, guideline."""
    panels = []
    for by in subject.breakdowns("krippendorff_alpha"):
        rows = by_value(subject.defined("krippendorff_alpha", by))
        if by in PERIODS or not rows:
            continue
        says = f"Lowest for {rows[0].key}: {shown(rows[0].estimate.value)} over {rows[0].estimate.n:,} items."
        panels.append(
            Panel(
                f"alpha-by-{by}", f"Alpha by {by}", says,
                f"Points with intervals, one a value of {by}, the lowest alpha first. {says}",
                estimates(rows, by, "items"),
                bars(rows, subject.limits("krippendorff_alpha"), "point", "Krippendorff's alpha"),
            )
        )  # fmt: skip
    return panels


def _either(pairs: dict[tuple[str, ...], Measure], one: str, other: str) -> float | None:
    row = pairs.get((one, other)) or pairs.get((other, one))
    return row.estimate.value if row else None


def _mean(pairs: dict[tuple[str, ...], Measure], one: str, others: list[str]) -> float:
    values = [value for other in others if (value := _either(pairs, one, other)) is not None]
    return sum(values) / len(values) if values else 0.0
