"""Balance: the essay's weather, declared domains, targets, missing values that hide, and what to do with a quantity."""

from __future__ import annotations

import pytest

from dq_pipeline.counts import coding
from dq_pipeline.families import balance as family
from dq_pipeline.spec import InputError
from dq_pipeline_tests.families.judging import Judged, refused, write

ITEMS = {"table": "items.csv", "id": "id", "label": "label"}


def judged(folder, rows, conditions=("weather",), checks=None, **more):
    """Rows are (label, weather) or more conditions."""
    names = [one if isinstance(one, str) else one["name"] for one in conditions]
    write(folder / "items.csv", ("id", "label", *names), [(f"i{at}", *row) for at, row in enumerate(rows)])
    spec = {"items": {**ITEMS, "conditions": list(conditions)}, "checks": {"balance": checks or {}}, **more}
    return Judged(folder, spec, "balance")


@pytest.fixture(scope="module")
def essay(tmp_path_factory):
    rows = [(("car", "bike")[at % 2], "clear" if at < 50_000 else "rain") for at in range(50_200)]
    folder = tmp_path_factory.mktemp("essay")
    declared = {"name": "weather", "values": ["clear", "rain", "snow"]}
    return judged(folder, rows), judged(folder, rows, [declared], {"target": {"weather": "uniform"}})


def test_fifty_thousand_clear_and_two_hundred_rain_are_told(essay):
    found = essay[0]
    assert found.value("share", "weather", "rain") == 200 / 50_200
    assert found.value("imbalance_ratio", "weather") == 250
    check = found.verdicts["balance_imbalance_ratio_condition"]
    assert (check.verdict, check.key, check.value, check.bound) == ("warn", "weather", 250, "<= 10")
    assert check.sentence.startswith("The imbalance ratio for weather is 250 (50,200 rows); the limit")
    assert check.remedy.startswith(
        "Collect 4,800 rows of weather 'rain', or weigh rows by sampling_weights.csv"
    )
    assert found.said()["balance_imbalance_ratio"] == "clear"


def test_declared_weather_that_never_occurs_is_a_zero_and_blocks(essay):
    found = essay[1]
    assert found.value("share", "weather", "snow") == 0
    assert found.value("cell_count", "label,weather", "car|snow") == 0
    assert "balance_imbalance_ratio_condition" not in found.verdicts
    check = found.verdicts["balance_target_ratio_weather"]
    assert (check.verdict, check.key) == ("block", "snow")
    assert found.value("target_ratio", "weather", "rain") == pytest.approx((1 / 3) / (200 / 50_200))
    assert check.remedy.startswith("Collect 1,732 rows of weather snow")
    assert (50_200 + 1_731) / 30 > 1_731
    assert (50_200 + 1_732) / 30 <= 1_732


def test_hand_outs_hold_weights_that_even_the_mix_and_the_rows_that_cells_lack(essay):
    rows = {row[:2]: row[2:] for row in essay[1].handouts["sampling_weights.csv"].rows}
    clear, rain, snow = (rows["weather", value] for value in ("clear", "rain", "snow"))
    assert clear[3] * 50_000 == pytest.approx(rain[3] * 200) == pytest.approx(50_200 / 3)
    assert snow == (0, 0.0, 1 / 3, None)
    assert rows["label,weather", "car|clear"][3] == pytest.approx(1)
    thin = essay[1].handouts["thin_cells.csv"].rows
    assert thin == (("label,weather", "bike|snow", 0, 30), ("label,weather", "car|snow", 0, 30))


def test_a_condition_warns_past_ten_and_blocks_past_a_hundred_where_its_values_are_declared(tmp_path):
    rare = {"ten": 101, "more": 100, "hundred": 11, "past": 10, "seen": 10}
    rows = [("car", *("ab"[at < few] for few in rare.values())) for at in range(1111)]
    conditions = [{"name": name, "values": ["a", "b"]} if name != "seen" else name for name in rare]
    found = judged(tmp_path, rows, conditions)
    assert found.value("imbalance_ratio", "hundred") == 100
    check = found.verdicts["balance_imbalance_ratio_condition"]
    assert (check.verdict, check.key, check.value) == ("block", "past", 1101 / 10)
    rare = {name: few for name, few in rare.items() if name != "past"}
    found = judged(
        tmp_path, [row[:4] + row[5:] for row in rows], [one for one in conditions if one != conditions[3]]
    )
    check = found.verdicts["balance_imbalance_ratio_condition"]
    assert (check.verdict, check.key) == ("warn", "seen")
    assert "beyond it too: hundred 100, more 10.11)" in check.sentence


