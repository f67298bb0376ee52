"""Coverage: what production has and training lacks is found, what is the same in both stays quiet."""

from __future__ import annotations

import csv
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

from dq_pipeline.spec import InputError
from dq_pipeline_tests.families.judged import judged


def write(path, header, rows):
    with Path(path).open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def found(folder, spec):
    """The verdicts by check, the measures by name, breakdown and key, and the gaps."""
    told = judged("coverage", folder, spec)
    return told.said, told.measures, told.gaps


def compared(folder, items, production, **policy):
    """Training and production as {cell: rows}, a cell the light and the weather."""
    rows = [cell for cell, n in items.items() for _ in range(n)]
    write(folder / "items.csv", ("id", "light", "weather"), [(n, *row) for n, row in enumerate(rows)])
    sample = [cell for cell, n in production.items() for _ in range(n)]
    write(folder / "production.csv", ("light", "weather"), sample)
    spec = {
        "dataset": "roads",
        "items": {"table": "items.csv", "id": "id", "conditions": ["light", "weather"]},
        "production": {"table": "production.csv"},
        "checks": {"coverage": policy},
    }
    return found(folder, spec)


EVEN = {("day", "clear"): 500, ("night", "clear"): 500}


def test_a_fivefold_gap_on_a_rare_condition_is_caught_while_psi_stays_silent(tmp_path):
    items = {("day", "clear"): 24_900, ("day", "rain"): 100}
    production = {("day", "clear"): 9_800, ("day", "rain"): 200}
    said, measures, _ = compared(tmp_path, items, production)
    check = said["coverage_representation_ratio"]
    assert check.verdict == "warn"
    assert check.value == pytest.approx(5.0, rel=1e-12)
    assert (check.by, check.key) in {("weather", "rain"), ("light,weather", "day|rain")}
    assert measures["representation_ratio", "weather", "rain"].value == pytest.approx(5.0, rel=1e-12)
    assert measures["psi", "weather", None].value < 0.1
    assert measures["jensen_shannon", "weather", None].value < 0.1
    assert said["coverage_uncovered_mass"].verdict == "clear"
    assert check.sentence == (
        "Production has 5 times training's share of weather rain (3.94 to 6.346): 200 of 10,000 rows against 100 of "
        "25,000; the limit is <= 3 (1 more cell beyond it)."
    )
    assert check.remedy == "Collect 68 rows of weather rain."
    # 168 of 25,068 rows are the first share that a third of 2 % does not exceed.
    assert 0.02 / (168 / 25_068) <= 3 < 0.02 / (167 / 25_067)


@pytest.mark.parametrize(("rain", "verdict"), [(30, "clear"), (29, "warn"), (9, "warn"), (8, "block")])
def test_the_ratio_is_judged_unrounded_on_either_side_of_its_limits(tmp_path, rain, verdict):
    # 9 % of production, against 3 % (or a little less) of training and .9 % (or a little less).
    items = {("day", "clear"): 1000 - rain, ("day", "rain"): rain}
    production = {("day", "clear"): 9_100, ("day", "rain"): 900}
    said, _, _ = compared(tmp_path, items, production)
    assert said["coverage_representation_ratio"].verdict == verdict


def test_a_cell_that_training_lacks_blocks_by_its_share_and_is_told_once(tmp_path):
    said, measures, gaps = compared(tmp_path, EVEN, {**EVEN, ("day", "snow"): 20, ("night", "snow"): 10})
    check = said["coverage_representation_ratio"]
    assert check.verdict == "block"
    assert (check.measure, check.by, check.key) == ("unseen_share", "weather", "snow")
    assert check.sentence == (
        "None of the 1,000 rows of training is of weather snow, 2.913 % of the 1,030 rows of production (2.048 % to "
        "4.127 %)."
    )
    assert check.remedy == "Collect 10 rows of weather snow."
    ratio = measures["representation_ratio", "weather", "snow"]
    assert (ratio.value, ratio.high, ratio.status) == (None, None, "no_overlap")
    assert ratio.low > 1
    assert [key for key in measures if key[0] == "unseen_share"] == [("unseen_share", "weather", "snow")]
    assert {(tuple(gap.cell.items()), gap.rows) for gap in gaps} == {
        ((("weather", "snow"),), 30),
        ((("light", "day"), ("weather", "snow")), 30),
        ((("light", "night"), ("weather", "snow")), 30),
    }


