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


def estimated(estimate, check=CHECK, by="annotator", key="ana"):
    row = Measure(check.family, check.measure, check.table, estimate, by, key)
    return in_words(Finding(check, "clear", row, None, ()), "").sentence


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (Estimate(1.0, n=1), "is 1 (1 vote on gold items)."),
        (Estimate(2131.6, n=5000), "is 2,132 (5,000 votes on gold items)."),
        (Estimate(6.915e-17, n=40), "is 0 (40 votes on gold items)."),
        (Estimate(3e-12, low=-0.1, high=0.2, n=40), "is 0 (-0.1 to 0.2, 40 votes on gold items)."),
        (Estimate(3e-12, low=2e-12, high=4e-12, n=40), "is 3e-12 (2e-12 to 4e-12, 40 votes on gold items)."),
    ],
)
def test_one_is_singular_and_a_number_is_shown_as_what_it_comes_to(estimate, said):
    assert estimated(estimate) == f"Accuracy against gold for ana {said}"


@pytest.mark.parametrize(
    ("estimate", "bound", "said"),
    [
        (Estimate(0.66698, n=40), Bound("warn", "m", at_least=0.667), "is 0.66698 (40 votes on gold items); the limit is >= 0.667."),
        (Estimate(0.80004, 0.79, 0.81, 40), Bound("warn", "m", at_most=0.8), "is 0.80004 (0.79 to 0.81, 40 votes on gold items); the limit is <= 0.8."),
        (Estimate(0.7, 0.66698, 0.71, 40), Bound("warn", "m", at_least=0.667, column="low"), "is 0.7 (0.66698 to 0.71, 40 votes on gold items); the limit is low end >= 0.667."),
        (Estimate(1000.04, n=40), Bound("warn", "m", at_most=1000), "is 1,000.04 (40 votes on gold items); the limit is <= 1,000."),
        (Estimate(0.8, n=40), Bound("warn", "m", at_most=0.8), "is 0.8 (40 votes on gold items); the limit is <= 0.8."),
        (Estimate(0.66698, n=40), Bound("warn", "m", at_least=0.5), "is 0.667 (40 votes on gold items); the limit is >= 0.5."),
    ],
)  # fmt: skip
def test_a_number_beside_its_limit_shows_on_which_side_it_lies(estimate, bound, said):
    row = Measure("gold", "gold_accuracy", "annotations", estimate, "annotator", "ana")
    sentence = in_words(Finding(CHECK, "warn", row, bound, (row,)), "").sentence
    assert sentence == f"Accuracy against gold for ana {said}"


def test_a_method_that_the_title_names_is_not_named_again():
    title = "The accuracy of dawid-skene against gold"
    check = Check("consensus_gold_accuracy", "consensus", "annotations", "gold_accuracy", title, "items with gold", "consensus", ())  # fmt: skip
    said = estimated(Estimate(0.9583, n=24), check, "consensus", "dawid_skene")
    assert said == f"{title} is 0.9583 (24 items with gold)."
