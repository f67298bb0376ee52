"""Asset checks from a user's Great Expectations suite, run in a real Dagster instance."""

from __future__ import annotations

import json

import dagster as dg
import ibis
import pandas as pd
import pytest

from dq_pipeline import build_expectation_checks
from dq_pipeline.spec.errors import InputError
from dq_pipeline_tests.orchestration.test_schema_checks import FRAME

SUITE = {
    "name": "mine",
    "expectations": [
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {"column": "age", "max_value": 120},
            "meta": {"id": "plausible age"},
            "severity": "critical",
        },
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "image"}, "severity": "warning"},
        {
            "type": "expect_column_max_to_be_between",
            "kwargs": {"column": "age", "max_value": 500},
            "severity": "info",
        },
        {
            "type": "expect_column_max_to_be_between",
            "kwargs": {"column": "gone", "max_value": 5},
            "severity": "warning",
        },
    ],
}


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(SUITE))
    return path


def run(suite, value, **options):
    @dg.asset
    def images():
        return value

    @dg.asset(deps=[images])
    def child():
        return 1

    checks = build_expectation_checks(asset=images, suite=suite, **options)
    with dg.DagsterInstance.local_temp(overrides={"telemetry": {"enabled": False}}) as instance:
        result = dg.materialize([images, child, checks], instance=instance, raise_on_error=False)
    found = {one.check_name: one for one in result.get_asset_check_evaluations()}
    return found, any(e.asset_key == dg.AssetKey("child") for e in result.get_asset_materialization_events())


def test_a_saved_suite_gives_one_check_an_expectation(saved):
    found, ran = run(saved, FRAME, ids=["image"])
    assert {name: (one.passed, one.severity.name) for name, one in found.items()} == {
        "plausible_age": (False, "ERROR"),
        "expect_column_values_to_be_unique_image": (False, "WARN"),
        "expect_column_max_to_be_between_age": (True, "WARN"),
        "expect_column_max_to_be_between_gone": (False, "WARN"),
    }
    age = found["plausible_age"]
    assert age.description == "expect_column_values_to_be_between on age fails: 1 of 3 values are unexpected."
    assert [record.data for record in age.metadata["first_failing_rows"].records] == [{"image": "b"}]
    assert "200" not in str(age)
    assert found["expect_column_max_to_be_between_gone"].description == (
        "expect_column_max_to_be_between on gone raised and was not judged."
    )
    assert not ran


def test_a_suite_object_with_only_warnings_lets_the_child_run():
    import great_expectations as gx
    import great_expectations.expectations as gxe

    suite = gx.ExpectationSuite(
        name="mine", expectations=[gxe.ExpectColumnValuesToBeUnique(column="image", severity="warning")]
    )
    found, ran = run(suite, FRAME)
    assert [one.passed for one in found.values()] == [False]
    assert ran


def test_an_engines_table_is_judged_and_an_empty_one_says_so(saved):
    table = ibis.memtable(FRAME.head(0), schema={"image": "string", "age": "int64"})
    found, _ = run(saved, 1, load=lambda _context: table)
    assert found["plausible_age"].passed
    assert found["plausible_age"].description.endswith("holds, yet there was no value to judge.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON"),
        ("[]", "no list of expectations"),
        ('{"expectations": []}', "no list of expectations"),
        ('{"expectations": [{"kwargs": {}}]}', "each have a type"),
        ('{"expectations": [{"type": "expect_x", "severity": "fatal"}]}', "severity 'fatal'"),
    ],
)
def test_a_file_that_is_no_suite_is_refused_when_definitions_load(tmp_path, text, message):
    path = tmp_path / "suite.json"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        build_expectation_checks(asset="images", suite=path)


def test_a_missing_file_is_refused_when_definitions_load(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        build_expectation_checks(asset="images", suite=tmp_path / "gone.json")


def test_an_expectation_that_great_expectations_does_not_know_fails_its_checks(tmp_path):
    path = tmp_path / "suite.json"
    path.write_text(
        json.dumps({"name": "x", "expectations": [{"type": "expect_nothing_known", "kwargs": {}}]})
    )
    found, ran = run(path, pd.DataFrame({"a": [1]}))
    assert [one.passed for one in found.values()] == [False]
    assert not ran
