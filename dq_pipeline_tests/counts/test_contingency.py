"""Cross-tables from one scan: what a plain loop counts, whatever the values, the tables and the combinations asked for."""

from __future__ import annotations

import csv
import itertools
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dq_pipeline.counts import Cells, Contingency, coding, collect
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import SPLITS, Tables

SLOW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.sampled_from(
    ["", "a", "A", " a", "nan", "NULL", "é", "x|y", 'q"', "it's", "😀", "13972909329109139892"]
)
TIMES = st.sampled_from(["", "2026-03-01", "2026-03-31 23:59:59", "1999-12-31", "soon"])
NUMBERS = st.sampled_from(["", "-1", "0", "17.9", "18", "64", "65", "200", "old", "nan"])
DIMS = ("source", "label", "light", "view", "age", "time")


def write(path, header, rows):
    with Path(path).open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def stored(text):
    """What a CSV's cell is in the engine: an empty one is missing."""
    return text or None


def month(text):
    return text[:7] if text[:1].isdigit() else None


def bin_of(text):
    try:
        age = float(text)
    except ValueError:
        return None
    if math.isnan(age):
        return None
    edges = [(0, "< 0"), (18, "[0, 18)"), (65, "[18, 65)")]
    return next((name for edge, name in edges if age < edge), ">= 65")


def items_spec(folder, rows, **more):
    write(folder / "items.csv", ("id", *DIMS), [(f"i{at}", *row) for at, row in enumerate(rows)])
    conditions = ["light", "view", {"name": "age", "edges": [0, 18, 65]}]
    roles = {"source": "source", "time": "time", "conditions": conditions}
    return {
        "dataset": "d",
        "items": {"table": "items.csv", "id": "id", **roles, **more.pop("items", {})},
    } | more


def counted(folder, spec, requests):
    opened, _ = spec_from(spec, base=folder)
    with Tables(opened) as tables:
        counts = collect(tables, requests)
    return [counts[request] for request in requests]


def as_counter(cells):
    return Counter(dict(zip(cells.keys, cells.counts.tolist(), strict=True)))


def every(table, dims, most=3):
    ways = range(most + 1)
    return [Contingency(table, chosen) for way in ways for chosen in itertools.combinations(dims, way)]


@SLOW
@given(rows=st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT, NUMBERS, TIMES), max_size=25))
def test_the_engine_counts_what_a_plain_loop_counts(tmp_path, rows):
    requests = every("items", DIMS)
    found = counted(tmp_path, items_spec(tmp_path, rows, items={"label": "label"}), requests)
    seen = [(*map(stored, row[:4]), bin_of(row[4]), month(row[5])) for row in rows]
    for request, cells in zip(requests, found, strict=True):
        at = [DIMS.index(dim) for dim in request.dims]
        expected = Counter(tuple(row[place] for place in at) for row in seen)
        if not request.dims:
            expected = Counter({(): len(rows)})
        assert as_counter(cells) == expected, request
        assert cells.rows == len(rows)


@SLOW
@given(
    rows=st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT, NUMBERS, TIMES), max_size=12),
    votes=st.lists(st.tuples(st.integers(0, 14), TEXT, TEXT), max_size=30),
    last=st.booleans(),
)
def test_votes_are_counted_with_the_dimensions_of_their_items(tmp_path, rows, votes, last):
    write(
        tmp_path / "votes.csv", ("item", "who", "label"), [(f"i{at}", who, label) for at, who, label in votes]
    )
    roles = {"item": "item", "annotator": "who", "label": "label", "repeats": "last" if last else "first"}
    spec = items_spec(tmp_path, rows, annotations={"table": "votes.csv", **roles})
    dims = ("annotator", *DIMS)
    wide = Contingency("annotations", ("annotator", "label", "light", "age"))
    requests = [*every("annotations", dims, most=2), wide]
    found = counted(tmp_path, spec, requests)
    stands = {}
    for at, who, label in votes:
        if who and label and (last or (at, who) not in stands):
            stands[at, who] = label
    nowhere = (None,) * 6
    items = dict(
        enumerate((stored(r[0]), None, *map(stored, r[2:4]), bin_of(r[4]), month(r[5])) for r in rows)
    )
    seen = [
        (who, items.get(at, nowhere)[0], label, *items.get(at, nowhere)[2:])
        for (at, who), label in stands.items()
    ]
    for request, cells in zip(requests, found, strict=True):
        at = [dims.index(dim) for dim in request.dims]
        expected = Counter(tuple(row[place] for place in at) for row in seen)
        if not request.dims:
            expected = Counter({(): len(seen)})
        assert as_counter(cells) == expected, request


