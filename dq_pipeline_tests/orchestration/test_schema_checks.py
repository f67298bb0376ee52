"""Asset checks from a Pandera schema, run in a real Dagster instance."""

from __future__ import annotations

import dagster as dg
import ibis
import pandas as pd
import pandera.pandas as pa
import pandera.polars as pp
import polars as pl
import pytest

from dq_pipeline import build_schema_checks
from dq_pipeline.spec.errors import InputError

FRAME = pd.DataFrame({"image": ["a", "b", "b"], "age": [30, 200, 41]})


def run(value, schema, **options):
    """Materialize an asset with its checks and a child; the evaluations by name, and whether the child ran."""

    @dg.asset
    def images():
        return value() if callable(value) else value

    @dg.asset(deps=[images])
    def child():
        return 1

    checks = build_schema_checks(asset=images, schema=schema, **options)
    with dg.DagsterInstance.local_temp(overrides={"telemetry": {"enabled": False}}) as instance:
        result = dg.materialize([images, child, checks], instance=instance, raise_on_error=False)
    evaluations = {found.check_name: found for found in result.get_asset_check_evaluations()}
    ran = any(event.asset_key == dg.AssetKey("child") for event in result.get_asset_materialization_events())
    return evaluations, ran


def schema(**age):
    return pa.DataFrameSchema({"image": pa.Column(str), "age": pa.Column(int, pa.Check.le(120, **age))})


def test_a_broken_rule_fails_its_column_and_blocks_the_child():
    found, ran = run(FRAME, schema(), ids=["image"])
    assert {name: one.passed for name, one in found.items()} == {
        "schema": True,
        "schema_image": True,
        "schema_age": False,
    }
    assert found["schema_age"].severity is dg.AssetCheckSeverity.ERROR
    assert (
        found["schema_age"].description
        == "1 of 3 rows breaks less_than_or_equal_to(max_value=120) on column age."
    )
    assert found["schema_age"].metadata["failing_rows"].value == 1
    records = found["schema_age"].metadata["first_failing_rows"].records
    assert [record.data for record in records] == [
        {"image": "b", "broken_rule": "less_than_or_equal_to", "in_column": "age"}
    ]
    assert "200" not in str(found["schema_age"])
    assert not ran


def test_a_rule_that_only_warns_fails_with_severity_warn_and_lets_the_child_run():
    found, ran = run(FRAME, schema(raise_warning=True))
    assert not found["schema_age"].passed
    assert found["schema_age"].severity is dg.AssetCheckSeverity.WARN
    assert ran


@pytest.mark.parametrize("value", [pd.DataFrame, ibis.memtable], ids=["pandas", "ibis"])
def test_uniqueness_over_two_columns_belongs_to_the_table(value):
    two = pa.DataFrameSchema({"image": pa.Column(str)}, unique=["image", "site"])
    frame = FRAME.assign(site="north")
    found, _ = run(1, two, ids=["image"], load=lambda _context: value(frame))
    assert {name: one.passed for name, one in found.items()} == {"schema": False, "schema_image": True}
    assert found["schema"].description == "2 of 3 rows share their image,site with another row."


def test_a_polars_value_and_schema_are_judged():
    found, _ = run(pl.from_pandas(FRAME), pp.DataFrameSchema({"age": pp.Column(pl.Int64, pp.Check.le(120))}))
    assert not found["schema_age"].passed


def test_a_missing_column_is_a_failed_check_and_no_traceback():
    found, ran = run(FRAME.drop(columns="age"), schema())
    assert found["schema_age"].description == (
        "column_in_dataframe on column age fails: there is no column age; the table has image."
    )
    assert not ran


@pytest.mark.parametrize(
    ("value", "options"),
    [({"not": "a table"}, {}), (FRAME, {"load": lambda _context: {}["gone"]})],
    ids=["value of another kind", "load raises"],
)
def test_every_check_gets_a_result_even_when_it_raises(value, options):
    found, ran = run(value, schema(), **options)
    assert {name: one.passed for name, one in found.items()} == dict.fromkeys(
        ["schema", "schema_image", "schema_age"], False
    )
    assert {"traceback", "what_to_do"} & found["schema"].metadata.keys()
    assert not ran


@pytest.mark.parametrize(
    ("value", "says", "fix"),
    [
        (None, "images: found no value, as of an asset that returns nothing", "load=lambda context"),
        (FRAME.set_axis(["image", "image"], axis=1), "columns that are doubled or not text: image", "frame."),
    ],
)
def test_a_value_that_is_no_table_is_told_with_what_to_do(value, says, fix):
    found, _ = run(value, schema())
    assert says in found["schema_age"].description
    assert fix in found["schema_age"].metadata["what_to_do"].value


def test_no_rows_and_one_id_column_are_told_as_such():
    found, _ = run(FRAME.head(0), schema())
    assert found["schema_age"].description == "4 rules hold, yet there is no row to judge."
    found, _ = run(FRAME, schema(), ids="image")
    assert found["schema_age"].metadata["first_failing_rows"].records[0].data["image"] == "b"


def test_a_schema_whose_columns_are_numbers_is_refused_when_definitions_load():
    with pytest.raises(InputError, match="not text: 0"):
        build_schema_checks(asset="images", schema=pa.DataFrameSchema({0: pa.Column(int)}))


def test_no_schema_is_refused_when_definitions_load():
    with pytest.raises(InputError, match="a Pandera DataFrameSchema"):
        build_schema_checks(asset="images", schema={"image": str})


def test_names_that_dagster_does_not_take_are_told_apart():
    two = pa.DataFrameSchema({"a b": pa.Column(str), "a-b": pa.Column(str)})
    checks = build_schema_checks(asset="images", schema=two)
    assert {key.name for key in checks.check_keys} == {"schema", "schema_a_b", "schema_a_b_2"}


def test_a_partitions_run_checks_that_partition():
    sites = dg.StaticPartitionsDefinition(["north", "south"])

    @dg.asset(partitions_def=sites)
    def images(context):
        return FRAME.head(1) if context.partition_key == "north" else FRAME

    checks = build_schema_checks(asset=images, schema=schema(), ids=["image"])
    with dg.DagsterInstance.local_temp(overrides={"telemetry": {"enabled": False}}) as instance:
        passed = {
            site: [
                found.passed
                for found in dg.materialize(
                    [images, checks], instance=instance, partition_key=site, raise_on_error=False
                ).get_asset_check_evaluations()
                if found.check_name == "schema_age"
            ]
            for site in ("north", "south")
        }
    assert passed == {"north": [True], "south": [False]}
