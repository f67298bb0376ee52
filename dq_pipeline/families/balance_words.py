"""What balance says and what it asks for."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from dq_pipeline.families.cells import cell_in_words, cell_of
from dq_pipeline.families.composition import OTHERS, missing_in_words
from dq_pipeline.families.mix import rows_to_reach
from dq_pipeline.families.sampling_weights import THIN, WEIGHTS
from dq_pipeline.families.verdict import limit, number_of, out_of, shown, units
from dq_pipeline.measures.keys import MISSING
from dq_pipeline.spec.number import NUMBER

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dq_pipeline.families.check import Finding
    from dq_pipeline.measures.estimate import Measure

NAMED = 5
"""Values that a sentence names."""


def sentence_of(finding: Finding, measures: Sequence[Measure], numeric: Collection[str] = ()) -> str | None:
    """A missing share with the texts behind which it hides, a ratio with the values that never occur; else None.

    Args:
        finding: What was found.
        measures: The family's.
        numeric: The conditions that are cut into bins.
    """
    worst = finding.worst
    if worst is not None and worst.measure == "imbalance_ratio":
        return _of_absent(finding, worst, measures)
    if worst is None or worst.measure != "missing_share" or worst.estimate.value is None:
        return None
    told = missing_in_words(measures, worst.key, numbers=worst.key in numeric)
    judged = f"; the limit is {limit(finding.bound)}" if finding.bound else ""
    others = [f"{row.key} {shown(row.estimate.value)}" for row in finding.failing if row.key != worst.key]
    more = f" Beyond it too: {', '.join(others)}." if others else ""
    have = "has" if units(worst.estimate) == 1 else "have"
    return f"{out_of(worst.estimate, 'rows')} {have} no {worst.key}{told}{judged}.{more}"


def _of_absent(finding: Finding, worst: Measure, measures: Sequence[Measure]) -> str | None:
    """The declared values that never occur, which make the ratio infinite; None where all occur."""
    dim = worst.key if worst.by == "condition" else worst.by
    absent = [
        row.key
        for row in measures
        if row.measure == "share" and row.by == dim and row.estimate.n and not row.estimate.value
    ]
    if not absent or worst.estimate.value is None:
        return None
    judged = f"; the limit is {limit(finding.bound)}" if finding.bound else ""
    named = ", ".join(repr(value) for value in absent[:NAMED])
    more = f" and {len(absent) - NAMED:,} more" if len(absent) > NAMED else ""
    return (
        f"Declared, and in none of {number_of(worst.estimate.n, finding.check.unit)}: {dim} {named}{more}. So the imbalance ratio has no end; it is "
        f"judged as if there were one row, {shown(worst.estimate.value)}{judged}."
    )


def remedy_of(
    finding: Finding,
    measures: Sequence[Measure],
    labels: Sequence[str] = (),
    numeric: Collection[str] = (),
) -> str:
    """How many rows of what to collect, or what to declare.

    Args:
        finding: What was found.
        measures: The family's.
        labels: The declared labels; none when any label may stand.
        numeric: The conditions that are cut into bins.
    """
    worst = finding.worst
    undeclared = _undeclared(worst, measures, labels) if worst is not None and labels else None
    if undeclared is not None:
        return f"Mend the rows of label {undeclared!r}, which is not declared, or declare it under labels.values."
    if worst is not None and worst.estimate.status == "no_variation":
        return "Declare the other labels under labels.values and collect rows of them, if there are any."
    if worst is None or finding.verdict == "insufficient":
        return "Label some items: there is nothing to balance yet."
    told = {
        "cell_count": _of_cells,
        "target_ratio": _of_target,
        "imbalance_ratio": _of_ratio,
        "distinct_values": _of_many_values,
    }
    if worst.measure in told:
        return told[worst.measure](finding, worst, measures)
    return _of_missing(worst, as_numbers=worst.key in numeric)


def _of_missing(worst: Measure, *, as_numbers: bool) -> str:
    rows = number_of(units(worst.estimate), "rows")
    if as_numbers:
        return (
            f"Find out the {worst.key} of {rows}, and write it as a number such as 1234.5: without a mark between "
            "thousands and without a unit."
        )
    return (
        f"Find out the {worst.key} of {rows}; a text that is a value of its own is declared under `values`."
    )


def _of_many_values(finding: Finding, worst: Measure, measures: Sequence[Measure]) -> str:  # noqa: ARG001 - one of several
    """Bins for numbers; words have none."""
    dim = worst.key
    values = [
        row.key or "" for row in measures if row.measure == "share" and row.by == dim and _is_value(row)
    ]
    if all(re.fullmatch(NUMBER, value) for value in values):
        return (
            f"Cut {dim} into bins: write `{{name: {dim}, quantiles: 4}}`, or take it out of the conditions."
        )
    return f"Name a coarser column than {dim} among the conditions, or take it out of them."


def _undeclared(worst: Measure, measures: Sequence[Measure], labels: Sequence[str]) -> str | None:
    """The label that is not declared and decides the number: no rows of it are to be collected."""
    if worst.measure == "imbalance_ratio" and worst.by == "label":
        shares = [row for row in measures if row.measure == "share" and row.by == "label" and _is_value(row)]
        rarest = min(shares, key=lambda row: row.estimate.value or 0.0, default=None)
        label = rarest.key if rarest is not None else None
    else:
        label = cell_of(worst).get("label") if worst.measure == "cell_count" else None
    return None if label in labels else label


def _is_value(row: Measure) -> bool:
    """Whether a share is that of a value: not of what is missing or unlisted."""
    return row.estimate.value is not None and row.key != MISSING and not OTHERS.fullmatch(row.key or "")


def _of_cells(finding: Finding, worst: Measure, measures: Sequence[Measure]) -> str:  # noqa: ARG001 - one of several
    least = int(finding.bound.at_least or 0) if finding.bound else 0
    missing = sum(least - int(row.estimate.value or 0) for row in finding.failing)
    first = least - int(worst.estimate.value or 0)
    thin = len(finding.failing)
    of_all = f" ({missing:,} over all {thin:,} thin cells, which {THIN} lists)" if thin > 1 else ""
    return f"Collect {number_of(first, 'rows')} of {cell_in_words(worst)}{of_all}."


def _of_target(finding: Finding, worst: Measure, measures: Sequence[Measure]) -> str:
    bound = finding.bound.at_most if finding.bound else None
    own = _share_of(worst, measures)
    ratio, n = worst.estimate.value or 0.0, worst.estimate.n
    rows = round(own * n)
    wanted = ratio * max(rows, 1) / n if n else 0.0
    more = rows_to_reach(wanted, bound or 1.0, rows, n)
    return f"Collect {number_of(max(more, 1), 'rows')} of {worst.by} {worst.key}, or weigh rows by {WEIGHTS}."


def _share_of(row: Measure, measures: Sequence[Measure]) -> float:
    shares = (
        one.estimate.value
        for one in measures
        if one.measure == "share" and one.by == row.by and one.key == row.key
    )
    return next(shares, None) or 0.0


def _of_ratio(finding: Finding, worst: Measure, measures: Sequence[Measure]) -> str:
    dim = worst.key if worst.by == "condition" else worst.by
    shares = [row for row in measures if row.measure == "share" and row.by == dim and _is_value(row)]
    if not shares or finding.bound is None or finding.bound.at_most is None:
        return "Collect rows of the rarest values."
    most = max(shares, key=lambda row: row.estimate.value or 0.0)
    least = min(shares, key=lambda row: row.estimate.value or 0.0)
    rows = most.estimate.n
    most_rows, least_rows = (round(rows * (row.estimate.value or 0.0)) for row in (most, least))
    wanted = math.ceil(most_rows / finding.bound.at_most) - least_rows
    return (
        f"Collect {number_of(max(wanted, 1), 'rows')} of {dim} {least.key!r}, or weigh rows by {WEIGHTS}: "
        f"{most.key!r} has {most_rows:,} of {rows:,}."
    )
