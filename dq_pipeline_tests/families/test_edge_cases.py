"""Edge cases: counted as a plain loop counts, judged against their quotas, told with who answers for them."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dq_pipeline.counts import EdgeCaseCounts, collect
from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.tables import Tables
from dq_pipeline_tests.families.judged import judged as run

TODAY = datetime.now(timezone.utc).date()
HEADER = ("id", "light", "age")


def written(folder, rows, cases, **more):
    with Path(folder / "items.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return {
        "dataset": "roads",
        "items": {"table": "items.csv", "id": "id"},
        "edge_cases": cases,
        **more,
    }


def judged(folder, rows, cases, **more):
    """The verdicts by check, and the measures by name and key."""
    return found(folder, written(folder, rows, cases, **more))


def found(folder, spec):
    told = run("edge_cases", folder, spec)
    return told.said, {(name, key): estimate for (name, _, key), estimate in told.measures.items()}


def rows_of(night, day):
    lights = ["night"] * night + ["day"] * day
    return [(f"i{place}", light, str(place % 90)) for place, light in enumerate(lights)]


NIGHT = {
    "name": "night",
    "where": "light = 'night'",
    "train": 100,
    "owner": "team:roads",
    "reason": "missed in March",
}


@pytest.mark.parametrize(("night", "verdict"), [(99, "block"), (100, "clear")])
def test_a_quota_is_met_at_its_number_and_short_one_below(tmp_path, night, verdict):
    said, measures = judged(tmp_path, rows_of(night, 50), [NIGHT])
    check = said["edge_case_night"]
    assert (check.verdict, check.blocking) == (verdict, verdict == "block")
    assert measures["edge_case_count", "night|train"].value == night
    assert measures["edge_case_count", "night|train"].n == night + 50
    assert check.owner == "team:roads"
    assert (check.measure, check.by, check.key, check.bound) == (
        "edge_case_count", "edge_case,split", "night|train", ">= 100",
    )  # fmt: skip


def test_a_shortage_is_told_with_how_many_who_and_why_and_what_to_collect(tmp_path):
    said, _ = judged(tmp_path, rows_of(60, 50), [{**NIGHT, "due": str(TODAY - timedelta(days=12))}])
    check = said["edge_case_night"]
    assert check.verdict == "block"
    assert check.sentence == (
        "Edge case night (light = 'night') has 60 of 100 rows in train (short by 40). Owner team:roads; "
        f"reason: missed in March; due {TODAY - timedelta(days=12)}, 12 days overdue."
    )
    assert check.remedy == "Collect 40 rows for train where light = 'night'. team:roads answers for it."


@pytest.mark.parametrize(("days", "verdict"), [(-1, "block"), (0, "warn"), (1, "warn")])
def test_a_shortage_warns_until_the_day_it_is_due_and_blocks_from_the_next(tmp_path, days, verdict):
    said, _ = judged(tmp_path, rows_of(60, 50), [{**NIGHT, "due": str(TODAY + timedelta(days=days))}])
    assert said["edge_case_night"].verdict == verdict


def test_the_policy_says_what_a_shortage_does(tmp_path):
    checks = {"edge_cases": {"short": "warn"}}
    said, _ = judged(tmp_path, rows_of(60, 50), [NIGHT], checks=checks)
    assert said["edge_case_night"].verdict == "warn"
    checks = {"edge_cases": {"before_due": "block"}}
    due = {"due": str(TODAY + timedelta(days=9))}
    said, _ = judged(tmp_path, rows_of(60, 50), [{**NIGHT, **due}], checks=checks)
    assert said["edge_case_night"].verdict == "block"
    with pytest.raises(InputError, match="before_due is no harsher than short"):
        judged(tmp_path, [], [NIGHT], checks={"edge_cases": {"before_due": "block", "short": "warn"}})


def test_train_and_validation_have_quotas_of_their_own_where_the_split_is_known(tmp_path):
    parts = ["train"] * 60 + ["validation"] * 20 + ["test"] * 15 + [""]
    rows = [(f"i{place}", "night", "1", part) for place, part in enumerate(parts)]
    (tmp_path / "items.csv").write_text("id,light,age,split\n" + "\n".join(",".join(row) for row in rows))
    items = {"table": "items.csv", "id": "id", "split": "split"}
    written = {"dataset": "roads", "items": items, "edge_cases": [{**NIGHT, "train": 60}]}
    said, measures = found(tmp_path, written)
    assert said["edge_case_night"].sentence.startswith(
        "Edge case night (light = 'night') has 60 of 60 rows in train, 20 of 30 rows in validation (short by 10)."
    )
    assert said["edge_case_night"].remedy.startswith("Collect 10 rows for validation where")
    counted = {key: measure.value for (name, key), measure in measures.items() if name == "edge_case_count"}
    assert counted == {"night|train": 60, "night|validation": 20, "night|test": 15, "night|unknown": 1}


def test_a_training_set_that_is_asked_for_tells_the_parts_apart(tmp_path):
    more = {"training_set": {"split": {"validation": 0.5, "test": 0.0}}}
    said, measures = judged(tmp_path, rows_of(1000, 0), [{**NIGHT, "train": 1}], **more)
    assert said["edge_case_night"].verdict == "clear"
    train, validation = (
        measures["edge_case_count", f"night|{part}"].value for part in ("train", "validation")
    )
    assert train + validation == 1000
    assert 400 < validation < 600


def test_each_edge_case_has_a_check_of_its_own(tmp_path):
    cases = [
        NIGHT,
        {"name": "child", "where": "age < 10", "train": 5},
        {"name": "none", "where": "age > 500"},
    ]
    said, measures = judged(tmp_path, rows_of(120, 0), cases)
    assert {name: check.verdict for name, check in said.items()} == {
        "edge_case_night": "clear", "edge_case_child": "clear", "edge_case_none": "block",
    }  # fmt: skip
    assert measures["edge_case_count", "none|train"].value == 0


def test_validation_rows_that_nobody_can_tell_are_insufficient_evidence_and_are_not_asked_for_by_default(
    tmp_path,
):
    said, measures = judged(tmp_path, rows_of(120, 0), [{**NIGHT, "validation": 30}])
    check = said["edge_case_night"]
    assert check.verdict == "insufficient"
    assert not check.blocking
    assert "120 of 100 rows in train. Its rows in validation are not known" in check.sentence
    assert "Name items.split or training_set" in check.remedy
    assert measures["edge_case_count", "night|validation"].value is None
    said, _ = judged(tmp_path, rows_of(20, 0), [{**NIGHT, "validation": 30}])
    assert said["edge_case_night"].verdict == "block"


def test_production_tells_how_often_the_edge_case_comes(tmp_path):
    (tmp_path / "production.csv").write_text("light\n" + "night\n" * 3 + "day\n" * 97)
    more = {
        "items": {"table": "items.csv", "id": "id", "conditions": ["light"]},
        "production": {"table": "production.csv"},
    }
    cases = [NIGHT, {"name": "child", "where": "age < 10"}]
    said, measures = judged(tmp_path, rows_of(120, 0), cases, **more)
    assert "Production meets it in 3 % of 100 rows." in said["edge_case_night"].sentence
    assert measures["production_share", "night"].value == 0.03
    assert ("production_share", "child") not in measures


def test_an_unknown_column_is_refused_before_work_starts(tmp_path):
    with pytest.raises(InputError) as refused:
        judged(tmp_path, rows_of(1, 0), [{**NIGHT, "where": "lihgt = 'night'"}])
    assert refused.value.who == "roads, edge_cases.night.where"
    assert refused.value.fix == "write light"


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ([NIGHT, NIGHT], "twice: night\n  expected: edge cases are named once each"),
        ([{**NIGHT, "name": "a b"}], "letters, digits and underscores"),
        ([{**NIGHT, "train": -1}], "greater than or equal to 0"),
        ([{**NIGHT, "due": "soon"}], "date"),
        ([{"name": "x"}], "the key 'where'"),
    ],
)
def test_a_registry_that_cannot_be_is_refused(tmp_path, cases, said):
    with pytest.raises(InputError, match=said):
        judged(tmp_path, [], cases)


def test_edge_cases_without_items_are_refused():
    annotations = {"table": "a.csv", "item": "i", "annotator": "a", "label": "l"}
    with pytest.raises(InputError, match="counted in the items"):
        spec_from({"dataset": "d", "annotations": annotations, "edge_cases": [NIGHT]})


LIGHTS = st.sampled_from(["night", "day", "", "NIGHT"])
AGES = st.sampled_from(["", "0", "9", "9.5", "10", "x", "-1"])


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(LIGHTS, AGES), max_size=20))
def test_the_engine_counts_what_a_plain_loop_counts(tmp_path, rows):
    cases = [
        NIGHT,
        {"name": "young", "where": "age < 10 and light != 'day'"},
        {"name": "other", "where": "not (age >= 9.5 or light in ('night', 'day'))"},
        {"name": "gone", "where": "light is null or age is null"},
    ]
    spec, _ = spec_from(
        written(tmp_path, [(str(i), *row) for i, row in enumerate(rows)], cases), base=tmp_path
    )
    with Tables(spec) as tables:
        request = EdgeCaseCounts(split=False)
        found = collect(tables, [request])[request]
    expected = {"night": 0, "young": 0, "other": 0, "gone": 0}
    for light, age in rows:
        value = number(age)
        expected["night"] += light == "night"
        expected["young"] += value is not None and value < 10 and light not in {"day", ""}
        # Unknown where a part is missing, unless the other part already settles it.
        expected["other"] += value is not None and value < 9.5 and light == "NIGHT"
        expected["gone"] += light == "" or age == ""
    assert found.rows == ({"all": len(rows)} if rows else {})
    assert {name: found.counts.get((name, "all"), 0) for name in expected} == expected
