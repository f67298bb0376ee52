"""False discoveries: the published example, scipy's procedure, and intervals that exclude what is rejected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dq_pipeline.measures.discoveries import quantile_beyond, rejecting_level

PUBLISHED = np.array([.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1.0])  # fmt: skip
"""Benjamini & Hochberg 1995, section 4.1: four of fifteen are rejected at .05."""


def test_the_published_example_rejects_four():
    level = rejecting_level(PUBLISHED, 0.05)
    assert level == pytest.approx(4 * 0.05 / 15)
    assert (level >= PUBLISHED).sum() == 4


def test_where_nothing_is_rejected_the_level_is_that_of_the_smallest():
    assert rejecting_level(np.array([0.04, 0.5, 0.9]), 0.05) == pytest.approx(0.05 / 3)
    assert rejecting_level(np.zeros(0), 0.05) == 0.05


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0.01, 0.3))
def test_it_rejects_what_scipys_adjusted_values_reject(p, false):
    p = np.array(p)
    adjusted = stats.false_discovery_control(p)
    if np.abs(adjusted - false).min() > 1e-9:
        assert ((p <= rejecting_level(p, false)) == (adjusted <= false)).all()


@given(st.lists(st.floats(-5, 8), min_size=1, max_size=40))
def test_what_lies_so_many_errors_beyond_its_limit_is_what_is_rejected(z):
    z = np.array(z)
    quantile = quantile_beyond(z, 0.05)
    rejected = stats.false_discovery_control(stats.norm.sf(z)) <= 0.05
    if np.abs(z - quantile).min() > 1e-6:
        assert ((z > quantile) == rejected).all()


def test_few_of_those_named_are_named_by_chance():
    random = np.random.default_rng(1995)
    false, named = [], 0
    for _ in range(400):
        z = random.standard_normal(100)
        z[:10] += 4
        beyond = z > quantile_beyond(z, 0.05)
        named += beyond[:10].sum()
        false.append(beyond[10:].sum() / max(beyond.sum(), 1))
    assert np.mean(false) <= 0.055
    assert named > 3000