@SLOW
@given(
    labels=st.lists(
        st.tuples(st.lists(st.sampled_from(["a", "b", "c d", ""]), max_size=3).map(tuple), TEXT), max_size=20
    )
)
def test_an_item_counts_once_for_each_of_its_labels(tmp_path, labels):
    rows = [("s", " | ".join(several), light, "", "", "") for several, light in labels]
    spec = items_spec(tmp_path, rows, items={"label": "label"}, labels={"separator": "|"})
    requests = [Contingency("items", dims) for dims in (("label",), ("label", "light"), ("light",), ())]
    by_label, crossed, alone, all_rows = counted(tmp_path, spec, requests)
    pairs = [(label, stored(light)) for several, light in labels for label in set(several) - {""}]
    assert as_counter(by_label) == Counter((label,) for label, _ in pairs)
    assert as_counter(crossed) == Counter(pairs)
    assert as_counter(alone) == Counter((stored(light),) for _, light in labels)
    assert all_rows.rows == len(labels)


@SLOW
@given(
    rows=st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT, NUMBERS, TIMES), max_size=25),
    looked_up=st.sampled_from([0, 2, 64]),
)
def test_values_beyond_the_most_frequent_are_left_to_the_tail(tmp_path, rows, looked_up):
    requests = every("items", ("source", "light", "time"), most=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coding, "VALUES", 3)
        patch.setattr(coding, "_LOOKED_UP", looked_up)
        found = counted(tmp_path, items_spec(tmp_path, rows), requests)
    seen = {
        "source": [stored(row[0]) for row in rows],
        "light": [stored(row[2]) for row in rows],
        "time": [month(row[5]) for row in rows],
    }
    listed = {}
    for dim, values in seen.items():
        counts = Counter(value for value in values if value is not None)
        first = sorted(counts, key=lambda value: (-counts[value], value.encode()))[:3]
        listed[dim] = {*first, None}
        tail = next(cells for cells in found if cells.dims == (dim,)).tail(dim)
        rest = [count for value, count in counts.items() if value not in listed[dim]]
        assert (tail is None) == (not rest)
        if tail is not None:
            assert (tail.distinct, tail.rows, tail.squares) == (
                len(rest),
                sum(rest),
                sum(n * n for n in rest),
            )
    for request, cells in zip(requests, found, strict=True):
        if request.dims:
            kept = zip(*(seen[dim] for dim in request.dims), strict=True)
            expected = Counter(
                key
                for key in kept
                if all(value in listed[dim] for dim, value in zip(request.dims, key, strict=True))
            )
            assert as_counter(cells) == expected, request


def test_the_split_is_a_dimension_with_or_without_items(tmp_path):
    write(
        tmp_path / "votes.csv",
        ("item", "who", "label"),
        [(f"i{at}", "ana", "ab"[at % 2]) for at in range(60)],
    )
    annotations = {"table": "votes.csv", "item": "item", "annotator": "who", "label": "label"}
    request = Contingency("annotations", ("label", "split"))
    (alone,) = counted(tmp_path, {"dataset": "d", "annotations": annotations}, [request])
    write(tmp_path / "items.csv", ("id",), [(f"i{at}",) for at in range(60)])
    items = {"table": "items.csv", "id": "id"}
    (joined,) = counted(tmp_path, {"dataset": "d", "annotations": annotations, "items": items}, [request])
    assert as_counter(alone) == as_counter(joined)
    assert {key[1] for key in alone.keys} == set(SPLITS)
    assert alone.rows == 60


