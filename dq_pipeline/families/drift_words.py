"""What drift's verdicts say: the fall, since when, how seldom chance makes one like it, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.counts.days import to_iso
from dq_pipeline.families.verdict import number_of, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.counts.comparisons import Reference
    from dq_pipeline.families.check import Finding
    from dq_pipeline.measures.estimate import Estimate, Measure

NAMES: dict[Reference, tuple[str, str]] = {
    "peers": ("agreement", "agreement with peers"),
    "gold": ("gold", "accuracy against gold"),
}
"""What each reference's measures are called by, and what sentences call it."""
NAMED = 5
"""Annotators that a sentence names after the worst."""


def in_words(finding: Finding, measures: Sequence[Measure], window: int, min_votes: int) -> str:
    """One sentence, with the number, its interval, its votes and the limit."""
    check, row = finding.check, finding.worst
    title, span = check.title.removeprefix("A fall in "), f"windows of {window} days"
    if finding.verdict == "insufficient" or row is None:
        whose = "no annotator has" if check.by else "the annotators do not have"
        return (
            f"{check.title} cannot be told: {whose} two stretches of {min_votes} votes to compare ({span})."
        )
    told = _of(row, measures)
    limit = finding.bound.at_most if finding.bound else None
    limited = f", the limit is once in {shown(limit)}" if limit is not None else ""
    chance = f"chance makes one like it once in {shown(round(row.estimate.value or 0.0, 1))} {span}{limited}"
    fall = -(told["change"].value or 0.0)
    if finding.verdict == "clear":
        charted = sum(_is_like(one, row) for one in measures)
        nobody = f"None of {charted:,} annotators' {title}" if check.by else f"All annotators' {title}"
        whose = f"{row.key}'s" if check.by else "it"
        than = f"{shown(abs(fall))} {'lower' if fall >= 0 else 'higher'} than before"
        return (
            f"{nobody} has {'' if check.by else 'not '}fallen beyond chance: {whose} is {than}, and {chance}."
        )
    whose = f"{row.key}'s {title}" if check.by else f"All annotators' {title}"
    beyond = ", beyond that of everybody else" if check.by else ""
    before, since, low, high = told["before"], told["since"], told["change"].low, told["change"].high
    interval = f" ({shown(-high)} to {shown(-low)})" if low is not None and high is not None else ""
    return (
        f"{whose} has fallen by {shown(fall)}{interval} since {_start(told)} at the same mix of labels{beyond}: from "
        f"{shown(before.value)} ({number_of(before.n, 'votes')}) to {shown(since.value)} ({number_of(since.n, 'votes')}); {chance}."
        f"{_others(finding)}"
    )


def what_to_do(finding: Finding, measures: Sequence[Measure], min_votes: int) -> str:
    """Whom to sit down with, and how many labels to give again."""
    row = finding.worst
    if finding.verdict == "insufficient" or row is None:
        of_whom = "gold items" if finding.check.measure == "gold_drift" else "items that others label too"
        return f"Give each annotator {min_votes} {of_whom} a window."
    told = _of(row, measures)
    start, votes = _start(told), told["since"].n
    if not finding.check.by:
        return (
            f"Ask what changed on {start} (the guideline, the items, the tool), go through the guideline with all annotators, and have "
            f"{min(votes, 50):,} of the {votes:,} labels since then given again."
        )
    return (
        f"Go through the guideline with {row.key} on {number_of(min(votes, 20), 'items')} of before and after {start}, and have the "
        f"{votes:,} labels that {row.key} gave since then checked by a second annotator."
    )


def _of(row: Measure, measures: Sequence[Measure]) -> dict[str, Estimate]:
    """The other numbers of the row's chart."""
    word = row.measure.removesuffix("drift")
    return {
        one.measure.removeprefix(word): one.estimate
        for one in measures
        if one.by == row.by and one.key == row.key and one.measure.startswith(word)
    }


def _is_like(one: Measure, row: Measure) -> bool:
    return (one.measure, one.by, one.estimate.status) == (row.measure, row.by, "ok")


def _start(told: dict[str, Estimate]) -> str:
    return to_iso(round(told["drift_start"].value or 0.0))


def _others(finding: Finding) -> str:
    worst = finding.worst
    keys = dict.fromkeys(row.key for row in finding.failing if worst is None or row.key != worst.key)
    if not keys:
        return ""
    named = ", ".join(str(key) for key in list(keys)[:NAMED])
    more = f" and {len(keys) - NAMED:,} more" if len(keys) > NAMED else ""
    return f" So has that of {named}{more}."
