"""What was found about agreement, in sentences: which slice, what to go through, how many items to annotate twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.agreement_rows import RELIEF_AC1, RELIEF_SPECIFIC
from dq_pipeline.families.cells import cell_of
from dq_pipeline.families.verdict import limit, number_of, shown, with_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.families.agreement import AgreementPolicy
    from dq_pipeline.families.check import Finding
    from dq_pipeline.measures.estimate import Measure

NAMED = 3
"""Further slices that a sentence names."""


def in_words(finding: Finding, measures: Sequence[Measure]) -> str | None:
    """A sentence where the family has a better one than any check gets, else None."""
    if finding.error is None and finding.worst is None and finding.check.measure == "alpha_gap":
        return (
            f"{finding.check.title} was not measured: fewer than two slices have enough items with two votes."
        )
    if finding.error is not None or finding.worst is None or finding.verdict == "insufficient":
        return None
    words = {"alpha_gap": _of_slice, "group_gap": _of_groups}.get(finding.check.measure)
    if finding.check.measure == "krippendorff_alpha" and _relieved(finding):
        words = _of_prevalence
    if words is not None:
        return words(finding, measures)
    if not finding.check.bounds:
        row = finding.worst.estimate
        return (
            f"{finding.check.title} is {shown(row.value)} ({shown(row.low)} to {shown(row.high)}, {row.n:,} "
            f"{finding.check.unit}); the labels are declared descriptive, so disagreement is data and nothing limits it."
        )
    return None


def _relieved(finding: Finding) -> bool:
    """Whether a value beyond the limit that blocks warns only."""
    return finding.verdict == "warn" and finding.bound is not None and finding.bound.severity == "block"


def _of_prevalence(finding: Finding, measures: Sequence[Measure]) -> str | None:
    ac1 = _found(measures, "gwet_ac1", None, None)
    if finding.worst is None or finding.bound is None or ac1 is None:
        return None
    return (
        f"{finding.check.title} is {with_interval(finding.worst.estimate, finding.check.unit, finding.bound)}; the limit is "
        f"{limit(finding.bound)}. It warns and does not block, as AC1 is {shown(ac1.estimate.value)} (>= {RELIEF_AC1:g}) and "
        f"the agreement on each label is >= {RELIEF_SPECIFIC:g}."
    )


def _of_slice(finding: Finding, measures: Sequence[Measure]) -> str:
    worst = finding.worst
    if worst is None:
        raise ValueError("a sentence about a slice needs the slice")
    gap, where = worst.estimate, _where(worst)
    own = _found(measures, "krippendorff_alpha", worst.by, worst.key)
    inside = own.estimate.value if own else None
    elsewhere = None if inside is None or gap.value is None else inside + gap.value
    judged = f"; the limit is {limit(finding.bound)}" if finding.bound else ""
    others = [row for row in finding.failing if row.key != worst.key]
    more = ""
    if others:
        named = ", ".join(_where(row) for row in others[:NAMED])
        more = f". So do they where {named}" + (
            f" and in {len(others) - NAMED:,} more slices" if len(others) > NAMED else ""
        )
    if finding.verdict == "clear":
        return (
            f"Annotators agree alike in every {worst.by or 'slice'}: most of all they differ where {where}, alpha "
            f"{shown(inside)} against {shown(elsewhere)} elsewhere (lower by {shown(gap.low)} to {shown(gap.high)}, "
            f"{number_of(gap.n, 'items')}){judged}."
        )
    return (
        f"Annotators agree less where {where}: alpha is {shown(inside)} there and {shown(elsewhere)} elsewhere, lower by "
        f"{with_interval(gap, 'items', finding.bound)}{judged}{more}."
    )


def _of_groups(finding: Finding, measures: Sequence[Measure]) -> str | None:
    within = _found(measures, "within_group_alpha", None, None)
    across = _found(measures, "across_group_alpha", None, None)
    if finding.worst is None or within is None or across is None:
        return None
    gap = finding.worst.estimate
    judged = f"; the limit is {limit(finding.bound)}" if finding.bound else ""
    return (
        f"Within groups of annotators alpha is {shown(within.estimate.value)}, across them {shown(across.estimate.value)}: "
        f"lower by {shown(gap.value)} ({shown(gap.low)} to {shown(gap.high)}, {number_of(across.estimate.n, 'items')} with votes of "
        f"two groups){judged}."
    )


def what_to_do(finding: Finding, measures: Sequence[Measure], policy: AgreementPolicy) -> str:
    """One sentence with a quantity."""
    if finding.verdict == "insufficient":
        return _more(finding, measures, policy)
    worst = finding.worst
    if worst is not None and finding.check.measure == "alpha_gap":
        return (
            f"Say in the guideline what to do where {_where(worst)}, with examples from there, and have its "
            f"{number_of(worst.estimate.n, 'items')} annotated again."
        )
    if worst is not None and finding.check.measure == "group_gap":
        lowest = _least_group(measures)
        start = (
            f", starting with {lowest.key!r}, where alpha is {shown(lowest.estimate.value)}" if lowest else ""
        )
        return f"Calibrate the groups together on 50 items that they label differently{start}, then annotate those again."
    twice = _twice(finding, measures, policy)
    if twice is not None:
        return twice
    by_label = [
        row for row in measures if row.measure == "specific_agreement" and row.estimate.value is not None
    ]
    if not by_label:
        return "Go through the guideline with the annotators on 50 items they disagree on, then annotate those again."
    least = min(by_label, key=lambda row: row.estimate.value or 0.0)
    return (
        f"Sharpen the guideline for label {least.key!r}, where {shown(100 * (least.estimate.value or 0.0))} % of pairs agree over "
        f"{number_of(least.estimate.n, 'votes')}, and have its items annotated again."
    )


def _twice(finding: Finding, measures: Sequence[Measure], policy: AgreementPolicy) -> str | None:
    """How many more items tell alpha from the threshold that `least_items` is for; None of another limit, or with enough."""
    bound, needed = finding.bound, _found(measures, "least_items", None, None)
    asked = policy.krippendorff_alpha.block or policy.krippendorff_alpha.warn
    if bound is None or bound.column != "low" or bound.at_least != asked or needed is None:
        return None
    least = int(needed.estimate.value or 0)
    if least <= needed.estimate.n:
        return None
    return (
        f"Have {number_of(least - needed.estimate.n, 'more items')} annotated twice: it takes {least:,} to tell that alpha is "
        f"above {shown(bound.at_least)}."
    )


def _more(finding: Finding, measures: Sequence[Measure], policy: AgreementPolicy) -> str:
    worst = finding.worst
    twice = _twice(finding, measures, policy)
    if twice is not None:
        return twice
    if worst is not None and worst.estimate.status == "no_variation":
        return "Annotate items of other labels too: while all have one label, nothing can disagree."
    if finding.check.measure == "alpha_gap":
        return (
            f"Have {number_of(policy.min_items, 'items')} in each of two or more slices of {finding.check.by} annotated by at least two "
            "annotators."
        )
    have = worst.estimate.n if worst else 0
    return f"Have {max(policy.min_items - have, 1):,} more items annotated by at least two annotators."


def _least_group(measures: Sequence[Measure]) -> Measure | None:
    of_groups = [
        row
        for row in measures
        if (row.measure, row.by) == ("krippendorff_alpha", "annotator_group")
        and row.estimate.value is not None
    ]
    return min(of_groups, key=lambda row: row.estimate.value or 0.0, default=None)


def _where(row: Measure) -> str:
    """The slice in words: weather is rain and light is night."""
    return " and ".join(f"{dim} is {value}" for dim, value in cell_of(row).items())


def _found(measures: Sequence[Measure], measure: str, by: str | None, key: str | None) -> Measure | None:
    return next((row for row in measures if (row.measure, row.by, row.key) == (measure, by, key)), None)
