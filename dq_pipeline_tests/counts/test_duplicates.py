"""Duplicates and what gives labels away, counted by the engine as a plain loop counts them."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dq_pipeline.counts import (
    DuplicateCounts,
    Duplicates,
    GroupCounts,
    LabelLeaks,
    SplitGroups,
    collect,
    duplicates,
)
from dq_pipeline.counts.duplicates import listed_duplicates
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables

WORDS = st.sampled_from(["", "a", "b", "A", "a|b"])
ROWS = st.lists(
    st.tuples(WORDS, WORDS, st.sampled_from(["", "cat", "dog"]), st.sampled_from(["train", "test"])),
    max_size=20,
)


def opened(folder, items, annotations=None, **roles):
    with Path(folder / "items.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "x", "y", "label", "part"), *items])
    spec = {
        "dataset": "d",
        "items": {"table": "items.csv", "id": "id", "split": "part", "content": ["x", "y"], **roles},
    }
    if annotations is not None:
        with Path(folder / "annotations.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("item", "who", "label"), *annotations])
        spec["annotations"] = {
            "table": "annotations.csv",
            "item": "item",
            "annotator": "who",
            "label": "label",
        }
    return Tables(spec_from(spec, base=folder)[0])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_duplicates_are_counted_as_a_loop_counts_them(tmp_path, rows):
    items = [(f"i{place:02}", *row) for place, row in enumerate(rows)]
    with opened(tmp_path, items, label="label", group="x") as tables:
        counts = collect(tables, [Duplicates(("x", "y")), SplitGroups()])
        listed = (
            listed_duplicates(tables, counts[Duplicates(("x", "y"))], ("x", "y"))
            .order_by("item")
            .to_pyarrow()
            .to_pylist()
        )
    kinds = defaultdict(list)
    for item, x, y, label, part in items:
        if x or y:
            kinds[x, y].append((item, label, part))
    doubles = {kind: found for kind, found in kinds.items() if len(found) > 1}
    odd = [found for found in doubles.values() if len({label for _, label, _ in found} - {""}) > 1]
    across = [found for found in doubles.values() if len({part for _, _, part in found}) > 1]
    assert counts[Duplicates(("x", "y"))] == DuplicateCounts(
        sum(map(len, kinds.values())),
        len(doubles),
        sum(len(found) - 1 for found in doubles.values()),
        len(odd),
        sum(map(len, odd)),
        len(across),
        sum(map(len, across)),
    )
    assert [(row["item"], row["same_as"]) for row in listed] == sorted(
        (item, found[0][0]) for found in doubles.values() for item, _, _ in found
    )
    groups = defaultdict(list)
    for _, x, _, _, part in items:
        if x:
            groups[x].append(part)
    cut = [parts for parts in groups.values() if len(set(parts)) > 1]
    assert counts[SplitGroups()] == GroupCounts(len(groups), len(cut), sum(map(len, cut)))


def test_hashes_may_be_held_a_range_at_a_time(tmp_path, monkeypatch):
    items = [(f"i{n}", f"x{n % 7}", "", "cat", "train") for n in range(20)]
    request = Duplicates(("x", "y"))
    with opened(tmp_path, items, label="label") as tables:
        whole = collect(tables, [request])[request]
        monkeypatch.setattr(duplicates, "AT_ONCE", 6)
        assert collect(tables, [request])[request] == whole
    assert (whole.groups, whole.extra) == (7, 13)


def test_of_annotated_items_the_label_of_most_counts_and_those_who_gave_it_are_listed(tmp_path):
    items = [
        ("i1", "same", "", "", "train"),
        ("i2", "same", "", "", "train"),
        ("i3", "same", "", "", "train"),
    ]
    votes = [
        ("i1", "ana", "cat"),
        ("i1", "ben", "cat"),
        ("i1", "eve", "dog"),
        ("i2", "ana", "dog"),
        ("i2", "eve", "dog"),
    ]
    tie = [("i3", "ana", "cat"), ("i3", "ben", "dog")]
    request = Duplicates(("x", "y"))
    with opened(tmp_path, items, votes + tie) as tables:
        counted = collect(tables, [request])[request]
        assert counted.contradictory == 1
        listed = (
            listed_duplicates(tables, counted, ("x", "y")).order_by("item", "label").to_pyarrow().to_pylist()
        )
    assert [(row["item"], row["label"], row["annotators"]) for row in listed] == [
        ("i1", "cat", "ana; ben"),
        ("i1", "dog", "eve"),
        ("i2", "dog", "ana; eve"),
        ("i3", "cat", "ana"),
        ("i3", "dog", "ben"),
    ]
    agreeing = [("i1", "ana", "cat"), ("i2", "ana", "cat"), *tie]
    with opened(tmp_path, items, agreeing) as tables:
        assert collect(tables, [request])[request].contradictory == 0


def loop_sizes(values):
    return sorted(Counter(Counter(values).values()).items())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["p", "q", ""]), st.sampled_from(["cat", "dog", ""])),
        min_size=10,
        max_size=25,
    )
)
def test_what_gives_labels_away_is_counted_as_a_loop_counts_it(tmp_path, rows):
    items = [
        (f"{label}{place}", x, f"a {label.upper()} there", label, "train")
        for place, (x, label) in enumerate(rows)
    ]
    with opened(tmp_path, items, label="label") as tables:
        found = collect(tables, [LabelLeaks()])[LabelLeaks()]
    labelled = [(x, label) for x, label in rows if label]
    values = Counter(x for x, _ in labelled)
    if 1 < len(set(values) - {""}) <= len(labelled) / 5:
        sizes = found.columns["x"]
        assert sizes.joint.tolist() == [list(pair) for pair in loop_sizes(labelled)]
        assert sizes.value.tolist() == [list(pair) for pair in loop_sizes(x for x, _ in labelled)]
        assert sizes.label.tolist() == [list(pair) for pair in loop_sizes(label for _, label in labelled)]
    else:
        assert "x" not in found.columns
    if labelled:
        own = Counter(label for _, label in labelled)
        for column in ("item", "y"):
            told = found.texts[column]
            assert (told.rows, told.hits) == (len(labelled), len(labelled))
            assert told.by_chance == sum(n * n for n in own.values())
        assert found.texts["x"].hits == 0


def test_ids_are_put_in_the_order_of_numbers_where_they_are_numbers(tmp_path):
    items = [(place, "", "", "cat" if place <= 600 else "dog", "train") for place in range(1, 1001)]
    with opened(tmp_path, items, label="label", content=[]) as tables:
        order = collect(tables, [LabelLeaks()])[LabelLeaks()].order
    # Each of a hundred parts of ten holds one label: as texts, "1000" would stand among the cats.
    assert order.joint.tolist() == order.value.tolist() == [[10, 100]]
    assert order.label.tolist() == [[400, 1], [600, 1]]