def test_a_combination_that_training_lacks_is_found_though_each_value_is_there(tmp_path):
    items = {("day", "clear"): 500, ("night", "clear"): 300, ("day", "rain"): 200}
    production = {("day", "clear"): 500, ("night", "clear"): 280, ("day", "rain"): 150, ("night", "rain"): 70}
    said, measures, _ = compared(tmp_path, items, production)
    check = said["coverage_representation_ratio"]
    assert (check.verdict, check.by, check.key) == ("block", "light,weather", "night|rain")
    assert measures["uncovered_mass", None, None].value == pytest.approx(0.07)
    assert measures["uncovered_mass", "weather", None].value == 0
    assert said["coverage_uncovered_mass"].verdict == "block"
    assert said["coverage_uncovered_mass"].remedy == "Collect 30 rows of light night, weather rain."
    said, _, _ = compared(tmp_path, items, production, ways=1)
    assert said["coverage_representation_ratio"].verdict == "clear"


@pytest.mark.parametrize(("snow", "verdict"), [(50, "block"), (49, "clear")])
def test_only_cells_with_the_least_share_of_production_are_judged(tmp_path, snow, verdict):
    production = {("day", "clear"): 10_000 - snow, ("day", "snow"): snow}
    said, _, _ = compared(tmp_path, {("day", "clear"): 1000}, production)
    assert said["coverage_representation_ratio"].verdict == verdict


@pytest.mark.parametrize(("snow", "verdict"), [(5, "block"), (4, "clear")])
def test_a_handful_of_rows_of_production_is_no_gap(tmp_path, snow, verdict):
    said, _, _ = compared(tmp_path, EVEN, {("day", "clear"): 200 - snow, ("day", "snow"): snow})
    assert said["coverage_representation_ratio"].verdict == verdict


def test_a_ratio_that_chance_may_have_made_is_not_judged(tmp_path):
    items = {("day", "clear"): 999, ("day", "rain"): 1}
    said, measures, _ = compared(tmp_path, items, {("day", "clear"): 995, ("day", "rain"): 5})
    assert said["coverage_representation_ratio"].verdict == "clear"
    assert measures["representation_ratio", "weather", "rain"].status == "too_few_units"
    assert measures["representation_ratio", "weather", "rain"].value is None
    assert measures["representation_ratio", "weather", "rain"].low < 1


@pytest.mark.parametrize(
    ("rain", "verdict"), [(0, "clear"), (10, "clear"), (11, "warn"), (50, "warn"), (51, "block")]
)
def test_uncovered_mass_is_inclusive_at_its_limits(tmp_path, rain, verdict):
    items = {("day", "clear"): 1000, ("day", "rain"): 29}
    said, measures, _ = compared(tmp_path, items, {("day", "clear"): 1000 - rain, ("day", "rain"): rain})
    assert measures["uncovered_mass", None, None].value == rain / 1000
    assert said["coverage_uncovered_mass"].verdict == verdict


def test_the_minimum_of_a_covered_cell_is_inclusive(tmp_path):
    items = {("day", "clear"): 1000, ("day", "rain"): 30}
    _, measures, _ = compared(tmp_path, items, {("day", "clear"): 900, ("day", "rain"): 100})
    assert measures["uncovered_mass", None, None].value == 0


def test_a_missing_value_is_a_value(tmp_path):
    said, _, _ = compared(tmp_path, EVEN, {("day", "clear"): 900, ("day", ""): 100})
    assert "weather (missing)" in said["coverage_representation_ratio"].sentence


def test_a_text_that_stands_for_a_missing_value_is_missing_unless_declared(tmp_path):
    production = {("day", "clear"): 850, ("day", "N/A "): 50, ("day", ""): 50, ("Unknown", "clear"): 50}
    _, measures, _ = compared(tmp_path, EVEN, production)
    assert measures["production_count", "weather", "(missing)"].value == 100
    assert measures["production_count", "light", "(missing)"].value == 50
    assert ("production_count", "weather", "N/A ") not in measures


def test_a_condition_of_many_numbers_is_compared_in_ranges(tmp_path):
    def audited(shift):
        write(tmp_path / "items.csv", ("id", "speed"), [(n, f"{n % 1000}.5") for n in range(20_000)])
        write(tmp_path / "production.csv", ("speed",), [(f"{n % 1000 + shift}.25",) for n in range(20_000)])
        items = {"table": "items.csv", "id": "id", "conditions": ["speed"]}
        return found(tmp_path, {"dataset": "d", "items": items, "production": {"table": "production.csv"}})

    said, measures, _ = audited(0)
    assert {check.verdict for check in said.values()} == {"clear"}
    keys = {key for name, _, key in measures if name == "representation_ratio"}
    assert len(keys) == 10
    lowest = next(key for key in keys if key.startswith("< 100."))
    assert measures["training_count", "speed", lowest].value == 2000
    said, _, _ = audited(600)
    assert said["coverage_representation_ratio"].verdict == "warn"
    assert said["coverage_representation_ratio"].key.startswith(">= ")


