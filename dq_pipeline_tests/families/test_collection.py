"""The collection plan: it closes every gap, with few rows, and asks for nothing that does not exist."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path
from time import process_time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from dq_pipeline.audit import audit, write
from dq_pipeline.families.collection import collection_plan
from dq_pipeline.families.gap import Gap
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.spec import spec_from
from dq_pipeline_tests.families.judged import judged

DOMAINS = {"light": ("day", "night"), "weather": ("clear", "rain"), "road": ("city", "farm")}


def seen(first, second, rows=1.0):
    """The measure that says that two values were seen together."""
    by, key = zip(first, second, strict=True)
    return Measure(
        "coverage", "production_count", "items", Estimate(rows, n=100), ",".join(by), "|".join(key)
    )


ALL_SEEN = [
    seen((d1, v1), (d2, v2))
    for d1, d2 in combinations(DOMAINS, 2)
    for v1, v2 in product(DOMAINS[d1], DOMAINS[d2])
]


def gap(cell, rows, **more):
    return Gap(cell, rows, "coverage", "representation_ratio", "+".join(cell.values()), **more)


def lines(plan):
    return {(tuple(sorted(line.cell.items())), line.where, line.split): line.rows for line in plan}


def closed(gaps, plan):
    """Whether each gap gets its rows, the part grown by all of them."""
    for one in gaps:
        added = sum(line.rows for line in plan if line.split == one.split)
        serving = sum(
            line.rows
            for line in plan
            if line.split == one.split
            and one.cell.items() <= line.cell.items()
            and one.where in {None, line.where}
        )
        if serving < one.wanted(added):
            return False
    return True


def test_rows_that_serve_two_gaps_are_collected_once():
    gaps = [gap({"weather": "rain"}, 840), gap({"light": "night"}, 500)]
    plan = collection_plan(gaps, ALL_SEEN)
    assert lines(plan) == {
        ((("light", "night"), ("weather", "rain")), None, "train"): 500,
        ((("weather", "rain"),), None, "train"): 340,
    }
    assert plan[0].reasons == ("rain", "night")
    assert plan[0].gaps == 2
    assert plan[0].words == "Collect 500 rows of weather rain, light night for train."


def test_values_that_never_come_together_are_not_asked_for_together():
    gaps = [gap({"weather": "rain"}, 840), gap({"light": "night"}, 500)]
    plan = collection_plan(gaps, [seen(("light", "night"), ("weather", "rain"), 0.0)])
    assert lines(plan) == {
        ((("weather", "rain"),), None, "train"): 840,
        ((("light", "night"),), None, "train"): 500,
    }
    gaps = [gap({"weather": "rain"}, 8), gap({"weather": "clear"}, 5)]
    assert sum(line.rows for line in collection_plan(gaps, ALL_SEEN)) == 13


def test_an_edge_case_serves_the_cells_that_it_fixes():
    case = gap({"light": "night"}, 40, where="light = 'night' and age < 10")
    gaps = [gap({"light": "night"}, 100), case, gap({"weather": "rain"}, 5)]
    plan = collection_plan(gaps, ALL_SEEN)
    assert lines(plan) == {
        ((("light", "night"),), None, "train"): 55,
        ((("light", "night"),), "light = 'night' and age < 10", "train"): 40,
        ((("light", "night"), ("weather", "rain")), None, "train"): 5,
    }


def test_each_part_has_a_plan_of_its_own():
    gaps = [gap({"light": "night"}, 40), gap({"light": "night"}, 10, split="validation")]
    plan = collection_plan(gaps, ALL_SEEN)
    assert lines(plan) == {
        ((("light", "night"),), None, "train"): 40,
        ((("light", "night"),), None, "validation"): 10,
    }


def test_what_is_added_for_one_share_is_added_to_the_others():
    # 10 % of production each, of 1,000 training rows none: a third of 10 % of all that there will be.
    share = Fraction(1, 30)
    cells = [{"weather": "rain"}, {"weather": "snow"}, {"weather": "fog"}]
    gaps = [gap(cell, 0, base=share * 1000, growth=share) for cell in cells]
    assert [one.rows for one in gaps] == [35, 35, 35]
    plan = collection_plan(gaps, [])
    assert [line.rows for line in plan] == [38, 38, 38]
    assert closed(gaps, plan)
    assert Fraction(38, 1000 + 3 * 38) >= share > Fraction(37, 1000 + 3 * 37)


def test_hundreds_of_gaps_in_pairs_of_conditions_are_planned_in_seconds():
    values = [f"v{n}" for n in range(10)]
    pairs = [
        ((first, one), (second, other))
        for first, second in combinations("abcde", 2)
        for one, other in product(values, values)
    ]
    gaps = [gap(dict(pair), 1 + 7 * n % 60) for n, pair in enumerate(pairs) if n % 5 < 2]
    began = process_time()
    plan = collection_plan(gaps, [seen(*pair) for pair in pairs])
    assert process_time() - began < 10
    assert closed(gaps, plan)


def test_without_gaps_there_is_no_plan():
    assert collection_plan([], ALL_SEEN) == ()


CELLS = st.dictionaries(st.sampled_from(list(DOMAINS)), st.integers(0, 1), min_size=1, max_size=2).map(
    lambda cell: {dim: DOMAINS[dim][place] for dim, place in cell.items()}
)


def fewest_rows(gaps):
    """The fewest rows of full cells that serve every gap, by integer programming."""
    full = [dict(zip(DOMAINS, values, strict=True)) for values in product(*DOMAINS.values())]
    serves = np.array([[one.cell.items() <= cell.items() for cell in full] for one in gaps], dtype=float)
    needs = LinearConstraint(serves, lb=[one.fewest for one in gaps])
    return milp(np.ones(len(full)), constraints=needs, integrality=np.ones(len(full))).fun


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, st.integers(1, 50)), min_size=1, max_size=7))
def test_a_plan_closes_every_gap_and_is_near_the_fewest_rows(drawn):
    gaps = [gap(cell, rows) for cell, rows in drawn]
    plan = collection_plan(gaps, ALL_SEEN)
    assert closed(gaps, plan)
    total, fewest = sum(line.rows for line in plan), fewest_rows(gaps)
    largest = {}
    for one in gaps:
        cell = tuple(sorted(one.cell.items()))
        largest[cell] = max(largest.get(cell, 0), one.fewest)
    assert fewest <= total <= sum(largest.values())
    assert total <= 1.5 * fewest


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(CELLS, st.integers(0, 30), st.integers(1, 30)), min_size=1, max_size=6),
    st.integers(100, 10_000),
)
def test_a_plan_holds_when_the_rows_that_it_adds_are_counted(drawn, rows):
    gaps = [
        gap(cell, fewest, base=Fraction(percent, 300) * rows, growth=Fraction(percent, 300))
        for cell, fewest, percent in drawn
    ]
    assert closed(gaps, collection_plan(gaps, ALL_SEEN))


def test_thousands_of_gaps_are_planned_in_a_moment():
    gaps = [gap({"road": f"r{place}"}, 1 + place % 30) for place in range(3000)]
    assert len(collection_plan(gaps, [])) == 3000


def test_thin_cells_of_labelled_items_are_planned_with_what_production_lacks(tmp_path):
    rows = [("cat", "day")] * 40 + [("dog", "day")] * 40 + [("cat", "night")] * 40 + [("dog", "night")] * 7
    with Path(tmp_path / "items.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "label", "light"), *((n, *row) for n, row in enumerate(rows))])
    items = {"table": "items.csv", "id": "id", "label": "label", "conditions": ["light"]}
    found = judged("balance", tmp_path, {"dataset": "pets", "items": items})
    assert [(one.cell, one.rows, one.reason) for one in found.gaps] == [
        ({"label": "dog", "light": "night"}, 23, "label dog, light night: 7 rows")
    ]
    assert lines(collection_plan(found.gaps, [])) == {
        ((("label", "dog"), ("light", "night")), None, "train"): 23
    }


def test_an_audit_leaves_the_plan_as_csv_and_json_and_following_it_clears_the_check(tmp_path):
    def rows_of(cells):
        return [cell for cell, n in cells.items() for _ in range(n)]

    def put(name, header, rows):
        with Path(tmp_path / name).open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])

    def audited():
        items = [(n, *row) for n, row in enumerate(rows_of(training))]
        put("items.csv", ("id", "light", "weather"), items)
        spec, source = spec_from(written, base=tmp_path)
        found = audit(spec, source)
        write(found, tmp_path)
        return {v.check: v.verdict for v in found.verdicts if v.family == "coverage"}

    written = {
        "dataset": "roads",
        "items": {"table": "items.csv", "id": "id", "conditions": ["light", "weather"]},
        "production": {"table": "production.csv"},
    }
    training = {("day", "clear"): 900, ("night", "clear"): 100, ("day", "rain"): 10}
    production = {
        ("day", "clear"): 500,
        ("night", "clear"): 200,
        ("day", "rain"): 100,
        ("night", "rain"): 150,
    }
    put("production.csv", ("light", "weather"), rows_of(production))
    assert set(audited().values()) == {"block"}
    plan = json.loads((tmp_path / "collect.json").read_text())
    with (tmp_path / "collect.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [int(row["rows"]) for row in table] == [line["rows"] for line in plan["lines"]]
    assert sum(line["rows"] for line in plan["lines"]) == plan["rows"]
    assert table[0]["reason"].startswith(plan["lines"][0]["reasons"][0])
    for row in table:
        # Whatever the plan leaves open is filled with what training has most of.
        cell = (row["light"] or "day", row["weather"] or "clear")
        training[cell] = training.get(cell, 0) + int(row["rows"])
    assert set(audited().values()) == {"clear"}
    assert not (tmp_path / "collect.csv").exists()
    assert json.loads((tmp_path / "collect.json").read_text())["lines"] == []
