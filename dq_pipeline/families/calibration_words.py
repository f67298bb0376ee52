"""What calibration's verdicts say, and who is due for a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.counts.days import to_iso
from dq_pipeline.families.handout import Handout
from dq_pipeline.families.verdict import limit, number_of, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dq_pipeline.families.check import Finding
    from dq_pipeline.families.session_effects import Effect
    from dq_pipeline.measures.calibration import Standing
    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.spec.calibration import Calibration

DUE = (
    "annotator", "status", "last_session", "on_guideline", "calibrated_until", "days_overdue", "annotations_since",
    "last_annotation", "annotations", "by_old_guideline", "what_to_do",
)  # fmt: skip
SESSIONS = (
    "session", "annotators", "agreement_before", "votes_before", "agreement_after", "votes_after", "change", "low", "high",
)  # fmt: skip
SOON = 14
"""Days before the end of a calibration from which it is due soon."""
NAMED = 5
"""Annotators that a sentence names."""
SAMPLE = 50
"""Labels of an annotator to look at again, at most."""


def in_words(finding: Finding, measures: Sequence[Measure], ledger: Calibration, still: int) -> str | None:
    """One sentence, with names, days and annotations; None for those that any check gets."""
    said = {"days_overdue": _overdue, "old_guideline_share": _old_guideline}.get(finding.check.measure)
    if said is not None:
        return said(finding, measures, ledger, still)
    return None


def what_to_do(finding: Finding, measures: Sequence[Measure], ledger: Calibration) -> str:
    """Whom to calibrate on what, and how many labels to look at again."""
    if finding.verdict == "insufficient":
        return "Give the time of each annotation, a date or a timestamp, in the column that annotations.time names."
    on = f" on guideline {_newest(ledger)}" if ledger.guidelines else ""
    if finding.check.measure == "old_guideline_share":
        return _brief(measures, on)
    if finding.check.measure == "uncalibrated_share":
        n = round((finding.worst.estimate.value or 0.0) * finding.worst.estimate.n) if finding.worst else 0
        return f"Have {min(n, SAMPLE):,} of the {n:,} labels checked by somebody calibrated; calibration.csv lists who is due."
    late = _late(measures)
    names = _list([key for key, _ in late])
    each = _numbers(measures, "annotations_since")
    since = sum(each[key] for key, _ in late)
    return (
        f"Hold a session{on} with {names} (calibration.csv lists who is due), and have {min(since, SAMPLE):,} of the {since:,} "
        f"labels given since then checked by somebody calibrated."
    )


def handout(
    standings: Mapping[str, Standing],
    as_of: int | None,
    effects: Sequence[Effect],
    ledger: Calibration,
    still: int,
) -> list[Handout]:
    """calibration.csv, who is due first; calibration_sessions.csv, what each session did."""
    due = []
    if ledger.keeps_sessions and as_of is not None:
        late_first = sorted(standings.items(), key=lambda one: (one[1].until - as_of, one[0]))
        due = [_due(name, one, as_of, ledger, still) for name, one in late_first]
        due.sort(key=lambda row: row[1] == "not annotating")
    sessions = [
        (
            to_iso(effect.day),
            "; ".join(effect.annotators) or "everybody",
            effect.before.value,
            effect.before.n,
            effect.after.value,
            effect.after.n,
            effect.change.value,
            effect.change.low,
            effect.change.high,
        )
        for effect in effects
    ]
    return [
        Handout("calibration.csv", DUE, tuple(due)),
        Handout("calibration_sessions.csv", SESSIONS, tuple(sessions)),
    ]


def _overdue(finding: Finding, measures: Sequence[Measure], ledger: Calibration, still: int) -> str:
    as_of = next((row.estimate.value for row in measures if row.measure == "as_of"), None)
    if as_of is None:
        return "Calibration cannot be judged: no annotation has a time that can be read."
    rows = [row for row in measures if row.measure == "days_overdue"]
    on = f"judged as of {_date(as_of)}"
    if not rows:
        return f"Calibration cannot be judged: nobody has labelled in the {still} days before the end of {_date(as_of)}."
    strangers = [row.key for row in measures if row.measure == "sessions_without_annotations"]
    strange = (
        f" Sessions name {_list(strangers)}, who gave no annotation: is that how the annotations write it?"
        if strangers
        else ""
    )
    late = _late(measures)
    if not late:
        ends = _numbers(measures, "calibrated_until")
        key = min(ends, key=lambda name: ends[name])
        until = _date(ends[key])
        return f"All {len(rows):,} annotators who still label are calibrated ({on}); the first to run out is {key}, after {until}.{strange}"
    told = _told(late[:NAMED], measures)
    more = f" and {len(late) - NAMED:,} more" if len(late) > NAMED else ""
    return (
        f"{len(late):,} of {len(rows):,} annotators who still label are past their calibration, due every {ledger.every} days: "
        f"{', '.join(told)}{more} ({on}){_limit(finding)}.{strange}"
    )


def _limit(finding: Finding) -> str:
    return f"; the limit is {limit(finding.bound)}" if finding.bound else ""


def _told(late: Sequence[tuple[str, int]], measures: Sequence[Measure]) -> list[str]:
    """Each one's name, days and annotations."""
    names = ("annotations_since", "calibrated_until", "ever_calibrated")
    since, until, ever = (_numbers(measures, name) for name in names)
    return [
        f"{key} by {days:,} days ({since[key]:,} annotations since {_date(until[key])})"
        if ever[key]
        else f"{key} never calibrated ({since[key]:,} annotations since)"
        for key, days in late
    ]


