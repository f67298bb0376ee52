"""What shortcuts say and what they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import limit, number_of, shown, with_interval
from dq_pipeline.measures.keys import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.families.check import Finding
    from dq_pipeline.measures.estimate import Measure


FEEDS = "label_sources.csv"


def sentence_of(finding: Finding, measures: Sequence[Measure]) -> str | None:
    """An association with the source that feeds a label most, the probe's scores, or why nothing can be said."""
    worst = finding.worst
    if worst is None:
        return None
    if finding.verdict == "insufficient":
        return _untold(finding, worst)
    if worst.measure == "shortcut_size":
        return _of_probe(finding, worst, measures)
    fed = _most_fed(worst, measures)
    if fed is None or finding.verdict == "clear":
        return None
    source, label = fed
    unit = finding.check.unit
    named = finding.check.title + (f" for {worst.key}" if worst.key is not None else "")
    judged = f"; the limit is {limit(finding.bound)}" if finding.bound else ""
    lift = next(row.estimate for row in measures if row.measure == "lift" and row.key == key_of(fed))
    often = (
        f"{shown(lift.value)} times as often as other {unit} do"
        if lift.value is not None
        else f"and other {unit} never do"
    )
    return (
        f"{named} is {with_interval(worst.estimate, unit, finding.bound)}{judged}: "
        f"{unit} of label {label!r} come from {source!r} {often}."
    )


def remedy_of(finding: Finding, measures: Sequence[Measure], min_rows: int, min_label: int) -> str:
    """How many rows of which source even it out, or whom to mix."""
    worst, unit = finding.worst, finding.check.unit
    if worst is not None and worst.estimate.status == "no_variation":
        return f"Collect {unit} of other sources and labels: of one nothing can be told apart."
    if worst is None or finding.verdict == "insufficient":
        n = worst.estimate.n if worst is not None else 0
        if n >= min_rows:
            return f"Have {min_label:,} {unit} at least of each label, and as many without it."
        return f"Have {min_rows - n:,} more {unit}, with each label and each source among them."
    if (worst.by or "").startswith("annotator"):
        other = (worst.by or "").partition(",")[2]
        return (
            f"Assign items to annotators at random, whatever their {other}: let each of them annotate "
            f"{min_rows:,} shared items."
        )
    fed = _most_fed(worst, measures)
    if fed is None or worst.measure == "shortcut_size":
        return f"Collect each label from every source; {FEEDS} lists which come from where."
    return _to_even(*fed, unit, measures)


def _to_even(source: str, label: str, unit: str, measures: Sequence[Measure]) -> str:
    key = key_of((source, label))
    rows = next(row.estimate.value for row in measures if row.measure == "rows_to_even" and row.key == key)
    if rows is None:
        return (
            f"Collect {unit} of label {label!r} from sources other than {source!r}: there are none. {FEEDS} lists "
            "where labels come from."
        )
    return (
        f"Collect {number_of(max(int(rows), 1), unit)} of other labels from {source!r}, or as large a share of {label!r} from the "
        f"other sources; {FEEDS} lists where labels come from."
    )


def _untold(finding: Finding, worst: Measure) -> str | None:
    if worst.estimate.status != "no_variation":
        return None
    first, _, second = (finding.check.by or "source,label").partition(",")
    several = f"{first} or one {second or 'label'}"
    return f"{finding.check.title} cannot be told: there is only one {several} ({worst.estimate.n:,} {finding.check.unit})."


def _of_probe(finding: Finding, worst: Measure, measures: Sequence[Measure]) -> str:
    score = {
        row.key: shown(row.estimate.value)
        for row in measures
        if row.measure == "probe_score" and row.by == "split"
    }
    points = shown(100 * (worst.estimate.value or 0.0))
    judged = f"; the limit is {limit(finding.bound)}" if finding.bound else ""
    return (
        f"A model scores {score.get('random')} on a random split, {score.get('leave_one_source_out')} on sources that it "
        f"never saw and {score.get('source_only')} from the source alone: the shortcut is worth {points} points of AUC "
        f"({number_of(worst.estimate.n, 'rows')}){judged}."
    )


def _most_fed(worst: Measure, measures: Sequence[Measure]) -> tuple[str, str] | None:
    """The source and the label that go together most surely; of a label that was judged, its own."""
    if (worst.by or "").startswith("annotator"):
        return None
    for row in measures:
        if row.measure == "lift" and row.key is not None:
            source, label = row.values
            if worst.key in (None, label):
                return source, label
    return None
