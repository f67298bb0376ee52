"""An audit summed up for people: the banner, what to fix first, the pictures, every check in words."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from dq_pipeline.reference import FAMILIES, MEASURES
from dq_pipeline.report.harm import breaks_contract, harm, urgency
from dq_pipeline.report.model import CheckCard, Harm, State, Summary, Table
from dq_pipeline.report.panels import sections
from dq_pipeline.report.panels.rows import estimates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.families.verdict import CheckVerdict
    from dq_pipeline.report.model import Cell
    from dq_pipeline.report.subject import Subject

FIRST = 7
"""Checks under "fix these first"."""
LISTED = 200
"""Checks that the page lists."""
NUMBERS = 60
"""Overall numbers that the page lists."""
WAIVED_FOR = timedelta(days=30)
"""How long the waiver to paste lasts."""
WORK = {
    "agreement": ("relabel.csv",),
    "annotators": ("relabel.csv",),
    "gold": ("relabel.csv",),
    "consensus": ("relabel.csv",),
    "balance": ("collect.csv",),
    "coverage": ("collect.csv",),
    "edge_cases": ("collect.csv",),
}
"""The work that mends a family, beside the files that a check names itself."""


def state(verdicts: Sequence[CheckVerdict], overall: str) -> State:
    """What the banner says: a waived block is neither blocked nor clear."""
    if overall == "block":
        return "BLOCKED"
    if any(verdict.waiver for verdict in verdicts):
        return "WAIVED"
    told: dict[str, State] = {"insufficient": "INSUFFICIENT EVIDENCE", "warn": "WARNED", "clear": "CLEAR"}
    return told[overall]


def ranked(subject: Subject) -> list[CheckVerdict]:
    """The checks, what to fix first at the top: by what closes the gate, contracts before all else, then by expected harm."""
    return [one.verdict for one in _ranked(subject)]


def first(subject: Subject) -> list[CheckVerdict]:
    """What to fix first, at most seven."""
    return [verdict for verdict in ranked(subject) if verdict.verdict != "clear"][:FIRST]


def summarise(subject: Subject) -> Summary:
    """The report of an audit, as plain data."""
    cards = [card(one.verdict, subject, one.harm) for one in _ranked(subject)]
    urgent = [one for one in cards if one.verdict.verdict != "clear"][:FIRST]
    told = dict.fromkeys(
        [*(row.measure for row in subject.measures), *(v.measure for v in subject.verdicts if v.measure)]
    )
    return Summary(
        state=state(subject.verdicts, subject.verdict),
        dataset=subject.spec.dataset,
        data_version=subject.data_version,
        when=subject.when,
        held_back=held_back(subject),
        rows=dict(subject.rows),
        seconds=dict(subject.seconds),
        count=dict(Counter(verdict.verdict for verdict in subject.verdicts)),
        first=tuple(urgent),
        sections=sections(subject),
        checks=tuple(cards[:LISTED]),
        unlisted=max(len(cards) - LISTED, 0),
        numbers=_numbers(subject),
        silent=dict(subject.silent),
        families=tuple(_in_order({verdict.family for verdict in subject.verdicts})),
        owners=tuple(sorted({owner for one in cards for owner in one.owners})),
        version=version("dq_pipeline"),
        measures=tuple(name for name in told if name in MEASURES),
    )


def held_back(subject: Subject) -> str:
    """What waits for which checks, or what may go on and why."""
    closing = [verdict for verdict in subject.verdicts if verdict.blocking]
    if closing:
        tables = " and ".join(dict.fromkeys(verdict.table for verdict in closing))
        names = ", ".join(verdict.check for verdict in closing[:FIRST])
        more = f" and {len(closing) - FIRST:,} more" if len(closing) > FIRST else ""
        passing = "passes or is waived" if len(closing) == 1 else "pass or are waived"
        return f"Held back: every asset gated on {tables}, until {names}{more} {passing}."
    waived = [verdict for verdict in subject.verdicts if verdict.waiver]
    if waived:
        told = "; ".join(
            f"{v.check} by {v.waiver.owner} until {v.waiver.expires}" for v in waived[:FIRST] if v.waiver
        )
        return f"Nothing is held back: {told}."
    return "Nothing is held back."


def card(verdict: CheckVerdict, subject: Subject, expected: Harm | None) -> CheckCard:
    """One check with what it means, what to do and how to waive it."""
    definition = MEASURES.get(verdict.measure or "")
    family = FAMILIES.get(verdict.family)
    named = set(re.findall(r"[\w-]+\.csv\b", f"{verdict.sentence} {verdict.remedy}"))
    wanted = named | set(WORK.get(verdict.family, ()) if verdict.verdict != "clear" else ())
    return CheckCard(
        verdict,
        f"check-{verdict.check}",
        definition.title if definition else (verdict.measure or verdict.check).replace("_", " "),
        definition.says if definition else "",
        " ".join(
            words
            for words in (definition.matters if definition else "", family.matters if family else "")
            if words
        ),
        verdict.remedy or (definition.mends if definition else ""),
        _owners(verdict, subject),
        tuple(file.name for file in subject.files if file.name in wanted),
        waiver_lines(verdict.check, subject),
        expected,
        _failing(verdict, subject),
    )


def _failing(verdict: CheckVerdict, subject: Subject) -> Table | None:
    """The rows beyond the limit, where there are several."""
    rows = subject.failing.get(verdict.check, ())
    if len(rows) < 2:  # noqa: PLR2004 - the sentence tells one
        return None
    return estimates(rows, rows[0].by or verdict.table)


def waiver_lines(check: str, subject: Subject) -> str:
    """The lines to paste into the spec: this check, on this data, for a month."""
    expires = (subject.when + WAIVED_FOR).date().isoformat()
    owner = json.dumps(next(iter(subject.spec.owners), "your name"), ensure_ascii=False)
    return (
        "waivers:\n"
        f"  - check: {check}\n"
        '    reason: "why it may pass"\n'
        f"    owner: {owner}\n"
        f"    expires: {expires}\n"
        f"    data_version: {json.dumps(subject.data_version)}"
    )


@dataclass(frozen=True, slots=True)
class _Ranked:
    verdict: CheckVerdict
    harm: Harm | None


def _ranked(subject: Subject) -> list[_Ranked]:
    told = [_Ranked(one, None if one.verdict == "clear" else harm(one, subject)) for one in subject.verdicts]
    order = {family: place for place, family in enumerate(FAMILIES)}
    return sorted(
        told,
        key=lambda one: (
            urgency(one.verdict),
            not breaks_contract(one.verdict),
            -(one.harm.expected if one.harm else 0.0),
            order.get(one.verdict.family, len(order)),
            one.verdict.check,
        ),
    )


def _owners(verdict: CheckVerdict, subject: Subject) -> tuple[str, ...]:
    """Who sees to it: the waiver's owner, the check's, else the dataset's."""
    if verdict.waiver:
        return (verdict.waiver.owner,)
    return (verdict.owner,) if verdict.owner else subject.spec.owners


def _numbers(subject: Subject) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            MEASURES[row.measure].title if row.measure in MEASURES else row.measure,
            row.table if row.by is None else f"{row.table}, {row.by}",
            row.estimate.value, row.estimate.low, row.estimate.high, row.estimate.n, row.estimate.status,
        )
        for row in subject.measures
        if row.key is None
    ]  # fmt: skip
    return Table(
        ("number", "of", "value", "low", "high", "n", "status"),
        tuple(rows[:NUMBERS]),
        max(len(rows) - NUMBERS, 0),
    )


def _in_order(families: set[str]) -> list[str]:
    return [*(name for name in FAMILIES if name in families), *sorted(families - set(FAMILIES))]