def test_with_production_the_mix_of_conditions_is_left_to_coverage_unless_it_is_asked_for(tmp_path):
    rows = [("car", "clear")] * 990 + [("car", "rain")] * 10
    write(tmp_path / "production.csv", ("weather",), [("rain",)] * 20 + [("clear",)] * 80)
    production = {"production": {"table": "production.csv"}}
    assert "balance_imbalance_ratio_condition" not in judged(tmp_path, rows, **production).verdicts
    asked = judged(tmp_path, rows, checks={"condition_ratio": {"warn": 10}}, **production)
    assert asked.said()["balance_imbalance_ratio_condition"] == "warn"
    target = judged(tmp_path, rows, checks={"target": {"weather": "production"}}, **production)
    check = target.verdicts["balance_target_ratio_weather"]
    assert (check.verdict, check.key, check.value) == ("block", "rain", pytest.approx(20.0))
    assert check.low < 20 < check.high


def test_a_declared_mix_is_judged_unrounded_and_its_bounds_are_inclusive(tmp_path):
    wet = {"even": 300, "third": 100, "less": 99, "tenth": 30, "least": 29}
    rows = [("car", *("clear" if at >= few else "rain" for few in wet.values())) for at in range(1000)]
    target = {name: {"clear": 0.7, "rain": 0.3} for name in wet}
    found = judged(tmp_path, rows, tuple(wet), checks={"target": target})
    assert found.value("target_ratio", "third", "rain") == pytest.approx(3)
    verdicts = [found.said()[f"balance_target_ratio_{name}"] for name in wet]
    assert verdicts == ["clear", "clear", "warn", "warn", "block"]


def test_missing_values_are_found_behind_the_texts_that_hide_them(tmp_path):
    hidden = ["", "na", "N/A ", "Unknown", "?", "UNKNOWN"]
    rows = [("car", "clear")] * 14 + [("car", text) for text in hidden]
    found = judged(tmp_path, rows)
    assert found.value("missing_share", "condition", "weather") == 0.3
    assert found.value("share", "weather", "(missing)") == 0.3
    assert found.value("share", "weather", "clear") == 0.7
    assert found.value("missing_count", "weather", "(missing)") == 1
    assert found.value("missing_count", "weather", "'Unknown'") == 1
    check = found.verdicts["balance_missing_share"]
    assert check.verdict == "warn"
    assert check.sentence.startswith("6 of 20 rows (0.3) have no weather (1 empty, 1 as ")
    assert "1 as 'N/A '" in check.sentence
    assert check.remedy.startswith("Find out the weather of 6 rows")
    assert ("share", "weather", "na") not in found.measures


def test_one_missing_value_is_told_in_the_singular(tmp_path):
    check = judged(
        tmp_path, [("car", "clear")] * 3 + [("car", "")], checks={"missing_share": {"warn": 0.1}}
    ).verdicts["balance_missing_share"]
    assert check.sentence == "1 of 4 rows (0.25) has no weather (1 empty); the limit is <= 0.1."
    assert check.remedy.startswith("Find out the weather of 1 row;")


def test_a_declared_value_is_never_missing_and_the_list_is_the_users(tmp_path):
    rows = [("car", "clear")] * 9 + [("car", "na")]
    declared = {"name": "weather", "values": ["clear", "na"]}
    assert judged(tmp_path, rows, [declared]).value("missing_share", "condition", "weather") == 0
    write(tmp_path / "items.csv", ("id", "label", "weather"), [("a", "car", "keine"), ("b", "car", "na")])
    items = {**ITEMS, "conditions": ["weather"], "missing_values": ["Keine"]}
    found = Judged(tmp_path, {"items": items}, "balance")
    assert found.value("missing_share", "condition", "weather") == 0.5
    assert found.value("share", "weather", "na") == 0.5


