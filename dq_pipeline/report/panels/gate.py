"""The gate's history: what each check said each night, and how the overall numbers moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.reference import MEASURES
from dq_pipeline.report.harm import urgency
from dq_pipeline.report.model import Line, Lines, Panel, Strip
from dq_pipeline.report.panels.rows import table

if TYPE_CHECKING:
    from dq_pipeline.report.model import Cell
    from dq_pipeline.report.subject import Subject

NIGHTS = 30
"""Nights that the picture shows."""
LINE = 3
"""Audits that make a line worth drawing."""
CHECKS = 24
"""Checks that the picture shows, the most urgent of this night first."""


def history(subject: Subject) -> list[Panel]:
    """A row a check, a column a night."""
    nights = subject.nights[-NIGHTS:]
    if not nights:
        return []
    checks = [one.check for one in sorted(subject.verdicts, key=urgency)][:CHECKS]
    closed = sum(night.verdict == "block" for night in nights)
    since = _since(subject)
    says = f"The gate was closed in {closed:,} of the last {len(nights):,} audits{since}."
    cells: list[tuple[Cell, ...]] = [
        (
            f"{night.when:%Y-%m-%d %H:%M}", night.verdict + (" (waived)" if night.waived else ""), night.data_version[:12],
            *(sum(verdict == kind for verdict in night.checks.values()) for kind in ("block", "warn", "insufficient", "clear")),
        )
        for night in reversed(nights)
    ]  # fmt: skip
    return [
        Panel(
            "history", "What each check said", says,
            f"A grid of checks by audits, coloured by verdict; a cross is a block, an exclamation mark a warning, a "
            f"question mark too little data. {says}",
            table(("audit (UTC)", "verdict", "data", "block", "warn", "insufficient", "clear"), cells, "history.jsonl"),
            Strip(
                tuple(checks),
                tuple(f"{night.when:%m-%d %H:%M}" for night in nights),
                tuple(tuple(night.checks.get(check) for night in nights) for check in checks),
            ),
        )
    ]  # fmt: skip


def numbers(subject: Subject) -> list[Panel]:
    """Each overall number that is followed, over the audits."""
    panels = []
    names = dict.fromkeys(name for night in subject.nights for name in night.numbers)
    for name in names:
        known = [(night.when, night.numbers[name]) for night in subject.nights if name in night.numbers]
        if len({when for when, number in known if number.value is not None}) < LINE:
            continue
        title = MEASURES[name].title if name in MEASURES else name
        line = Line(
            title,
            tuple(when for when, _ in known),
            tuple(number.value for _, number in known),
            tuple(number.low for _, number in known),
            tuple(number.high for _, number in known),
        )
        cells = [
            (f"{when:%Y-%m-%d %H:%M}", one.value, one.low, one.high, one.n) for when, one in reversed(known)
        ]
        says = f"{len(known):,} audits."
        panels.append(
            Panel(
                f"nights-{name.replace('_', '-')}", f"{title}, audit by audit", says,
                f"A line of {title} over the audits, with its interval as a band and the limits.",
                table(("audit (UTC)", "value", "low", "high", "n"), cells, "history.jsonl"),
                Lines((line,), subject.limits(name), (), title),
            )
        )  # fmt: skip
    return panels


def _since(subject: Subject) -> str:
    """Since when the gate is closed, when it is closed now."""
    closed = None
    for night in reversed(subject.nights):
        if night.verdict != "block":
            break
        closed = night.when
    return f"; it is closed since {closed:%Y-%m-%d %H:%M} UTC" if closed else ""
