"""A verdict in words: one sentence with the number, one with what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from dq_pipeline.families.check import ANY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from dq_pipeline.families.check import Bound, Finding, Verdict
    from dq_pipeline.measures.estimate import Estimate
    from dq_pipeline.spec.model import Waiver

ORDER: tuple[Verdict, ...] = ("clear", "warn", "insufficient", "block")
"""From best to worst."""
NAMED = 2
"""Rows that a sentence names after the worst."""


@dataclass(frozen=True)
class Waived:
    """The waiver that lets a blocked check pass the gate until it expires."""

    owner: str
    reason: str
    expires: str


@dataclass(frozen=True)
class CheckVerdict:
    """One check's verdict, as `verdicts.json` holds it.

    Attributes:
        blocking: Whether this verdict closes the gate now; a waived block does not.
        bound: The limit it was judged by, such as ">= 0.667".
        owner: Who answers for it, where somebody does.
    """

    check: str
    family: str
    table: str
    verdict: Verdict
    blocking: bool
    sentence: str
    remedy: str
    measure: str | None = None
    by: str | None = None
    key: str | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    bound: str | None = None
    waiver: Waived | None = None
    owner: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The verdict as JSON has it."""
        return asdict(self)


def in_words(finding: Finding, remedy: str, sentence: str | None = None) -> CheckVerdict:
    """Put a finding in words: the family's own sentence where it has a better one and the check could be judged."""
    check, row = finding.check, finding.worst
    blocking = finding.verdict == "block" or (finding.verdict == "insufficient" and check.require_evidence)
    said = CheckVerdict(
        check=check.name,
        family=check.family,
        table=check.table,
        verdict=finding.verdict,
        blocking=blocking,
        sentence=sentence if sentence and finding.error is None else _sentence(finding),
        remedy="" if finding.verdict == "clear" else remedy,
        measure=check.measure,
        by=None if check.by == ANY else check.by,
        owner=check.owner,
    )
    if row is None:
        return said
    estimate = row.estimate
    return replace(
        said,
        measure=row.measure,
        by=row.by,
        key=row.key,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        n=estimate.n,
        bound=limit(finding.bound) if finding.bound else None,
    )


def waived(verdict: CheckVerdict, waivers: Sequence[Waiver], today: date, data_version: str) -> CheckVerdict:
    """The verdict under the waivers: a blocked check whose waiver holds stays failed but does not close the gate.

    Where none holds, the remedy says what became of the waiver.

    Args:
        verdict: What the check said.
        waivers: Those of the spec.
        today: The day (UTC) that they are held against; each holds until the end of its last day.
        data_version: The version of the data that was judged.
    """
    named = [waiver for waiver in waivers if waiver.check in {verdict.check, verdict.family}]
    if not verdict.blocking or not named:
        return verdict
    for waiver in named:
        if waiver.expires >= today and waiver.data_version in {None, data_version}:
            until = waiver.expires.isoformat()
            return replace(verdict, blocking=False, waiver=Waived(waiver.owner, waiver.reason, until))
    last = max(named, key=lambda waiver: waiver.expires)
    if last.expires < today:
        said = f"The waiver of {last.owner} expired on {last.expires.isoformat()}."
    else:
        said = (
            f"The waiver of {last.owner} is for the data version {last.data_version}; this is {data_version}."
        )
    return replace(verdict, remedy=f"{said} {verdict.remedy}".strip())


def overall(verdicts: Sequence[CheckVerdict]) -> Verdict:
    """The dataset's verdict: block when any check closes the gate, else the worst that is left."""
    if any(verdict.blocking for verdict in verdicts):
        return "block"
    left: list[Verdict] = ["warn" if verdict.verdict == "block" else verdict.verdict for verdict in verdicts]
    return max(left, key=ORDER.index, default="insufficient")


def limit(bound: Bound) -> str:
    """The bound as a reader sees it."""
    end = {"value": "", "low": "low end ", "high": "high end "}[bound.column]
    return (
        f"{end}>= {shown(bound.at_least)}"
        if bound.at_least is not None
        else f"{end}<= {shown(bound.at_most)}"
    )


def shown(number: float | None) -> str:
    """A number for people: whole ones with thousands marked, others to four significant digits."""
    if number is None:
        return "undefined"
    if float(number).is_integer() and abs(number) < 1e15:  # noqa: PLR2004 - floats are whole from there on
        return f"{int(number):,}"
    digits = f"{number:.4g}"
    return f"{number:,.0f}" if "e+" in digits else digits


def out_of(estimate: Estimate, unit: str) -> str:
    """A share as the count that it is of its units, which a reader can look for.

    Args:
        estimate: The share of n units.
        unit: What n counts, in the plural.

    >>> from dq_pipeline.measures.estimate import Estimate
    >>> out_of(Estimate(0.25, n=3000), "rows"), out_of(Estimate(1.0, n=1), "rows")
    ('750 of 3,000 rows (0.25)', '1 of 1 row (1)')
    """
    named = unit.removesuffix("s") if estimate.n == 1 else unit
    return f"{units(estimate):,} of {estimate.n:,} {named} ({shown(estimate.value)})"


def units(share: Estimate) -> int:
    """How many of its n units a share is."""
    return round((share.value or 0.0) * share.n)


def _sentence(finding: Finding) -> str:
    check, row, bound = finding.check, finding.worst, finding.bound
    if finding.error is not None:
        return f"{check.title} could not be judged: {finding.error}"
    if row is None:
        return f"{check.title} was not measured: nothing to count."
    estimate = row.estimate
    named = check.title + (f" for {row.key}" if row.key is not None else "")
    counted = f"{estimate.n:,} {check.unit}"
    if finding.verdict == "insufficient":
        why = {
            "no_overlap": "no item has votes of two annotators",
            "no_variation": "there is only one label or one annotator, so nothing can disagree",
            "too_few_units": "too few to say",
            "empty": "there is nothing to count",
        }.get(estimate.status, "too little data")
        return f"{named} cannot be told: {why} ({counted})."
    interval = (
        f"{shown(estimate.low)} to {shown(estimate.high)}, "
        if estimate.low is not None and estimate.high is not None
        else ""
    )
    judged = f"; the limit is {limit(bound)}" if bound else ""
    return f"{named} is {shown(estimate.value)} ({interval}{counted}){judged}{_others(finding)}."


def _others(finding: Finding) -> str:
    """The rows beyond the limit after the worst: the next ones by name, the rest by number."""
    worst = finding.worst
    rows = {(row.measure, row.by, row.key): row for row in finding.failing}
    if worst is not None:
        rows.pop((worst.measure, worst.by, worst.key), None)
    if not rows:
        return ""
    named = [f"{row.key or row.measure} {shown(row.estimate.value)}" for row in rows.values()][:NAMED]
    more = f" and {len(rows) - NAMED:,} more" if len(rows) > NAMED else ""
    return f" (beyond it too: {', '.join(named)}{more})"
