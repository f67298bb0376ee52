"""The domain classifier: .5 where two samples are alike, 1 where they share nothing, scikit-learn's area between."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dq_pipeline.measures.domain import domain_auc


def test_samples_that_share_nothing_are_told_apart_and_like_ones_are_not():
    keys = (("a", "x"), ("b", None))
    apart = domain_auc(keys, np.array([50, 0]), np.array([0, 50]))
    assert apart.value == 1
    alike = domain_auc(keys, np.array([500, 500]), np.array([500, 500]))
    assert alike.value == pytest.approx(0.5, abs=0.04)
    assert alike.low < alike.value < alike.high
    assert alike.n == 2000


def test_with_one_condition_the_area_is_that_of_its_shares():
    reference, target = np.array([900, 100]), np.array([600, 400])
    side = np.repeat([0, 1], [1000, 1000])
    score = np.concatenate([np.repeat([0, 1], reference), np.repeat([0, 1], target)])
    found = domain_auc((("a",), ("b",)), reference, target)
    assert found.value == pytest.approx(roc_auc_score(side, score), abs=0.02)
    assert found.low < found.value < found.high


def test_a_fivefold_gap_on_a_rare_condition_leaves_it_silent():
    found = domain_auc((("clear",), ("rain",)), np.array([9960, 40]), np.array([9800, 200]))
    assert found.value < 0.52


def test_without_rows_there_is_nothing_to_tell():
    assert domain_auc((("a",),), np.array([5]), np.array([0])).status == "empty"
    assert domain_auc((("a",),), np.array([50]), np.array([4])).status == "too_few_units"
