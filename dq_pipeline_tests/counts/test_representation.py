"""The engine compares two tables cell by cell as a plain loop does, listing no more than it must."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import combinations, product
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dq_pipeline.counts import Part, Representation, collect
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables

NAMES = ("light", "wea ther", 'q"uote')
VALUES = st.sampled_from(["", "a", "b", "A", "b|c", "'"])
ROWS = st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=25)


def compared(folder, items, production, **asked):
    folder = Path(folder)
    for name, header, rows in (
        ("items", ("id", *NAMES, "part"), [(f"i{n}", *row) for n, row in enumerate(items)]),
        ("production", NAMES, production),
    ):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    written = {
        "dataset": "d",
        "items": {"table": "items.csv", "id": "id", "split": "part", "conditions": list(NAMES)},
        "production": {"table": "production.csv"},
    }
    spec, _ = spec_from(written, base=folder)
    asked = {
        "reference": Part("items"),
        "target": Part("production"),
        "ways": 3,
        "min_share": 0.1,
        "min_rows": 2,
    } | asked
    request = Representation(conditions=NAMES, **asked)
    with Tables(spec) as tables:
        return request, collect(tables, [request])[request]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=ROWS, production=ROWS)
def test_every_combination_is_counted_as_a_loop_counts_it(tmp_path, items, production):
    request, found = compared(tmp_path, [(*row, "train") for row in items], production)
    assert [one.dims for one in found] == [c for way in (1, 2, 3) for c in combinations(NAMES, way)]
    for one in found:
        places = [NAMES.index(dim) for dim in one.dims]
        here, there = (
            Counter(tuple(row[place] or None for place in places) for row in rows)
            for rows in (items, production)
        )
        floor = max(-(-len(production) // 10), 1)
        listed = {
            cell: (here[cell], there[cell])
            for cell in {*here, *there}
            if there[cell] >= floor or len(one.dims) == 1
        }
        counts = zip(one.reference.tolist(), one.target.tolist(), strict=True)
        assert dict(zip(one.keys, counts, strict=True)) == listed
        assert (one.reference_rows, one.target_rows, one.floor) == (len(items), len(production), floor)
        assert one.uncovered == sum(n for cell, n in there.items() if here[cell] < request.min_rows)
        assert one.unseen == sum(n for cell, n in there.items() if here[cell] == 0)


def test_a_part_of_the_items_is_compared_alone(tmp_path):
    items = [("a", "b", "", "train")] * 3 + [("a", "b", "", "validation")] * 2 + [("a", "b", "", "")]
    _, found = compared(
        tmp_path, items, [], reference=Part("items", "validation"), target=Part("items", "train")
    )
    assert [(one.reference_rows, one.target_rows) for one in found] == [(2, 3)] * 7


def test_of_a_million_combinations_that_could_be_only_the_frequent_leave_the_engine(tmp_path):
    values = [f"v{n}" for n in range(40)]
    production = [(a, b, "x") for a, b in product(values, values)] + [("v1", "v2", "x")] * 400
    _, found = compared(tmp_path, [("v1", "v1", "x", "train")] * 5, production, min_share=0.05)
    pair = next(one for one in found if one.dims == NAMES[:2])
    assert pair.keys == (("v1", "v2"),)
    assert pair.target.tolist() == [401]
    assert pair.unseen == 1999
    assert pair.uncovered == 1999