def test_a_classifier_is_asked_for_and_judges_nothing(tmp_path):
    _, measures, _ = compared(tmp_path, EVEN, EVEN)
    assert ("domain_auc", None, None) not in measures
    said, measures, _ = compared(tmp_path, EVEN, {("night", "clear"): 500}, domain_classifier=True)
    # Half of training is like all of production: (1 + 1 / 2) / 2.
    assert measures["domain_auc", None, None].value == pytest.approx(0.75, abs=0.02)
    assert measures["domain_auc", None, None].n == 1500
    assert set(said) == {"coverage_representation_ratio", "coverage_uncovered_mass"}


def test_the_classifier_sees_rows_of_all_of_a_sorted_table(tmp_path):
    # 40,000 rows in the order of their values, of which a sample is taken: as a run of them it would be one value.
    items = {("day", "clear"): 20_000, ("night", "clear"): 20_000}
    _, measures, _ = compared(tmp_path, items, EVEN, domain_classifier=True)
    assert measures["domain_auc", None, None].value == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(("there", "area"), [("brightness", 1.0), ("luma", None)])
def test_the_classifier_is_given_features_too_where_production_has_them(tmp_path, there, area):
    items = [(n, "day", n % 10 if n % 50 else "", 3) for n in range(400)]
    write(tmp_path / "items.csv", ("id", "light", "brightness", "gain"), items)
    write(
        tmp_path / "production.csv", ("light", there, "gain"), [("day", 20 + n % 10, 3) for n in range(300)]
    )
    spec = {
        "dataset": "roads",
        "items": {
            "table": "items.csv",
            "id": "id",
            "conditions": ["light"],
            "features": ["brightness", "gain"],
        },
        "production": {"table": "production.csv"},
        "checks": {"coverage": {"domain_classifier": True}},
    }
    measures = found(tmp_path, spec)[1]
    assert measures["domain_auc", None, None].value == pytest.approx(0.5, abs=0.02)
    told = measures.get(("domain_auc", "columns", "features"))
    assert (told and (told.value, told.n)) == (area and (area, 700))


def test_nothing_in_common_blocks_and_nothing_at_all_is_insufficient(tmp_path):
    said, _, _ = compared(tmp_path, EVEN, {("dusk", "fog"): 100})
    assert {check.verdict for check in said.values()} == {"block"}
    said, _, _ = compared(tmp_path, EVEN, {})
    assert {check.verdict for check in said.values()} == {"insufficient"}
    said, _, _ = compared(tmp_path, {}, EVEN)
    assert said["coverage_uncovered_mass"].verdict == "block"
    assert said["coverage_representation_ratio"].verdict == "insufficient"


def test_thresholds_that_are_off_ask_for_nothing(tmp_path):
    policy = {"representation_ratio": False, "uncovered_mass": False}
    said, _, gaps = compared(tmp_path, EVEN, {("dusk", "fog"): 10, ("day", "clear"): 90}, **policy)
    assert said["coverage_uncovered_mass"].verdict == "clear"
    assert not any(check.blocking for check in said.values())
    assert gaps


@pytest.mark.parametrize(("days", "verdict"), [(89, "clear"), (91, "warn"), (366, "block")])
def test_an_old_sample_of_production_is_told(tmp_path, days, verdict):
    write(tmp_path / "items.csv", ("id", "light"), [(n, "day") for n in range(40)])
    newest = datetime.now(timezone.utc).replace(tzinfo=None) - timedelta(days=days)
    write(
        tmp_path / "production.csv", ("light", "at"), [("day", newest), ("day", newest - timedelta(days=9))]
    )
    spec = {
        "dataset": "roads",
        "items": {"table": "items.csv", "id": "id", "conditions": ["light"]},
        "production": {"table": "production.csv", "time": "at"},
        "checks": {"coverage": {"production_age": {"warn": 90, "block": 365}}},
    }
    said, measures, _ = found(tmp_path, spec)
    assert said["coverage_production_age"].verdict == verdict
    assert said["coverage_production_age"].sentence.startswith(
        f"The newest row of production is {days} days old"
    )
    assert measures["production_age", None, None].value == pytest.approx(days, abs=0.01)
    write(tmp_path / "production.csv", ("light", "at"), [("day", "soon")])
    assert found(tmp_path, spec)[0]["coverage_production_age"].verdict == "insufficient"


