"""Verdicts in words: the worst row with its number, the next ones by name, the rest by number."""

from __future__ import annotations

import pytest

from dq_pipeline.families.check import Bound, Check, Finding
from dq_pipeline.families.verdict import in_words
from dq_pipeline.measures.estimate import Estimate, Measure

BOUND = Bound("warn", "gold_accuracy", at_least=0.7, by="annotator")
CHECK = Check("gold_annotators", "gold", "annotations", "gold_accuracy", "Accuracy against gold", "votes on gold items", "annotator", (BOUND,))  # fmt: skip


def finding(*accuracies):
    rows = tuple(
        Measure("gold", "gold_accuracy", "annotations", Estimate(value, n=40), "annotator", name)
        for name, value in accuracies
    )
    return Finding(CHECK, "warn", rows[0], BOUND, rows)


@pytest.mark.parametrize(
    ("accuracies", "others"),
    [
        ([("ana", 0.5)], ""),
        ([("ana", 0.5), ("bo", 0.6)], " (beyond it too: bo 0.6)"),
        ([("ana", 0.5), ("bo", 0.6), ("cyd", 0.65)], " (beyond it too: bo 0.6, cyd 0.65)"),
        ([("ana", 0.5), ("bo", 0.6), ("cyd", 0.65), ("dee", 0.66)], " (beyond it too: bo 0.6, cyd 0.65 and 1 more)"),
    ],
)  # fmt: skip
def test_a_sentence_names_the_worst_with_their_numbers(accuracies, others):
    said = in_words(finding(*accuracies), "Do it.")
    start = "Accuracy against gold for ana is 0.5 (40 votes on gold items); the limit is >= 0.7"
    assert said.sentence == f"{start}{others}."


def test_a_family_that_says_it_better_is_heard():
    assert in_words(finding(("ana", 0.5)), "Do it.", "ana is off.").sentence == "ana is off."
