"""A bound on an end of an interval that nobody can tell is no bound that holds."""

from __future__ import annotations

import pytest

from dq_pipeline.families.check import Bound, Check
from dq_pipeline.families.verdict import in_words
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.suites.judge import judge

VALUE = Bound("block", "alpha", at_least=0.667)
LOW = Bound("block", "alpha", at_least=0.667, column="low")
UNSETTLED = Bound("warn", "alpha", at_least=0.667, column="low")
BY_LABEL = Bound("warn", "alpha", at_least=0.667, by="label", column="low")


def finding(estimates, *bounds, require_evidence=False):
    by = bounds[0].by
    check = Check(
        "alpha", "agreement", "annotations", "alpha", "Alpha", "items", by, bounds, require_evidence
    )
    keys = [None] if by is None else ["cat", "dog"]
    rows = [Measure("agreement", "alpha", "annotations", one, by, key) for one, key in zip(estimates, keys, strict=True)]  # fmt: skip
    return judge("d", rows, [check]).findings[0]


@pytest.mark.parametrize(
    ("estimate", "bounds", "verdict"),
    [
        (Estimate(0.4983, n=150), (LOW,), "insufficient"),
        (Estimate(0.9, n=150), (LOW,), "insufficient"),
        (Estimate(0.9, 0.7, 0.95, n=150), (LOW,), "clear"),
        (Estimate(0.9, n=150), (VALUE, UNSETTLED), "insufficient"),
        (Estimate(0.9, n=150), (VALUE,), "clear"),
        (Estimate(0.4983, n=150), (VALUE, UNSETTLED), "block"),
    ],
)
def test_an_end_that_is_not_there_is_not_within_its_limit(estimate, bounds, verdict):
    assert finding([estimate], *bounds).verdict == verdict


def test_a_warning_does_not_hide_that_what_blocks_cannot_be_judged():
    warns = Bound("warn", "alpha", at_least=0.8)
    assert finding([Estimate(0.7, n=150)], LOW, warns).verdict == "insufficient"
    assert finding([Estimate(0.7, 0.68, 0.75, n=150)], LOW, warns).verdict == "warn"


@pytest.mark.parametrize(
    ("cat", "dog", "verdict"),
    [
        (Estimate(0.9, n=40), Estimate(0.9, 0.8, 0.95, n=40), "clear"),
        (Estimate(0.9, n=40), Estimate(0.9, n=40), "insufficient"),
        (Estimate(0.9, n=40), Estimate(0.6, 0.5, 0.7, n=40), "warn"),
    ],
)
def test_of_a_breakdown_the_rows_with_an_end_are_judged(cat, dog, verdict):
    assert finding([cat, dog], BY_LABEL).verdict == verdict


def test_the_sentence_has_the_number_the_limit_and_that_the_interval_is_lacking():
    said = in_words(finding([Estimate(0.4983, n=150)], LOW, require_evidence=True), "Have more.")
    assert said.sentence == (
        "Alpha is 0.4983 (150 items), and the interval that it is judged by cannot be told; the limit is low end >= 0.667."
    )
    assert (said.blocking, said.bound, said.remedy) == (True, "low end >= 0.667", "Have more.")
