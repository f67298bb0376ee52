"""The pattern histogram counts what a plain loop over items counts."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.counts import Patterns
from dq_pipeline_tests.counts.annotated import counted, rows_of, standing, summed


def looped(rows, repeats="first"):
    """{votes by label as a sorted tuple: items}."""
    return Counter(
        tuple(sorted(Counter(of_item.values()).items())) for of_item in standing(rows, repeats).values()
    )


def as_counter(state):
    assert len({tuple(vector) for vector in state.vectors.tolist()}) == len(state.vectors)
    assert (state.items > 0).all()
    return Counter(
        {
            tuple(sorted((label, n) for label, n in zip(state.labels, vector, strict=True) if n)): int(items)
            for vector, items in zip(state.vectors.tolist(), state.items, strict=True)
        }
    )


@settings(max_examples=60, deadline=None)
@given(rows=rows_of(), repeats=st.sampled_from(["first", "last"]))
def test_it_equals_a_loop_over_items(rows, repeats):
    state = counted(rows, Patterns(), more={"repeats": repeats})
    assert as_counter(state) == looped(rows, repeats)
    used = {label for of_item in standing(rows, repeats).values() for label in of_item.values()}
    assert state.labels == tuple(sorted(used))


@settings(max_examples=15, deadline=None)
@given(rows=rows_of(), data=st.data())
def test_states_of_tables_split_by_item_add_up(rows, data):
    side = {item: data.draw(st.booleans()) for item in {row[0] for row in rows}}
    parts = [counted([row for row in rows if side[row[0]] == part], Patterns()) for part in (False, True)]
    assert as_counter(summed(Patterns(), *parts)) == looped(rows)


def test_declared_labels_keep_their_order_and_stay_without_a_vote():
    state = counted([("i", "ana", "b"), ("i", "ben", "z")], Patterns(("c", "b")))
    assert (state.labels, state.vectors.tolist(), state.items.tolist()) == (("c", "b", "z"), [[0, 1, 1]], [1])


@pytest.mark.parametrize("labels", [1, 2, 3, 9, 12, 13, 16, 17, 40, 64])
def test_many_labels_and_many_votes_are_counted_exactly(labels):
    random = np.random.default_rng(labels)
    rows = [
        (f"item {item}", f"annotator {who}", f"label {int(random.integers(labels) ** 2 / labels)}")
        for item in range(30)
        for who in range(int(random.choice([1, 2, 3, 15, 16, 31, 200])))
    ]
    assert as_counter(counted(rows, Patterns())) == looped(rows)


def test_an_item_with_thousands_of_votes_is_counted_exactly():
    rows = [("i", f"annotator {n}", "ab"[n % 3 == 0]) for n in range(5000)]
    rows += [(f"j{n}", "annotator 1", "a") for n in range(20_000)]
    assert as_counter(counted(rows, Patterns())) == looped(rows)