def test_validation_is_held_against_production_and_training(tmp_path):
    # Cleaner than production: no rain was put into validation.
    rows = [("clear", "train")] * 900 + [("rain", "train")] * 100 + [("clear", "validation")] * 300
    write(tmp_path / "items.csv", ("id", "weather", "part"), [(n, *row) for n, row in enumerate(rows)])
    write(tmp_path / "production.csv", ("weather",), [("clear",)] * 900 + [("rain",)] * 100)
    spec = {
        "dataset": "roads",
        "items": {"table": "items.csv", "id": "id", "split": "part", "conditions": ["weather"]},
        "production": {"table": "production.csv"},
    }
    said, measures, _ = found(tmp_path, spec)
    assert {name: check.verdict for name, check in said.items()} == {
        "coverage_representation_ratio": "clear",
        "coverage_validation_production_ratio": "warn",
        "coverage_validation_training_ratio": "warn",
        "coverage_uncovered_mass": "clear",
    }
    assert measures["training_count", "weather", "rain"].n == 1000
    check = said["coverage_validation_production_ratio"]
    assert check.sentence.startswith(
        "None of the 300 rows of validation is of weather rain, 10 % of the 1,000 rows of p"
    )
    assert check.remedy == "Collect 11 rows of weather rain for validation."
    del spec["production"]
    assert set(found(tmp_path, spec)[0]) == {"coverage_validation_training_ratio"}


def test_productions_columns_may_have_other_names(tmp_path):
    write(tmp_path / "items.csv", ("id", "light"), [(n, "day") for n in range(40)])
    write(tmp_path / "production.csv", ("licht",), [("day",)] * 40)
    spec = {
        "dataset": "roads",
        "items": {"table": "items.csv", "id": "id", "conditions": ["light"]},
        "production": {"table": "production.csv", "conditions": {"light": "licht"}},
    }
    said, _, _ = found(tmp_path, spec)
    assert {check.verdict for check in said.values()} == {"clear"}
    spec["production"]["conditions"] = {"lihgt": "licht"}
    with pytest.raises(InputError, match=r"maps items\.conditions"):
        found(tmp_path, spec)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"conditions": ["wheather"]}, "unknown condition 'wheather'"),
        ({"ways": 4}, "1, 2 or 3"),
        ({"min_share": 0}, "greater than 0"),
        ({"representation_ratio": {"warn": 10, "block": 3}}, "warn at or below block"),
        ({"uncovered_mass": {"warn": 1.5}}, "a number from 0 to 1"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(tmp_path, policy, said):
    with pytest.raises(InputError, match=said):
        compared(tmp_path, EVEN, EVEN, **policy)


def test_more_combinations_than_can_be_crossed_are_refused(tmp_path):
    spec = {
        "dataset": "roads",
        "items": {"table": "items.csv", "id": "id", "conditions": [f"c{n}" for n in range(40)]},
        "production": {"table": "production.csv"},
        "checks": {"coverage": {"ways": 3}},
    }
    with pytest.raises(InputError, match="10,700 combinations of 40 conditions"):
        found(tmp_path, spec)


@pytest.fixture(scope="module")
def employment():
    if "DQ_REAL_DATA" not in os.environ:
        pytest.skip("DQ_REAL_DATA names no folder")
    return Path(os.environ["DQ_REAL_DATA"]) / "employment_shift"


FEATURES = [
    "AGEP",
    "SCHL",
    "MAR",
    "RELP",
    "DIS",
    "ESP",
    "CIT",
    "MIG",
    "MIL",
    "ANC",
    "NATIVITY",
    "DEAR",
    "DEYE",
    "DREM",
    "SEX",
    "RAC1P",
]


@pytest.mark.parametrize("year", [2016, 2017, 2018])
def test_years_that_are_alike_stay_quiet_at_the_defaults(employment, tmp_path, year):
    sample = tmp_path / "production.parquet"
    duckdb.sql(f"COPY (SELECT * FROM '{employment}/analysis.parquet' WHERE year = {year}) TO '{sample}'")
    spec = {
        "dataset": "employment",
        "items": {"table": f"{employment}/reference.parquet", "id": "id", "conditions": FEATURES},
        "production": {"table": str(sample)},
    }
    said, measures, gaps = found(tmp_path, spec)
    assert {check.verdict for check in said.values()} == {"clear"}
    assert max(e.value for (name, _, _), e in measures.items() if name == "psi") <= 0.01413
    assert gaps == []


def test_a_split_by_other_names_is_the_split_that_it_means(tmp_path):
    rows = [(n, "day", "val" if n % 5 == 0 else "training") for n in range(500)]
    write(tmp_path / "items.csv", ("id", "light", "part"), rows)
    items = {"table": "items.csv", "id": "id", "conditions": ["light"], "split": "part"}
    measures = found(tmp_path, {"dataset": "roads", "items": items})[1]
    assert measures["training_count", "light", "day"].value == 400
    assert measures["validation_count", "light", "day"].value == 100
