"""Cramer's V: scipy's without the correction, 0 for what does not depend, 1 for what decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.contingency import association

from dq_pipeline.measures.association import cramers_v


@given(st.lists(st.lists(st.integers(1, 60), min_size=3, max_size=3), min_size=2, max_size=5))
def test_it_is_scipys_value_with_bergsmas_correction(rows):
    table = np.array(rows)
    n, (r, c) = table.sum(), table.shape
    phi2 = association(table, method="cramer") ** 2 * (min(r, c) - 1)
    corrected = max(phi2 - (r - 1) * (c - 1) / (n - 1), 0)
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    assert cramers_v(table).value == pytest.approx(min(np.sqrt(corrected / least), 1), abs=1e-9)


def test_what_does_not_depend_is_near_nought_however_many_rows_there_are():
    random = np.random.default_rng(2013)
    found = [cramers_v(random.multinomial(5, [0.5, 0.3, 0.2], 200)).value for _ in range(50)]
    assert np.mean(found) < 0.05


def test_what_decides_is_one():
    assert cramers_v(np.diag([50, 60, 70])).value == pytest.approx(1.0)


def test_empty_rows_and_columns_make_no_difference():
    table = np.array([[30, 10], [10, 30]])
    wider = np.array([[30, 0, 10], [0, 0, 0], [10, 0, 30]])
    assert cramers_v(wider) == cramers_v(table)


@pytest.mark.parametrize(
    ("table", "status"),
    [(np.zeros((2, 2)), "empty"), (np.array([[3, 4]]), "no_variation"), (np.array([[3, 0], [4, 0]]), "no_variation"), (np.eye(3), "too_few_units")],
)  # fmt: skip
def test_a_table_that_tells_nothing_says_why(table, status):
    found = cramers_v(table)
    assert (found.value, found.status) == (None, status)