def test_a_twentieth_may_be_missing_and_a_cell_holds_thirty_rows(tmp_path):
    found = judged(tmp_path, [("car", "" if at < 5 else "clear") for at in range(100)])
    assert found.said()["balance_missing_share"] == "clear"
    rows = [("car", "" if at < 6 else "day", "rain" if at < 30 else "clear") for at in range(100)]
    rows += [("bike", "day", "rain" if at < 29 else "clear") for at in range(19, 119)]
    found = judged(tmp_path, rows, ("light", "weather"), {"missing_share": {"warn": 0.0299}, "min_cell": 10})
    assert found.said()["balance_missing_share"] == "warn"
    check = found.verdicts["balance_cells_label_weather"]
    assert (check.verdict, check.value, check.key) == ("clear", 10, "bike|rain")
    found = judged(tmp_path, rows, ("light", "weather"), {"min_cell": 11})
    check = found.verdicts["balance_cells_label_weather"]
    assert (check.verdict, check.value, check.remedy) == (
        "warn",
        10,
        "Collect 1 row of label bike, weather rain.",
    )


def test_cells_of_two_conditions_and_of_bins_are_counted_over_what_is_declared(tmp_path):
    rows = [("car", "fog", "3")] * 2 + [("car", "clear", "70")] * 40 + [("car", "clear", "old")]
    conditions = ["weather", {"name": "age", "edges": [0, 18, 65]}]
    found = judged(tmp_path, rows, conditions, {"cells": [["weather", "age"]]})
    cells = {row.key: row.estimate.value for row in found.rows if row.by == "weather,age"}
    assert cells == {
        "clear|[0, 18)": 0, "clear|[18, 65)": 0, "clear|>= 65": 40,
        "fog|[0, 18)": 2, "fog|[18, 65)": 0, "fog|>= 65": 0,
    }  # fmt: skip
    assert found.value("missing_share", "condition", "age") == pytest.approx(1 / 43)


def test_labels_that_come_several_an_item_are_shares_of_the_items(tmp_path):
    rows = (
        [("edema|mass", "AP")] * 10 + [("edema", "AP")] * 10 + [("none", "AP")] * 80 + [("none", "PA")] * 100
    )
    found = judged(tmp_path, rows, labels={"separator": "|", "values": ["none", "edema", "mass", "hernia"]})
    assert found.value("share", "label", "edema") == 0.1
    assert found.value("share", "label", "hernia") == 0
    assert found.value("label_share", "label,weather", "edema|AP") == 0.2
    assert found.measures["label_share", "label,weather", "edema|AP"].n == 100
    assert found.value("cell_count", "label,weather", "mass|AP") == 10
    assert "in none of 210 labels: label 'hernia'" in found.verdicts["balance_imbalance_ratio"].sentence


def test_a_condition_with_too_many_values_stays_bounded_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(coding, "VALUES", 5)
    monkeypatch.setattr(family, "LISTED", 5)
    found = judged(tmp_path, [("car", f"w{at % 40}") for at in range(400)])
    assert found.value("distinct_values", "condition", "weather") == 40
    assert found.value("share", "weather", "(35 others)") == 350 / 400
    check = found.verdicts["balance_distinct_values"]
    assert (check.verdict, check.value) == ("warn", 40)
    assert check.remedy == "Name a coarser column than weather among the conditions, or take it out of them."


def test_only_a_condition_of_numbers_is_to_be_cut_into_bins(tmp_path, monkeypatch):
    monkeypatch.setattr(coding, "VALUES", 5)
    monkeypatch.setattr(family, "LISTED", 5)
    found = judged(tmp_path, [("car", at % 40) for at in range(400)])
    assert "`{name: weather, quantiles: 4}`" in found.verdicts["balance_distinct_values"].remedy


def test_among_more_cells_than_are_told_the_thin_ones_are(tmp_path):
    weathers = [f"w{at}" for at in range(110)]
    rows = [(f"l{label}", weather) for label in range(100) for weather in weathers for _ in range(2)]
    declared = {"name": "weather", "values": [*weathers, "snow"]}
    found = judged(tmp_path, rows, [declared], {"min_cell": 1})
    assert found.value("cell_count", "label,weather", "l7|snow") == 0
    check = found.verdicts["balance_cells_label_weather"]
    assert (check.verdict, check.value) == ("warn", 0)


