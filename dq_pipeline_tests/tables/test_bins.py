"""Numbers cut into bins: each number in the one bin that holds it, and no number in none."""

from __future__ import annotations

import ibis
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.spec.bins import above, below, between
from dq_pipeline.tables.bins import binned, quantile_edges
from dq_pipeline.tables.labels import is_declared


def of(values, kind="string"):
    return ibis.memtable({"x": values}, schema={"x": kind}).x


def listed(expression):
    return expression.to_pyarrow().to_pylist()


def test_without_numbers_there_are_no_edges_and_no_bins():
    assert quantile_edges(of(["", "old", None]), 4) == ()
    table = ibis.memtable({"x": ["1", None]}, schema={"x": "string"})
    assert listed(table.select(x=binned(table.x, ())).x) == [None, None]


def test_a_bin_holds_its_lower_edge_and_not_its_upper_one():
    values = ["-1", "0", "17.99", "18", "64.9", "65", "1e3", "", "old", "nan", None]
    assert listed(binned(of(values), (0, 18, 65))) == [
        "< 0", "[0, 18)", "[0, 18)", "[18, 65)", "[18, 65)", ">= 65", ">= 65", None, None, None, None,
    ]  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(
    numbers=st.lists(st.floats(-100, 100), min_size=1, max_size=30),
    edges=st.lists(st.integers(-100, 100), min_size=1, max_size=5, unique=True).map(sorted),
)
def test_every_number_lies_in_the_bin_that_numpy_puts_it_in(numbers, edges):
    names = [below(edges), *between(edges), above(edges)]
    expected = [names[place] for place in np.searchsorted(edges, numbers, side="right")]
    assert listed(binned(of(numbers, "float64"), edges)) == expected


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.integers(2, 6))
def test_quantile_edges_are_numpys_each_once(numbers, parts):
    expected = np.unique(np.quantile(numbers, [part / parts for part in range(1, parts)]))
    found = quantile_edges(of(numbers, "float64"), parts)
    assert list(found) == pytest.approx(sorted(set(found)))
    for edge in expected:
        assert any(edge == pytest.approx(other, rel=1e-9, abs=1e-9) for other in found)


def test_labels_are_declared_ones_alone_or_each_of_several():
    labels = of(["cat", "cat | dog", "cat|horse", "", None])
    assert listed(is_declared(labels, ["cat", "dog"], "|")) == [True, True, False, False, None]
    assert listed(is_declared(labels, ["cat", "dog"], None)) == [True, False, False, False, None]
