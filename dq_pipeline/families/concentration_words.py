"""What concentration says and what it asks for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dq_pipeline.families.composition import OTHERS, missing_in_words
from dq_pipeline.families.verdict import NAMED, limit, number_of, out_of, shown, units
from dq_pipeline.measures.keys import MISSING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.families.check import Finding
    from dq_pipeline.measures.estimate import Measure


def sentence_of(finding: Finding, measures: Sequence[Measure]) -> str | None:
    """The suspected spellings by name, and why nothing is known by label; None for what any check is told."""
    worst = finding.worst
    if worst is None and (sources := _untold(finding, measures)):
        return (
            f"The items come from {sources:,} sources. Within a label only so many are told apart as are listed, "
            f"{_listed(measures):,}, so whose the {finding.check.unit} of a label are is not known."
        )
    if worst is not None and worst.measure == "unknown_share" and worst.estimate.value:
        return _of_unknown(finding, worst, measures)
    if worst is None or worst.measure != "suspected_spellings" or not worst.estimate.value:
        return None
    found = [row for row in measures if row.measure == "suspected_spelling"]
    named = ", ".join(_pair(row) for row in found[:NAMED])
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    judged = f"; the limit is {limit(finding.bound)}" if finding.bound else ""
    return f"{len(found):,} names of sources are likely others spelled differently: {named}{more}{judged}."


def _of_unknown(finding: Finding, worst: Measure, measures: Sequence[Measure]) -> str:
    """The share without a source, with the texts that were read as none."""
    judged = f"; the limit is {limit(finding.bound)}" if finding.bound else ""
    told = missing_in_words(measures, "source")
    have = "has" if units(worst.estimate) == 1 else "have"
    return f"{out_of(worst.estimate, 'items')} {have} no source{told}{judged}."


def remedy_of(finding: Finding, measures: Sequence[Measure]) -> str:
    """How many items of other sources bring the largest one under the bound, or what to find out."""
    shares = [
        row
        for row in measures
        if row.measure == "share" and row.estimate.value is not None and not OTHERS.fullmatch(row.key or "")
    ]
    worst = finding.worst
    if worst is None and _untold(finding, measures):
        return (
            f"Name a coarser source, of at most {_listed(measures):,} values, such as the site of a device."
        )
    if finding.verdict == "insufficient" or worst is None or not shares:
        return "Name the source of the items."
    if worst.measure == "suspected_spellings":
        return "Write each source in one way; source_spellings.csv lists the suspects."
    if worst.by == "label":
        return _of_label(worst, finding)
    largest = max(shares, key=lambda row: row.estimate.value or 0.0)
    n, p = largest.estimate.n, largest.estimate.value or 0.0
    if worst.measure == "unknown_share" or largest.key == MISSING:
        unknown = next((row.estimate.value or 0.0 for row in shares if row.key == MISSING), 0.0)
        taken = any(row.measure == "missing_count" and row.key != MISSING for row in measures)
        named = "; a text that names a source is taken out of `items.missing_values`" if taken else ""
        items = round(n * unknown)
        return f"Find out the source of {items:,} item{'s' * (items != 1)}{named}."
    return _of_all(largest.key or "", n, p, finding)


def _untold(finding: Finding, measures: Sequence[Measure]) -> int:
    """How many sources there are, where there are too many to tell those of a label apart; else 0."""
    if finding.check.by != "label":
        return 0
    rest = any(row.by == "source" and OTHERS.fullmatch(row.key or "") for row in measures)
    distinct = (row.estimate.value for row in measures if row.measure == "distinct_sources")
    return int(next(distinct, 0) or 0) if rest else 0


def _listed(measures: Sequence[Measure]) -> int:
    return sum(
        row.measure == "share"
        and row.by == "source"
        and row.key != MISSING
        and not OTHERS.fullmatch(row.key or "")
        for row in measures
    )


def _of_all(name: str, n: int, p: float, finding: Finding) -> str:
    rows = round(n * p)
    if finding.check.measure == "largest_share":
        more = _from_others(n, rows, finding)
        return f"Collect {number_of(more, 'items')} from sources other than {name!r}, or train on fewer of its {rows:,}."
    return f"Collect items from more sources: {name!r} gives {rows:,} of {n:,}."


def _of_label(worst: Measure, finding: Finding) -> str:
    n, p = worst.estimate.n, worst.estimate.value or 0.0
    return f"Collect {_from_others(n, round(n * p), finding):,} {finding.check.unit} of label {worst.key!r} from other sources."


def _from_others(total: int, largest: int, finding: Finding) -> int:
    """Rows of others that bring the largest one's share down to the bound."""
    most = finding.bound.at_most if finding.bound else None
    return max(math.ceil(largest / most) - total, 1) if most else 1


def _pair(row: Measure) -> str:
    other, name = row.values
    items = row.estimate.value or 0.0
    return f"{other!r} ({shown(items)} item{'s' * (items != 1)}) for {name!r}"
