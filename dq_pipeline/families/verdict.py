"""A verdict in words: one sentence with the number, one with what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from dq_pipeline.families.check import ANY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from dq_pipeline.families.check import Bound, Finding, Verdict
    from dq_pipeline.measures.estimate import Estimate
    from dq_pipeline.spec.model import Waiver

ORDER: tuple[Verdict, ...] = ("clear", "insufficient", "warn", "block")
"""From best to worst."""
NOTHING = 1e-15
"""What sums of fractions leave of a number that is 0."""
SMALL = 1e-9
"""The part of its interval's ends from which on a number is something."""
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


def shown(number: float | None, *beside: float | None) -> str:
    """A number for people: whole ones with thousands marked, others to four significant digits.

    Args:
        number: The number.
        beside: What it stands next to, such as the ends of its interval: what is nothing beside them is 0.

    >>> shown(2131.7), shown(0.61803), shown(6.9e-17), shown(3e-11, -0.2, 0.2), shown(3e-11)
    ('2,132', '0.618', '0', '0', '3e-11')
    """
    if number is None:
        return "undefined"
    if abs(number) <= max(NOTHING, SMALL * max((abs(one or 0.0) for one in beside), default=0.0)):
        return "0"
    if float(number).is_integer() and abs(number) < 1e15:  # noqa: PLR2004 - floats are whole from there on
        return f"{int(number):,}"
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"  # noqa: PLR2004 - four digits


def beside_limit(
    number: float | None,
    bound: Bound | None,
    column: Literal["value", "low", "high"] = "value",
    beside: Sequence[float | None] = (),
) -> str:
    """A number of a sentence that ends in its limit: with as many digits as show on which side of the limit it lies.

    Args:
        number: The number.
        bound: What judges the row.
        column: What of the row the number is.
        beside: What it stands next to, as in `shown`.

    >>> from dq_pipeline.families.check import Bound
    >>> beside_limit(0.80004, Bound("block", "largest_share", at_most=0.8)), shown(0.80004)
    ('0.80004', '0.8')
    """
    said = shown(number, *beside)
    if number is None or bound is None or bound.column != column:
        return said
    held = bound.at_least if bound.at_least is not None else bound.at_most
    if held is None or number == held or said != shown(held):
        return said
    longer = (f"{number:,.{digits}g}" for digits in range(5, 18))
    return next((one for one in longer if float(one.replace(",", "")) != held), said)


def with_interval(estimate: Estimate, unit: str, bound: Bound | None) -> str:
    """A number with its interval and how many units it rests on: "0.301 (0.28 to 0.3218, 642 items)"."""
    low, high = estimate.low, estimate.high
    ends = ""
    if low is not None and high is not None:
        ends = f"{beside_limit(low, bound, 'low', [high])} to {beside_limit(high, bound, 'high', [low])}, "
    return f"{beside_limit(estimate.value, bound, beside=[low, high])} ({ends}{number_of(estimate.n, unit)})"


def number_of(n: int, unit: str) -> str:
    """A number of units, one of them in the singular.

    Args:
        n: How many.
        unit: What they are, in the plural.

    >>> number_of(1, "votes on gold items"), number_of(1, "gold items with 3 votes"), number_of(2000, "rows")
    ('1 vote on gold items', '1 gold item with 3 votes', '2,000 rows')
    """
    return f"{n:,} {_one(unit) if n == 1 else unit}"


def _one(unit: str) -> str:
    """A unit in the singular: its first plural word is what is counted."""
    words = unit.split(" ")
    place = next((place for place, word in enumerate(words) if word.endswith("s")), None)
    if place is not None:
        words[place] = words[place].removesuffix("s")
    return " ".join(words)


def out_of(estimate: Estimate, unit: str) -> str:
    """A share as the count that it is of its units, which a reader can look for.

    Args:
        estimate: The share of n units.
        unit: What n counts, in the plural.

    >>> from dq_pipeline.measures.estimate import Estimate
    >>> out_of(Estimate(0.25, n=3000), "rows"), out_of(Estimate(1.0, n=1), "rows")
    ('750 of 3,000 rows (0.25)', '1 of 1 row (1)')
    """
    return f"{units(estimate):,} of {number_of(estimate.n, unit)} ({shown(estimate.value)})"


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
    told = row.key is None or (row.by == "consensus" and row.key.replace("_", "-") in check.title.split())
    named = check.title + ("" if told else f" for {row.key}")
    of = number_of(estimate.n, check.unit)
    if finding.verdict == "insufficient" and bound is not None:
        value = shown(estimate.value)
        return f"{named} is {value} ({of}), and the interval that it is judged by cannot be told; the limit is {limit(bound)}."
    if finding.verdict == "insufficient":
        why = {
            "no_overlap": "no item has votes of two annotators",
            "no_variation": "there is only one label or one annotator, so nothing can disagree",
            "too_few_units": "too few to say",
            "empty": "there is nothing to count",
        }.get(estimate.status, "too little data")
        return f"{named} cannot be told: {why} ({of})."
    judged = f"; the limit is {limit(bound)}" if bound else ""
    return f"{named} is {with_interval(estimate, check.unit, bound)}{judged}{_others(finding)}."


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
