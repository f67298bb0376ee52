"""What to do about annotators, with a quantity: to look at items together, to label some again, never to drop anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.annotator_words import Told, least_consistent
from dq_pipeline.families.verdict import number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.families.annotators import AnnotatorsPolicy
    from dq_pipeline.families.check import Finding
    from dq_pipeline.measures.estimate import Measure

TOGETHER = 20
"""Items to go through together."""
AGAIN = 40
"""Items of a label to label again, at most."""


def what_to_do(finding: Finding, measures: Sequence[Measure], policy: AnnotatorsPolicy) -> str:
    """One sentence with a quantity."""
    told, row = Told(finding, measures, policy), finding.worst
    if finding.verdict == "clear":
        return ""
    if finding.verdict == "insufficient" or row is None:
        return _more(finding, told)
    name = told.name
    if row.measure == "label_bias":
        again = min(max(round(abs(row.estimate.value or 0.0) * row.estimate.n), 1), AGAIN)
        sides = (name, "the others") if (row.estimate.value or 0.0) > 0 else ("the others", name)
        return (
            f"Go through the guideline for label {told.label!r} with {name}, then have {name} label {number_of(again, 'items')} again on which "
            f"{sides[0]} gave it and {sides[1]} did not."
        )
    if row.measure in {"agreement_gap", "kappa_with_peers", "constant_excess"}:
        n = round((1 - (told.of("leave_one_out_agreement", name).value or 0.0)) * row.estimate.n)
        return (
            f"Look at {number_of(min(max(n, 1), TOGETHER), 'items')} on which {name} and the others differ together with {name} before deciding "
            f"anything: it may be the guideline, or the items."
        )
    if row.measure.startswith("gold_accuracy"):
        gold = told.of("gold_accuracy", name)
        wrong = round((1 - (gold.value or 0.0)) * gold.n)
        return f"Show {name} the {number_of(wrong, 'gold items')} that {name} missed, check those gold labels, and have {name} label {AGAIN} items again."
    return _of_crowd(finding, row, measures, policy)


def _more(finding: Finding, told: Told) -> str:
    """What to collect so that annotators can be judged."""
    measure = finding.check.measure
    if measure.startswith("gold_accuracy"):
        return f"Give each annotator {told.least} gold items among the others."
    if measure == "repeat_agreement_at_most":
        return f"Give each annotator {told.least} items a second time."
    if measure in {"users_of_label", "constant_excess"}:
        return f"Have each annotator label {told.least} items at least."
    return f"Give each annotator {told.least} items at least that another annotator labels too."


def _of_crowd(finding: Finding, row: Measure, measures: Sequence[Measure], policy: AnnotatorsPolicy) -> str:
    """What to do where no single annotator is meant."""
    n, value = row.estimate.n, row.estimate.value or 0.0
    asked = {
        "components": f"Have {policy.least_overlap} items labelled by annotators of every part, so that the parts can be compared.",
        "unjudged_share": f"Give the annotators of these {number_of(round(value * n), 'annotations')} {policy.least_overlap} items each that "
        f"others label too, or fewer annotators more items.",
        "assignment": f"Deal the items out at random, and have {max(policy.least_overlap, 30)} items of each label labelled again by "
        f"others than before.",
        "users_of_label": f"Have {min(n, 30):,} of the {number_of(n, 'items')} with label {row.key!r} labelled by another annotator.",
        "disagreements": "Check on 50 items that annotators did not see each other's labels, and that no label was rewritten "
        "afterwards.",
    }
    return asked.get(row.measure) or _of_repeats(finding, measures, policy)


def _of_repeats(finding: Finding, measures: Sequence[Measure], policy: AnnotatorsPolicy) -> str:
    worst = least_consistent(finding, measures)
    if worst is None:
        return f"Give each annotator {policy.least_repeats} items a second time."
    own = Told(finding, measures, policy).of("repeat_agreement", worst.key)
    differing = round((1 - (own.value or 0.0)) * own.n)
    return f"Go through the {number_of(differing, 'items')} that {worst.key} labelled in two ways with {worst.key}, and settle the label in the guideline."
