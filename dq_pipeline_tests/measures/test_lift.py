"""Which source feeds which label: what is told is surely so, and the rows it asks for do even it out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import false_discovery_control, hypergeom

from dq_pipeline.measures.lift import DISCOVERIES, by_chance, fed

TABLES = arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 4)), elements=st.integers(0, 60))


def test_the_sick_come_from_the_small_source():
    (cell, other) = fed(np.array([[810, 90], [20, 80]]), np.array([900, 100]), 1000)
    assert (cell.source, cell.label, cell.rows) == (1, 1, 80)
    assert cell.lift.value == pytest.approx((80 / 170) / (20 / 830))
    assert cell.evening == 700  # 80 / 800 is then the 10 % of the other source
    assert (other.source, other.label) == (0, 0)


@settings(max_examples=30, deadline=None)
@given(TABLES)
def test_what_is_told_is_what_the_tests_find_with_false_discoveries_controlled(table):
    rows, total = table.sum(axis=1), int(table.sum())
    there = [cell for cell in np.ndindex(table.shape) if table[cell]]
    if not there:
        assert fed(table, rows, total) == []
        return
    p = [hypergeom.sf(table[s, k] - 1, total, table[:, k].sum(), rows[s]) for s, k in there]
    q = dict(zip(there, false_discovery_control(p), strict=True))
    found = fed(table, rows, total)
    assert {(one.source, one.label) for one in found} == {cell for cell in there if q[cell] <= DISCOVERIES}
    lows = [one.lift.low or 0.0 for one in found]
    assert lows == sorted(lows, reverse=True)


@settings(max_examples=30, deadline=None)
@given(TABLES)
def test_the_rows_that_even_a_cell_out_bring_its_share_down_to_that_elsewhere(table):
    rows, total = table.sum(axis=1), int(table.sum())
    for one in fed(table, rows, total):
        elsewhere = int(table[:, one.label].sum()) - one.rows
        if one.evening is None:
            assert elsewhere == 0
        else:
            share = elsewhere / (total - rows[one.source])
            assert one.rows / (rows[one.source] + one.evening) <= share + 1e-12
            assert one.evening == 0 or one.rows / (rows[one.source] + one.evening - 1) > share


def test_where_many_rows_are_expected_the_normal_distribution_says_the_same():
    exact = hypergeom.sf([519, 549], 4000, 2000, 1000)
    seen, rows, labels = np.array([520, 550]), np.array([1000, 1000]), np.array([2000, 2000])
    assert by_chance(seen, rows, labels, 4000) == pytest.approx(exact, rel=0.1)
    assert by_chance(np.array([900]), np.array([900]), np.array([900]), 900) == [1.0]


def test_a_label_from_one_source_alone_has_a_lift_without_an_upper_end():
    cell = fed(np.array([[0, 50], [50, 0]]), np.array([50, 50]), 100)[0]
    assert (cell.lift.value, cell.lift.high, cell.evening) == (None, None, None)
    assert cell.lift.low > 5
