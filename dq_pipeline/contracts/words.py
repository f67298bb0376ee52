"""The contracts of a spec's tables in words: what failing rows have wrong, and which other rules fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.tables import SPLITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.contracts.result import RuleResult

VALUES = 8
"""Declared values that a sentence lists."""
DECLARED = frozenset({"isin", "holds_declared_labels"})
"""The rules that a label is a declared one, or a split the name of a side."""
FURTHER = 3
"""Rules that a sentence names after the first."""


def sentence_of(failed: Sequence[RuleResult], labels: Sequence[str]) -> str:
    """The first failing rule with its numbers, then the others by name and number.

    Args:
        failed: The rules that do not hold, the worst first.
        labels: The declared labels.
    """
    worst, *others = failed
    if not others:
        return _whole(worst, labels)
    named = "; ".join(_broken(rule) for rule in others[:FURTHER])
    left = len(others) - FURTHER
    more = f"; and {left:,} more {'rule fails' if left == 1 else 'rules fail'}" if left > 0 else ""
    return f"{_whole(worst, labels)} Besides: {named}{more}."


def _whole(rule: RuleResult, labels: Sequence[str]) -> str:
    """A rule on its own, with the values that it allows."""
    values = labels if rule.column == "label" else SPLITS
    allowed = values if rule.rule in DECLARED else ()
    if not rule.failing or not allowed:
        return rule.sentence if _plain(rule) is None else f"{_broken(rule)}."
    more = f" and {len(allowed) - VALUES:,} more" if len(allowed) > VALUES else ""
    return f"{_broken(rule)}: {', '.join(allowed[:VALUES])}{more}."


def _broken(rule: RuleResult) -> str:
    """How many rows break a rule and how, without the values that it allows."""
    plain = _plain(rule)
    return rule.rows_that(plain) if plain else rule.sentence.rstrip(".")


def _plain(rule: RuleResult) -> str | None:
    """What rows that break one of the specs' own rules have wrong; None for a rule that says it itself."""
    if rule.failing is None:
        return None
    declared = "declared labels" if rule.column == "label" else "names of sides"
    return {
        "isin": f"have a {rule.column} that is not one of the {declared}",
        "holds_declared_labels": f"hold a {rule.column} that is not one of the {declared}",
        "is_a_number": f"have a {rule.column} that is no number",
    }.get(rule.rule)
