"""Accuracy of votes that go together by item, and gold that confident votes contradict."""

from __future__ import annotations

import numpy as np
import pytest

from dq_pipeline.measures.accuracy import accuracy, suspect_gold
from dq_pipeline.measures.wilson import wilson


def kinds(*rows):
    """Arrays of (votes, right, items) rows."""
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def test_one_vote_an_item_is_wilsons_interval():
    found = accuracy(*kinds((1, 1, 80), (1, 0, 20)))
    assert (found.value, found.n) == (0.8, 100)
    assert (found.low, found.high) == pytest.approx(wilson(0.8, 100 * 99 / 100), abs=2e-3)


def test_votes_that_always_go_together_are_worth_their_items():
    found = accuracy(*kinds((5, 5, 80), (5, 0, 20)))
    assert (found.value, found.n) == (0.8, 500)
    assert (found.low, found.high) == pytest.approx(wilson(0.8, 100), abs=1e-9)


def test_votes_that_go_each_its_own_way_are_worth_themselves():
    random = np.random.default_rng(1)
    right, items = np.unique(random.binomial(5, 0.8, 4000), return_counts=True)
    found = accuracy(np.full(len(right), 5), right, items)
    assert found.high - found.low == pytest.approx(np.subtract(*wilson(found.value, 20_000)[::-1]), rel=0.05)


def test_the_interval_covers_when_items_differ_in_difficulty():
    random = np.random.default_rng(2)
    covered = 0
    for _ in range(400):
        p = random.beta(4, 1, 150)
        pairs, items = np.unique(
            np.stack([np.full(150, 5), random.binomial(5, p)]), axis=1, return_counts=True
        )
        found = accuracy(pairs[0], pairs[1], items)
        covered += found.low <= 0.8 <= found.high
    assert 0.92 <= covered / 400 <= 0.98


@pytest.mark.parametrize(("right", "value"), [(0, 0.0), (3, 1.0)])
def test_all_right_or_all_wrong_still_has_an_interval(right, value):
    found = accuracy(*kinds((3, right, 20)))
    assert found.value == value
    assert found.high - found.low == pytest.approx(np.subtract(*wilson(value, 20)[::-1]))


def test_no_votes_are_empty():
    assert accuracy(*kinds((0, 0, 0))).status == "empty"


def test_gold_is_suspect_where_four_fifths_of_three_votes_or_more_stand_for_one_other_label():
    votes, against, items = kinds((2, 2, 7), (3, 3, 2), (3, 2, 5), (5, 4, 1), (10, 8, 1), (10, 7, 1))
    found = suspect_gold(votes, against, items)
    assert (found.value, found.n) == (4 / 10, 10)
    assert suspect_gold(*kinds((2, 2, 7))).status == "too_few_units"
