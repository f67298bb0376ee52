"""The votes that count are the same, whichever way the engine takes to find the repeats."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.tables.votes import labelled, standing
from dq_pipeline_tests.counts.annotated import opened, rows_of
from dq_pipeline_tests.counts.annotated import standing as votes_that_count


def by_item(votes):
    found = {}
    for row in votes.to_pyarrow().to_pylist():
        assert row["annotator"] not in found.setdefault(row["item"], {})
        found[row["item"]][row["annotator"]] = row["label"]
    return found


@settings(max_examples=30, deadline=None)
@given(rows=rows_of(), repeats=st.sampled_from(["first", "last"]))
def test_each_annotator_votes_once_an_item(rows, repeats):
    with opened(rows, more={"repeats": repeats}) as tables:
        kept = labelled(tables["annotations"].expr)
        last = repeats == "last"
        for votes in (tables.votes, standing(kept, last=last)):
            assert by_item(votes) == votes_that_count(rows, repeats)


def test_an_item_with_more_annotators_than_there_are_bits_keeps_them_all():
    rows = [("i", f"annotator {n}", "a") for n in range(5000)] + [("i", "annotator 7", "b")]
    with opened(rows) as tables:
        assert by_item(tables.votes) == votes_that_count(rows)


@pytest.mark.parametrize(("repeats", "stands"), [("first", None), ("last", "2024-01-02")])
def test_the_time_is_that_of_the_vote_that_stands_even_where_it_is_missing(repeats, stands):
    rows = [("i", "ana", "a", None), ("i", "ana", "b", "2024-01-02"), ("i", "ben", "a", None)]
    columns = ("item", "annotator", "label", "time")
    with opened(rows, columns, more={"repeats": repeats}) as tables:
        times = {row["annotator"]: row["time"] for row in tables.votes.to_pyarrow().to_pylist()}
    assert [str(time)[:10] if time else None for time in (times["ana"], times["ben"])] == [stands, None]
