"""Drift and calibration: how agreement went over time, who fell, and what each session did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import shown
from dq_pipeline.report.model import Lines, Pairs, Panel
from dq_pipeline.report.panels.moments import line, marks
from dq_pipeline.report.panels.rows import DRAWN, bars, by_value, estimates, table

if TYPE_CHECKING:
    from dq_pipeline.report.subject import Subject

AGAINST = {"agreement": "with the others", "gold": "with gold"}
"""How drift's measures start, and what annotators are held against."""


def windows(subject: Subject) -> list[Panel]:
    """The share of everybody's votes that agree, window by window."""
    rows = {word: subject.of(f"{word}_in_window", "window") for word in AGAINST}
    drawn = {word: made for word, own in rows.items() if (made := line(AGAINST[word], own)) is not None}
    if not drawn:
        return []
    cells = [
        (row.key, AGAINST[word], row.estimate.value, row.estimate.low, row.estimate.high, row.estimate.n)
        for word in drawn
        for row in rows[word]
    ]
    worst = min((row for row in cells if row[2] is not None), key=lambda row: row[2] or 0.0, default=None)
    says = f"Lowest in the window of {worst[0]}: {shown(worst[2])} {worst[1]}." if worst else ""
    return [
        Panel(
            "windows", "Agreement over time", says,
            f"A line a reference, the share of votes that agree by window of time, with intervals as bands. {says}",
            table(("window from", "agreeing", "share", "low", "high", "votes"), cells),
            Lines(tuple(drawn.values()), (), marks(subject), "share of votes that agree"),
        )
    ]  # fmt: skip


def falls(subject: Subject) -> list[Panel]:
    """How far each annotator fell since the fall began."""
    panels = []
    for word, words in AGAINST.items():
        rows = by_value(subject.defined(f"{word}_change", "annotator"))
        if not rows:
            continue
        worst = rows[0]
        says = f"Furthest fell {worst.key}, by {_points(worst.estimate.value)} in agreement {words}."
        panels.append(
            Panel(
                f"{word}-change", f"Change of each annotator's agreement {words}", says,
                f"Points with intervals, one an annotator, the largest fall first. {says}",
                estimates(rows, "annotator", "votes"),
                bars(rows, form="point", axis="change of the share that agrees"),
            )
        )  # fmt: skip
    return panels


def sessions(subject: Subject) -> list[Panel]:
    """Agreement before and after each calibration session."""
    before, after = (subject.shares(f"agreement_{when}", "session") for when in ("before", "after"))
    change = {row.key: row.estimate for row in subject.of("agreement_change", "session")}
    days = sorted(before.keys() & after.keys())
    if not days:
        return []
    drawn = days[-DRAWN:]
    says = f"After the session of {days[-1]} annotators agreed on {_percent(after[days[-1]])}, before it on {_percent(before[days[-1]])}."
    cells = [
        (
            day,
            before[day],
            after[day],
            *((one.value, one.low, one.high) if (one := change.get(day)) else (None, None, None)),
        )
        for day in reversed(days)
    ]
    return [
        Panel(
            "sessions", "Agreement before and after calibration", says,
            f"Two points a session, agreement before and after it. {says}",
            table(("session", "before", "after", "change", "low", "high"), cells),
            Pairs(
                tuple(drawn), tuple(before[day] for day in drawn), tuple(after[day] for day in drawn),
                ("before", "after"), "share of votes that agree",
            ),
        )
    ]  # fmt: skip


def overdue(subject: Subject) -> list[Panel]:
    """Days by which each annotator's calibration has run out."""
    rows = [
        row
        for row in by_value(subject.defined("days_overdue", "annotator"), down=True)
        if (row.estimate.value or 0) > 0
    ]
    if not rows:
        return []
    says = f"{len(rows):,} annotators are overdue, {rows[0].key} by {shown(rows[0].estimate.value)} days."
    return [
        Panel(
            "overdue", "Calibration overdue", says,
            f"Bars, one an annotator, the longest overdue first. {says}",
            estimates(rows, "annotator", "annotations"),
            bars(rows, subject.limits("days_overdue", "annotator"), axis="days overdue"),
        )
    ]  # fmt: skip


def _points(change: float | None) -> str:
    return f"{shown(abs(round(100 * (change or 0.0), 1)))} points"


def _percent(value: float) -> str:
    return f"{100 * value:.3g} %"
