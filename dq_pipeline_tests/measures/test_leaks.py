"""What gives labels away: all is 1, nothing is 0, and many values do not look telling."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import homogeneity_score

from dq_pipeline.measures.leaks import found_in_text, uncertainty_coefficient


def sizes(values):
    return np.array(sorted(Counter(Counter(values).values()).items()), dtype=np.int64).reshape(-1, 2)


def coefficient(values, labels):
    pairs = list(zip(values, labels, strict=True))
    return uncertainty_coefficient(sizes(pairs), sizes(values), sizes(labels))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=60))
def test_uncorrected_it_is_scikit_learns_homogeneity(rows):
    values, labels = zip(*rows, strict=True)
    found = coefficient(values, labels)
    if len(set(labels)) == 1:
        assert (found.value, found.status) == (None, "no_variation")
        return
    assert 0 <= found.value <= 1
    # A million copies of each row leave the shares and take the correction away.
    many = [np.array(one) for one in (sizes(rows), sizes(values), sizes(labels))]
    for one in many:
        one[:, 0] *= 1_000_000
    expected = homogeneity_score(labels, values)
    assert uncertainty_coefficient(*many).value == pytest.approx(expected, abs=1e-6)


def test_a_column_that_determines_the_label_gives_all_of_it_away():
    assert coefficient([1, 1, 2, 2, 3, 3], "aabbaa").value == pytest.approx(1)
    assert coefficient([7] * 6, "aabbab").value == 0


def test_values_at_random_tell_nothing_however_many_they_are():
    draw = np.random.default_rng(5)
    values, labels = draw.integers(0, 400, 4000).tolist(), draw.integers(0, 2, 4000).tolist()
    assert homogeneity_score(labels, values) > 0.05
    assert coefficient(values, labels).value < 0.01


def test_without_rows_nothing_is_told():
    none = np.zeros((0, 2), dtype=np.int64)
    assert uncertainty_coefficient(none, none, none).status == found_in_text(0, 0, 0).status == "empty"


def test_a_text_is_held_against_what_chance_would_find():
    # 60 cats, 40 dogs; each text holds its own label: by chance 60 * 60 + 40 * 40 of 10,000 pairs.
    assert found_in_text(100, 5200, 100).value == 1
    assert found_in_text(52, 5200, 100).value == 0
    # A text that holds every label tells nothing.
    assert found_in_text(100, 10_000, 100).status == "no_variation"