def test_nothing_to_balance_says_so(tmp_path):
    found = judged(tmp_path, [])
    assert set(found.said().values()) == {"insufficient"}
    write(tmp_path / "items.csv", ("id",), [("a",)])
    assert (
        "no labels and no conditions"
        in Judged(tmp_path, {"items": {"table": "items.csv", "id": "id"}}, "balance").silent
    )


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ({"cells": [["label", "wether"]]}, "unknown dimension 'wether'"),
        ({"target": {"wether": "uniform"}}, "unknown dimension 'wether'"),
        ({"target": {"weather": "production"}}, "no production"),
        ({"target": {"weather": {"clear": 0.5, "rain": 0.4}}}, "add up to 1"),
        ({"target": {"weather": {"clear": 1.5, "rain": -0.5}}}, "0 or more"),
        ({"target": {"weather": "even"}}, "uniform"),
        ({"cells": [["weather", "weather"]]}, "two dimensions"),
        ({"imbalance_ratio": {"block": 5, "compare": "high"}}, "without an interval has no high end"),
    ],
)
def test_a_policy_that_cannot_be_met_is_refused(tmp_path, checks, said):
    items = {**ITEMS, "conditions": ["weather"]}
    with pytest.raises(InputError, match=said):
        refused(tmp_path, {"items": items, "checks": {"balance": checks}})


def test_cells_of_annotations_ask_for_as_many_items_as_bring_so_many_annotations(tmp_path):
    write(
        tmp_path / "items.csv",
        ("id", "weather"),
        [(f"i{at}", ("clear", "rain")[at == 0]) for at in range(50)],
    )
    votes = [(f"i{at}", who, "car" if at else "bike") for at in range(50) for who in ("ana", "bo", "cy")]
    write(tmp_path / "votes.csv", ("item", "who", "label"), votes)
    spec = {
        "items": {"table": "items.csv", "id": "id", "conditions": ["weather"]},
        "annotations": {"table": "votes.csv", "item": "item", "annotator": "who", "label": "label"},
        "checks": {"balance": {"min_cell": 30}},
    }
    gaps = {tuple(gap.cell.items()): gap for gap in Judged(tmp_path, spec, "balance").gaps}
    assert {cell: gap.rows for cell, gap in gaps.items()} == {
        (("label", "bike"), ("weather", "rain")): 9,
        (("label", "bike"), ("weather", "clear")): 10,
        (("label", "car"), ("weather", "rain")): 10,
    }
    rare = gaps[("label", "bike"), ("weather", "rain")]
    assert rare.reason == "label bike, weather rain: 3 annotations, 3 an item"


def test_a_declared_label_that_never_occurs_is_named_with_the_ratio(tmp_path):
    rows = [(label, "clear") for label in ("cat",) * 8 + ("dog",) * 4]
    found = judged(tmp_path, rows, labels={"values": ["cat", "dog", "eel", "fox"]})
    assert found.value("imbalance_ratio", "label") == 8
    said = found.verdicts["balance_imbalance_ratio"].sentence
    assert said.startswith(
        "Declared, and in none of 12 rows: label 'eel', 'fox'. So the imbalance ratio has no end"
    )
    assert "judged as if there were one row, 8; the limit is" in said


def test_no_rows_are_collected_of_a_label_that_is_not_declared(tmp_path):
    rows = [(("car", "bike")[at % 2], ("clear", "rain")[at % 4 < 2]) for at in range(400)] + [
        ("caar", "rain")
    ]
    found = judged(tmp_path, rows, labels={"values": ["car", "bike"]})
    mend = "Mend the rows of label 'caar', which is not declared, or declare it under labels.values."
    for name, verdict in (("balance_imbalance_ratio", "block"), ("balance_cells_label_weather", "warn")):
        check = found.verdicts[name]
        assert (check.verdict, check.remedy) == (verdict, mend)
    assert not [gap for gap in found.gaps if gap.cell.get("label") == "caar"]
    undeclared = judged(tmp_path, rows)
    assert "label 'caar'" in undeclared.verdicts["balance_imbalance_ratio"].remedy
    assert undeclared.verdicts["balance_imbalance_ratio"].remedy.startswith("Collect ")
