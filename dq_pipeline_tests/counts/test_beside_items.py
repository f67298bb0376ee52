"""Votes beside the rows of their items: odd names and values, very many of them, and items that are there twice."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dq_pipeline.counts import Contingency, Patterns, SlicedPatterns, collect
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables


def counted(folder, votes, items, request, **more):
    """The state of a request over votes (item, annotator, label) and a table of items."""
    names = ("item", "annotator", "label")
    columns = {name: list(values) for name, values in zip(names, zip(*votes, strict=True), strict=True)}
    pq.write_table(pa.table(columns), folder / "votes.parquet")
    pq.write_table(pa.table(items), folder / "items.parquet")
    conditions = [name for name in items if name not in {"item", "time"}]
    written = {
        "dataset": "d",
        "annotations": {"table": "votes.parquet", **{name: name for name in names}},
        "items": {"table": "items.parquet", "id": "item", "conditions": conditions, **more},
    }
    with Tables(spec_from(written, base=folder)[0]) as tables:
        return collect(tables, [request])[request]


def looped(votes, items, dims):
    found = Counter()
    for item, annotator, label in votes:
        rows = [place for place, known in enumerate(items["item"]) if known == item] or [None]
        for place in rows:
            own = {"annotator": annotator, "label": label}
            found[
                tuple(own[d] if d in own else None if place is None else items[d][place] for d in dims)
            ] += 1
    return dict(found)


VOTES = [("i", "a", "x"), ("i", "b", "y"), ("j", "a\0b", "x"), ("k", "a", "x"), ("lost", "b", "y")]


@pytest.mark.parametrize("name", ["high", "Low", "HIGH", "key", "code0", "dim1", "row"])
def test_a_condition_may_have_any_name_and_value(tmp_path, name):
    items = {"item": ["i", "j", "k", "k"], name: ["é '\\", "\0", None, "x\0z"]}
    if name == "row":
        items = {"item": items["item"], "rows": items.pop(name)}
        name = "rows"
    dims = ("annotator", name, "label")
    cells = counted(tmp_path, VOTES, items, Contingency("annotations", dims))
    assert dict(zip(cells.keys, cells.counts.tolist(), strict=True)) == looped(VOTES, items, dims)


def test_months_before_our_era_are_months(tmp_path):
    items = {"item": ["i", "j"], "time": [dt.datetime(2024, 5, 1), dt.datetime(9, 2, 1)]}  # noqa: DTZ001
    votes = [("i", "a", "x"), ("i", "b", "x"), ("j", "a", "y")]
    cells = counted(tmp_path, votes, items, Contingency("annotations", ("time", "label")), time="time")
    told = dict(zip(cells.keys, cells.counts.tolist(), strict=True))
    assert told == {("2024-05", "x"): 2, ("0009-02", "y"): 1}


def test_slices_of_more_places_than_fit_beside_a_kind_have_their_own_names(tmp_path):
    many = range(1500)
    items = {"item": [f"i{n}" for n in many], **{dim: [f"{dim}{n}" for n in many] for dim in ("a", "b", "c")}}
    votes = [(f"i{n}", who, "xy"[n % 2]) for n in many for who in ("p", "q")]
    state = counted(tmp_path, votes, items, SlicedPatterns(Patterns(), ("a", "b", "c")))
    assert len(state.keys) == 500
    assert all(len({value[1:] for value in key}) == 1 for key in state.keys)


def test_many_annotators_of_many_ratings_take_no_table_of_both(tmp_path):
    votes = [(f"i{n // 2}", f"who {n}", f"{n}.5") for n in range(60_000)]
    cells = counted(tmp_path, votes, {"item": ["i0"]}, Contingency("annotations", ("label",)))
    assert cells.rows == 1000
    assert cells.tail("label").distinct == 59_000