def test_more_values_than_a_packed_column_holds_are_counted(tmp_path):
    rows = [(f"s{at % 700}", f"l{at % 300}", f"{at % 40}", f"{at % 1100}", "", "") for at in range(3300)]
    requests = every("items", ("source", "label", "light", "view"), most=4)
    found = counted(tmp_path, items_spec(tmp_path, rows, items={"label": "label"}), requests)
    for request, cells in zip(requests, found, strict=True):
        at = [DIMS.index(dim) for dim in request.dims]
        everywhere = Counter(tuple(row[place] for place in at) for row in rows)
        if "view" in request.dims:
            assert as_counter(cells) <= everywhere
            assert cells.rows == 3000
            assert cells.tail("view").distinct == 100
        else:
            assert as_counter(cells) == (everywhere if request.dims else Counter({(): 3300}))


def test_quantile_bins_are_those_of_the_items_in_every_table(tmp_path):
    write(tmp_path / "items.csv", ("id", "age"), [(f"i{at}", at) for at in range(100)])
    write(tmp_path / "production.csv", ("age",), [(at,) for at in range(50, 250)])
    spec = {
        "dataset": "d",
        "items": {"table": "items.csv", "id": "id", "conditions": [{"name": "age", "quantiles": 4}]},
        "production": {"table": "production.csv"},
    }
    requests = [Contingency(table, ("age",)) for table in ("items", "production")]
    own, production = (as_counter(cells) for cells in counted(tmp_path, spec, requests))
    bins = ["< 24.75", "[24.75, 49.5)", "[49.5, 74.25)", ">= 74.25"]
    assert own == Counter({(name,): 25 for name in bins})
    assert production == Counter({(bins[2],): 25, (bins[3],): 175})
    opened, _ = spec_from(spec, base=tmp_path)
    with Tables(opened, ("production",)) as tables:
        alone = collect(tables, requests[1:])[requests[1]]
    assert as_counter(alone) == production


KEYS = st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["x", "y", "z", None]))


@given(st.lists(st.tuples(KEYS, st.integers(0, 9))), st.lists(st.tuples(KEYS, st.integers(0, 9))))
def test_states_of_parts_add_up_to_that_of_the_whole(first, second):
    dims = ("one", "other")
    one, other, whole = (Cells.of(dims, rows) for rows in (first, second, first + second))
    assert as_counter(Cells.added([(1, one), (1, other)])) == as_counter(whole)
    assert as_counter(Cells.added([(1, whole), (-1, other)])) == as_counter(one)


def test_states_without_dimensions_add_up_and_those_of_others_do_not():
    assert Cells.added([(1, Cells.of((), [((), 3)])), (1, Cells.of((), [((), 4)]))]).rows == 7
    with pytest.raises(ValueError, match="do not add up"):
        Cells.added([(1, Cells.of(("a",), [])), (1, Cells.of(("b",), []))])


def test_states_with_unlisted_values_do_not_tell_that_of_the_whole(tmp_path):
    rows = [(str(at), "", "", "", "", "") for at in range(5)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coding, "VALUES", 3)
        (cells,) = counted(tmp_path, items_spec(tmp_path, rows), [Contingency("items", ("source",))])
    assert Cells.added([(1, cells), (1, Cells.of(("source",), []))]) is None
    four = Cells.of(("source",), [((str(at),), 1) for at in range(4)])
    assert Cells.added([(1, four)], most=3) is None


@given(st.lists(st.tuples(KEYS, st.integers(0, 9))))
def test_a_dense_array_holds_the_cells_of_its_domains_and_no_others(rows):
    dense = Cells.of(("one", "other"), rows).dense(("b", "never", None), ("z", "x"))
    expected = np.zeros((3, 2), dtype=int)
    for (one, other), count in rows:
        if one in {"b", None} and other in {"x", "z"}:
            expected[("b", "never", None).index(one), ("z", "x").index(other)] += count
    assert (dense == expected).all()


def test_values_called_alike_are_added_up():
    cells = Cells.of(
        ("source", "label"), [(("Acme", "x"), 2), (("ACME ", "x"), 3), ((None, "x"), 4), (("na", "x"), 5)]
    )
    same = cells.renamed("source", lambda name: None if name == "na" else name.strip().lower())
    assert as_counter(same) == Counter({("acme", "x"): 5, (None, "x"): 9})
    assert same.values("source") == ("acme",)
