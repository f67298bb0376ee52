"""Bias-corrected Cramer's V: scipy's chi-square in Bergsma's formula, invariances, and intervals that hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2_contingency
from scipy.stats.contingency import association

from dq_pipeline.measures import cramers_v as module
from dq_pipeline.measures.cramers_v import cramers_v, noncentral_interval, phi_squared

TABLES = arrays(np.int64, st.tuples(st.integers(2, 5), st.integers(2, 4)), elements=st.integers(0, 40))


def full(table):
    return bool((table.sum(axis=0) > 0).all() and (table.sum(axis=1) > 0).all())


def bergsma(table):
    n, (r, c) = table.sum(), table.shape
    squares = chi2_contingency(table, correction=False).statistic / n
    corrected = max(0.0, squares - (r - 1) * (c - 1) / (n - 1))
    return math.sqrt(corrected / min(r - (r - 1) ** 2 / (n - 1) - 1, c - (c - 1) ** 2 / (n - 1) - 1))


@settings(max_examples=30, deadline=None)
@given(TABLES.filter(full).filter(lambda table: table.sum() > 10))
def test_it_is_bergsmas_formula_of_scipys_chi_square(table):
    assert cramers_v(table).value == pytest.approx(min(bergsma(table), 1.0), abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(TABLES.filter(full))
def test_without_the_correction_phi_gives_scipys_v(table):
    plain = math.sqrt(max(phi_squared(table), 0.0) / (min(table.shape) - 1))
    assert plain == pytest.approx(association(table, method="cramer"), abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(TABLES, st.randoms())
def test_neither_order_nor_side_nor_empty_values_matter(table, random):
    rows = random.sample(range(table.shape[0]), table.shape[0])
    columns = random.sample(range(table.shape[1]), table.shape[1])
    other = np.pad(table[rows][:, columns].T, 1)
    first, second = cramers_v(table), cramers_v(other)
    assert (first.n, first.status) == (second.n, second.status)
    if first.value is not None:
        assert [first.value, first.low, first.high] == pytest.approx(
            [second.value, second.low, second.high], abs=1e-6
        )


def test_independent_dimensions_have_none_and_identical_ones_all_of_it():
    assert cramers_v(np.outer([10, 30, 60], [5, 5])).value == 0
    assert cramers_v(np.diag([40, 30, 30])).value == pytest.approx(1, abs=0.01)


def test_two_sources_at_90_and_10_with_prevalence_10_and_80_percent():
    v = cramers_v(np.array([[90, 810], [80, 20]]))
    assert v.value == pytest.approx(0.5584, abs=5e-5)
    assert v.n == 1000
    assert v.low > 0.3


def test_a_small_table_by_chance_alone_has_none():
    chance = np.array([[3, 1], [1, 2], [0, 1]])
    assert association(chance, method="cramer") > 0.4
    assert cramers_v(chance).value < 0.1


@pytest.mark.parametrize(
    ("table", "status", "n"),
    [
        ([[0, 0], [0, 0]], "empty", 0),
        ([[5, 3], [0, 0]], "no_variation", 8),
        ([[5, 0], [3, 0]], "no_variation", 8),
    ],
)
def test_it_is_undefined_where_a_dimension_has_one_value(table, status, n):
    v = cramers_v(np.array(table))
    assert (v.value, v.low, v.high, v.status, v.n) == (None, None, None, status, n)


def test_the_jackknife_leaves_each_row_out_once():
    table = np.array([[5, 1, 2], [1, 4, 0], [2, 2, 6]], dtype=np.float64)
    n, freedom = table.sum(), 4
    without = np.zeros_like(table)
    for cell in np.ndindex(table.shape):
        if table[cell]:
            less = table.copy()
            less[cell] -= 1
            without[cell] = phi_squared(less)
    mean = (table * without).sum() / n
    spread = math.sqrt((n - 1) / n * (table * (without - mean) ** 2).sum())
    centre = phi_squared(table) - freedom / (n - 1)
    ends = [math.sqrt(max(centre + z * spread, 0) / 2) for z in (-1.959964, 1.959964)]
    assert module.jackknife_interval(table) == pytest.approx(ends, abs=1e-5)


@pytest.mark.parametrize("freedom", [1, 9, 400])
def test_the_normal_end_of_the_noncentral_distribution_meets_its_exact_one(freedom, monkeypatch):
    n, shape = 1_000_000, (freedom + 1, 2)
    exact = noncentral_interval(0.09, n, shape)
    monkeypatch.setattr(module, "_LARGE", 1e4)
    assert noncentral_interval(0.09, n, shape) == pytest.approx(exact, abs=2e-5)


@pytest.mark.parametrize("strength", [0.0, 0.1, 0.5])
def test_the_interval_holds_the_true_value_nearly_always(strength):
    rng = np.random.default_rng(3)
    shares = (1 - strength) * np.full((3, 3), 1 / 9) + strength * np.eye(3) / 3
    held = 0
    for _ in range(100):
        v = cramers_v(rng.multinomial(600, shares.ravel()).reshape(3, 3))
        held += v.low - 1e-12 <= strength <= v.high
    assert held >= 91
