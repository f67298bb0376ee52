"""The AUC of the source alone: every pair left out, as a plain loop does it, and as scikit-learn has it in the limit."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.source_only import source_only_auc, weighted_auc

ROWS = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=18)


def counted(rows):
    sources = np.array([source for source, _ in rows])
    positive = np.array([holds for _, holds in rows])
    return np.bincount(sources, minlength=5), np.bincount(sources[positive], minlength=5)


def pair_by_pair(rows):
    """Score both rows of each pair by the other rows of their source."""

    def score(left_out, source):
        rest = [holds for at, (other, holds) in enumerate(rows) if at not in left_out and other == source]
        everyone = [holds for at, (_, holds) in enumerate(rows) if at not in left_out]
        return sum(rest) / len(rest) if rest else (sum(everyone) / len(everyone) if everyone else 0.5)

    right = pairs = 0
    for (i, (one, first)), (j, (other, second)) in itertools.product(enumerate(rows), repeat=2):
        if first and not second:
            ours, theirs = score({i, j}, one), score({i, j}, other)
            right += 1.0 if ours > theirs + 1e-12 else 0.5 if abs(ours - theirs) <= 1e-12 else 0.0
            pairs += 1
    return right / pairs


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_it_leaves_out_every_pair_as_a_plain_loop_does(rows):
    auc = source_only_auc(*counted(rows))
    if len({source for source, _ in rows}) < 2 or len({holds for _, holds in rows}) < 2:
        assert (auc.value, auc.status, auc.n) == (None, "no_variation", len(rows))
    else:
        assert auc.value == pytest.approx(pair_by_pair(rows))
        assert 0 <= auc.low <= auc.value <= auc.high <= 1


@pytest.mark.parametrize("sources", [[0, 0, 0, 1, 1, 2], [0, 1, 2, 3, 3, 3], [0, 0, 0, 0, 1, 1]])
def test_over_all_ways_to_give_the_label_out_it_is_a_half_on_average(sources):
    for positives in range(1, 6):
        given_out = itertools.combinations(range(6), positives)
        found = [
            source_only_auc(*counted([(source, at in held) for at, source in enumerate(sources)])).value
            for held in given_out
        ]
        assert np.mean(found) == pytest.approx(0.5)


def test_in_a_large_table_it_is_scikit_learns_auc_of_the_shares():
    rng = np.random.default_rng(5)
    rows = rng.integers(2000, 9000, 30)
    positives = rng.binomial(rows, rng.beta(2, 5, 30))
    scores = np.repeat(positives / rows, rows)
    truth = np.concatenate([np.arange(n) < p for n, p in zip(rows, positives, strict=True)])
    assert source_only_auc(rows, positives).value == pytest.approx(roc_auc_score(truth, scores), abs=2e-3)


def test_of_several_labels_it_is_scikit_learns_weighted_mean():
    rng = np.random.default_rng(6)
    table = rng.integers(300, 3000, (12, 4))
    rows = table.sum(axis=1)
    found = weighted_auc([source_only_auc(rows, held) for held in table.T], table.sum(axis=0))
    truth = np.concatenate([np.repeat(range(4), counts) for counts in table])
    scores = np.repeat(table / rows[:, None], rows, axis=0)
    expected = roc_auc_score(truth, scores, multi_class="ovr", average="weighted")
    assert found.value == pytest.approx(expected, abs=5e-3)


def test_of_two_labels_both_have_the_same_number():
    rows, positives = np.array([100, 900, 30]), np.array([80, 90, 11])
    one, other = source_only_auc(rows, positives), source_only_auc(rows, rows - positives)
    assert one.value == pytest.approx(other.value)
    assert (one.low, one.high) == pytest.approx((other.low, other.high))
    both = weighted_auc([one, other], [181, 849])
    assert (both.value, both.low) == pytest.approx((one.value, one.low))


@settings(max_examples=30, deadline=None)
@given(ROWS, st.integers(1, 4))
def test_sources_that_are_alike_may_be_counted_together(rows, times):
    n, positives = counted(rows)
    repeated = source_only_auc(np.tile(n, times), np.tile(positives, times))
    together = source_only_auc(n, positives, np.full(5, times))
    assert (repeated.status, repeated.n) == (together.status, together.n)
    if repeated.value is not None:
        assert repeated.value == pytest.approx(together.value)
        assert (repeated.low, repeated.high) == pytest.approx((together.low, together.high))


def test_a_source_for_each_row_tells_nothing():
    assert source_only_auc(np.ones(50, int), np.arange(50) % 2).value == 0.5


def test_a_source_that_has_all_rows_with_the_label_tells_it_whole():
    auc = source_only_auc(np.array([100, 100]), np.array([100, 0]))
    assert (auc.value, auc.low, auc.high) == (1.0, 1.0, 1.0)


def test_of_nothing_it_is_undefined():
    assert source_only_auc(np.zeros(3, int), np.zeros(3, int)) == Estimate(None, status="empty")
    assert weighted_auc([], []) == Estimate(None, status="empty")
    undefined = Estimate(None, n=9, status="no_variation")
    assert weighted_auc([undefined], [9]) == undefined


def test_it_is_computed_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        source_only_auc(np.array([1, 2, 0]), np.array([1, 1, 0]))