def _old_guideline(finding: Finding, measures: Sequence[Measure], ledger: Calibration, still: int) -> str:  # noqa: ARG001 - as the others
    by_key = {row.key: row.estimate for row in measures if row.measure == "old_guideline_share" and row.by}
    overall = {row.measure: row.estimate for row in measures if row.by is None}
    unknown = overall["unknown_guideline_share"]
    strange = round((unknown.value or 0.0) * unknown.n)
    and_unknown = (
        f" {number_of(strange, 'annotations')} {'names' if strange == 1 else 'name'} no version that calibration.guidelines knows."
        if strange
        else ""
    )
    old = sorted(
        ((one.value, key, one) for key, one in by_key.items() if one.value),
        key=lambda one: (-one[0], str(one[1])),
    )
    if finding.verdict == "insufficient" or overall["old_guideline_share"].value is None:
        return f"Whether the guideline in force was used cannot be told: no dated annotation names a known version.{and_unknown}"
    if not old:
        return f"All {overall['old_guideline_share'].n:,} annotations of a known guideline were given by the one in force.{and_unknown}"
    told = [
        f"{key} {round(value * one.n):,} of {one.n:,} ({shown(value)})" for value, key, one in old[:NAMED]
    ]
    more = f" and {len(old) - NAMED:,} more annotators" if len(old) > NAMED else ""
    total = overall["old_guideline_share"]
    return (
        f"{round((total.value or 0.0) * total.n):,} of {number_of(total.n, 'annotations')} were given by an older guideline than the one in "
        f"force: {', '.join(told)}{more}{_limit(finding)}.{and_unknown}"
    )


def _brief(measures: Sequence[Measure], on: str) -> str:
    old = {
        row.key: row.estimate
        for row in measures
        if row.measure == "old_guideline_share" and row.by and row.estimate.value
    }
    if not old:
        return "Write the versions in the annotations as calibration.guidelines writes them, or add the missing ones there."
    count = sum(round((one.value or 0.0) * one.n) for one in old.values())
    names = _list(sorted(old, key=lambda key: -(old[key].value or 0.0)))
    return f"Brief {names}{on}, and have the {count:,} labels that they gave by an older one looked at again."


def _due(
    name: str, one: Standing, as_of: int, ledger: Calibration, still: int
) -> tuple[str | int | None, ...]:
    active = one.last > as_of - still
    left = one.until - as_of
    on = f" on {_newest(ledger)}" if ledger.guidelines else ""
    if not active:
        status, do = "not annotating", f"calibrate{on} before labelling again" if left < 0 else ""
    elif one.days_overdue:
        status, do = "overdue" if one.session is not None else "never calibrated", f"calibrate{on} now"
    elif left <= SOON:
        status, do = "due soon", f"calibrate{on} by {_date(one.until)}"
    else:
        status, do = "calibrated", ""
    return (
        name,
        status,
        None if one.session is None else _date(one.session),
        one.on_version or None,
        None if one.session is None else _date(one.until),
        one.days_overdue,
        one.since,
        _date(one.last),
        one.annotations,
        one.old_version if ledger.guidelines else None,
        do or None,
    )


def _late(measures: Sequence[Measure]) -> list[tuple[str, int]]:
    """Annotators past their calibration and by how many days, the latest first."""
    late = [
        (str(row.key), round(row.estimate.value))
        for row in measures
        if row.measure == "days_overdue" and row.estimate.value
    ]
    return sorted(late, key=lambda one: (-one[1], one[0]))


def _numbers(measures: Sequence[Measure], measure: str) -> dict[str, int]:
    """A measure of each annotator, as a whole number."""
    return {str(row.key): round(row.estimate.value or 0.0) for row in measures if row.measure == measure}


def _newest(ledger: Calibration) -> str:
    return max(ledger.guidelines, key=lambda one: one.in_force).version


def _date(day: float) -> str:
    return to_iso(round(day))


def _list(names: Sequence[str | None]) -> str:
    said = [str(name) for name in names[:NAMED]]
    if len(names) > NAMED:
        return f"{', '.join(said)} and {len(names) - NAMED:,} more"
    return f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else "".join(said)
