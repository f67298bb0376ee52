"""Slices count what a loop over items and their votes counts, and groups of annotators too."""

from __future__ import annotations

from collections import Counter, defaultdict

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dq_pipeline.counts import GroupedPatterns, Patterns, SlicedPatterns, collect
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables

COLUMNS = ("item", "annotator", "label", "annotator_group", "guideline", "time")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["i1", "i2", "i3", "i4", "i5", "", None]),
        st.sampled_from(["ana", "ben", "cyd", "", None]),
        st.sampled_from(["a", "b", "nan", "", None]),
        st.sampled_from(["north", "south", None]),
        st.sampled_from(["v1", "v2", None]),
        st.sampled_from(["2024-01-31 23:59:00", "2024-02-01", "2024-03-05", None]),
    ),
    max_size=30,
)
WEATHER = {"i1": "rain", "i2": "sun", "i3": "rain", "i4": None, "i6": "snow"}
SOURCE = {"i1": "x", "i2": "x", "i3": "y", "i4": "y", "i6": "z"}


def lay_out(folder, rows):
    table = {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(COLUMNS)}
    pq.write_table(pa.table(table), folder / "annotations.parquet")
    items = {"item": list(WEATHER), "weather": list(WEATHER.values()), "source": list(SOURCE.values())}
    pq.write_table(pa.table(items), folder / "items.parquet")
    return spec_from(
        {
            "dataset": "pets",
            "items": {"table": "items.parquet", "id": "item", "source": "source", "conditions": ["weather"]},
            "annotations": {"table": "annotations.parquet", **{name: name for name in COLUMNS}},
        },
        base=folder,
    )[0]


def standing(rows):
    """The votes that count as dictionaries, with the dimensions of their items."""
    votes = {}
    for row in rows:
        if None not in row[:3]:
            votes.setdefault(row[:2], row)
    return [
        dict(zip(COLUMNS, row, strict=True))
        | {
            "time": row[5] and row[5][:7],
            "weather": WEATHER.get(row[0]),
            "source": SOURCE.get(row[0]),
        }
        for row in votes.values()
    ]


def looped(rows, dims):
    """{slice: {votes by label: items}}."""
    cut = defaultdict(Counter)
    for vote in standing(rows):
        cut[tuple(vote[dim] for dim in dims), vote["item"]][vote["label"]] += 1
    slices = defaultdict(Counter)
    for (key, _), votes in cut.items():
        slices[key][tuple(sorted(votes.items()))] += 1
    return dict(slices)


def as_counters(state):
    made = {}
    for place, key in enumerate(state.keys):
        row = state.items[place].toarray().ravel().tolist()
        made[key] = Counter(
            {
                tuple(sorted((label, n) for label, n in zip(state.labels, vector, strict=True) if n)): count
                for vector, count in zip(state.vectors.tolist(), row, strict=True)
                if count
            }
        )
    return made


DIMS = [
    ("weather",),
    ("source", "weather"),
    ("guideline",),
    ("time",),
    ("annotator_group",),
    ("guideline", "weather"),
]


@settings(max_examples=10, deadline=None, phases=[Phase.generate])
@given(rows=ROWS)
def test_slices_equal_a_loop_over_items_and_votes(rows, tmp_path_factory):
    requests = [SlicedPatterns(Patterns(), dims) for dims in DIMS]
    with Tables(lay_out(tmp_path_factory.mktemp("slices"), rows)) as tables:
        states = collect(tables, requests)
    for request in requests:
        assert as_counters(states[request]) == looped(rows, request.dims)


@settings(max_examples=10, deadline=None, phases=[Phase.generate])
@given(rows=ROWS)
def test_groups_of_annotators_equal_a_loop_over_items(rows, tmp_path_factory):
    request = GroupedPatterns(Patterns())
    with Tables(lay_out(tmp_path_factory.mktemp("groups"), rows)) as tables:
        state = collect(tables, [request])[request]
    found = Counter()
    for vector, items in zip(state.vectors, state.items, strict=True):
        votes = {
            (group, label): int(vector[g, k])
            for g, group in enumerate(state.groups)
            for k, label in enumerate(state.labels)
            if vector[g, k]
        }
        found[tuple(sorted(votes.items()))] += int(items)
    by_item = defaultdict(Counter)
    for vote in standing(rows):
        if vote["annotator_group"] is not None:
            by_item[vote["item"]][vote["annotator_group"], vote["label"]] += 1
    assert found == Counter(tuple(sorted(votes.items())) for votes in by_item.values())


def test_only_the_slices_with_enough_items_are_told_and_weeks_start_on_monday(tmp_path):
    rows = [
        (f"i{n}", who, "a", None, None, day)
        for n, day in enumerate(["2024-01-03"] * 3 + ["2024-01-08"])
        for who in "xy"
    ]
    request = SlicedPatterns(Patterns(), ("time",), "week", least=2)
    with Tables(lay_out(tmp_path, rows)) as tables:
        state = collect(tables, [request])[request]
    assert state.keys == (("2024-01-01",),)
    assert state.items.toarray().tolist() == [[3]]
