"""What validate says of schemas and tables of every kind, and what it never says."""

from __future__ import annotations

import json
import sys

import duckdb
import ibis
import numpy as np
import pandas as pd
import pandera.ibis as pi
import pandera.pandas as pa
import pandera.polars as pp
import polars as pl
import pytest
from pyarrow import table as arrow_table

from dq_pipeline.contracts import validate
from dq_pipeline.spec.errors import InputError

FRAME = pd.DataFrame({"id": ["a", "b", "c", "d"], "age": [1, 200, 30, -4]})


def of(result):
    return {(rule.rule, rule.column): rule for rule in result.rules}


@pytest.mark.parametrize(
    "table",
    [FRAME, pl.from_pandas(FRAME), pl.from_pandas(FRAME).lazy(), ibis.memtable(FRAME), duckdb.from_df(FRAME)],
    ids=["pandas", "polars", "lazy polars", "ibis", "duckdb"],
)
@pytest.mark.parametrize("library", [pa, pp, pi], ids=["pandas", "polars", "ibis"])
@pytest.mark.parametrize("executor", ["auto", "native", "fused"])
def test_a_schema_of_any_library_judges_a_table_of_any_kind(table, library, executor):
    schema = library.DataFrameSchema({"age": library.Column(None, library.Check.in_range(0, 120))})
    rule = of(validate(schema, table, ids=["id"], executor=executor))["in_range", "age"]
    assert (rule.failing, rule.checked, rule.ids) == (2, 4, (("b",), ("d",)))


def test_a_dataframe_model_is_a_schema():
    class Model(pa.DataFrameModel):
        age: int = pa.Field(ge=0)

    assert of(validate(Model, FRAME, ids=["id"]))["greater_than_or_equal_to", "age"].ids == (("d",),)


@pytest.mark.parametrize("executor", ["native", "fused"])
def test_a_function_of_the_users_is_judged_by_either_executor(executor):
    schema = pa.DataFrameSchema({"age": pa.Column(int, pa.Check(lambda ages: ages % 2 == 0, name="even"))})
    rule = of(validate(schema, ibis.memtable(FRAME), ids=["id"], executor=executor))["even", "age"]
    assert (rule.failing, rule.ids) == (1, (("a",),))


def test_above_the_limit_a_function_on_pandas_is_not_run_and_says_so(monkeypatch):
    monkeypatch.setattr(sys.modules["dq_pipeline.contracts.validate"], "NATIVE_ROWS", 3)
    schema = pa.DataFrameSchema(
        {"age": pa.Column(int, [pa.Check.ge(0), pa.Check(lambda ages: ages > 0, name="own")])}
    )
    result = validate(schema, ibis.memtable(FRAME), ids=["id"])
    assert of(result)["greater_than_or_equal_to", "age"].failing == 1
    own = of(result)["own", "age"]
    assert own.status == "not_run"
    assert own.sentence == (
        "own on column age was not judged: it cannot be said as a query, and 4 rows are too many to judge in memory."
    )
    assert not result.passed


def test_a_function_for_ibis_is_asked_where_the_table_lies(monkeypatch):
    monkeypatch.setattr(sys.modules["dq_pipeline.contracts.validate"], "NATIVE_ROWS", 0)
    schema = pi.DataFrameSchema(
        {
            "age": pi.Column(
                None,
                [
                    pi.Check(lambda data: data.table[data.key] > 0, name="column"),
                    pi.Check(lambda data: data.table.select(ok=data.table[data.key] < 100), name="table"),
                    pi.Check(lambda data: data.table[data.key].max() < 100, name="scalar"),
                    pi.Check(lambda data: data.nope, name="raises"),
                ],
            )
        }
    )
    found = of(validate(schema, ibis.memtable(FRAME), ids=["id"]))
    assert found["column", "age"].ids == (("d",),)
    assert found["table", "age"].ids == (("b",),)
    assert found["scalar", "age"].status == "not_run"
    assert found["raises", "age"].status == "not_run"


@pytest.mark.parametrize("executor", ["native", "fused"])
def test_a_check_that_raises_tells_its_class_and_no_value(executor):
    def explode(ages):
        raise ValueError(f"secret {ages.max()}")

    schema = pa.DataFrameSchema({"age": pa.Column(int, pa.Check(explode, name="own"))})
    result = validate(schema, FRAME, ids=["id"], executor=executor)
    assert of(result)["own", "age"].reason == "its check raised ValueError"
    assert "secret" not in json.dumps(result.to_dict())


@pytest.mark.parametrize("executor", ["native", "fused"])
def test_no_value_but_the_ids_leaves_the_table(executor, tmp_path):
    frame = FRAME.assign(name=["secret1", "secret2", "ok", None])
    schema = pa.DataFrameSchema(
        {"name": pa.Column(str, pa.Check.isin(["ok"]), unique=True), "age": pa.Column(str)},
        unique=["name", "age"],
    )
    result = validate(schema, frame, ids=["id"], executor=executor)
    result.write_failing_rows(tmp_path / "rows.csv")
    said = json.dumps(result.to_dict()) + (tmp_path / "rows.csv").read_text() + repr(result)
    assert of(result)["isin", "name"].failing == 2
    assert "secret" not in said
    assert "200" not in said


@pytest.mark.parametrize("executor", ["native", "fused"])
def test_a_column_that_is_coerced_or_parsed_is_judged_after_that(executor):
    frame = pd.DataFrame({"id": ["a", "b"], "age": ["1", "200"]})
    schema = pa.DataFrameSchema({"age": pa.Column(int, pa.Check.le(120), coerce=True)})
    assert of(validate(schema, frame, ids=["id"], executor=executor))["less_than_or_equal_to", "age"].ids == (
        ("b",),
    )
    parsed = pa.DataFrameSchema(
        {"age": pa.Column(str, pa.Check.isin(["1"]), parsers=pa.Parser(lambda s: s.str[:1]))}
    )
    assert of(validate(parsed, frame, ids=["id"], executor=executor))["isin", "age"].ids == (("b",),)


def test_a_value_that_cannot_be_coerced_fails_the_dtype_and_leaves_the_check_unjudged():
    frame = pd.DataFrame({"id": ["a"], "age": ["old"]})
    schema = pa.DataFrameSchema({"age": pa.Column(int, pa.Check.le(120), coerce=True)})
    found = of(validate(schema, frame, ids=["id"]))
    assert found["dtype", "age"].status == "failed"
    assert found["less_than_or_equal_to", "age"].status == "not_run"


def test_columns_named_by_a_pattern_are_each_judged():
    frame = FRAME.assign(age_2=[1, 2, 3, 400])
    schema = pa.DataFrameSchema({"^age": pa.Column(int, pa.Check.in_range(0, 120), regex=True)})
    found = of(validate(schema, frame, ids=["id"]))
    assert (found["in_range", "age"].failing, found["in_range", "age_2"].failing) == (2, 1)


def test_a_pattern_that_no_column_matches_is_a_missing_column():
    schema = pa.DataFrameSchema({"^size": pa.Column(int, regex=True)})
    assert of(validate(schema, FRAME, ids=["id"]))["column_in_dataframe", "^size"].status == "failed"


def test_an_id_column_that_is_missing_is_null_in_every_id():
    schema = pa.DataFrameSchema({"age": pa.Column(int, pa.Check.ge(0))})
    rule = of(validate(schema, FRAME, ids=["id", "gone"]))["greater_than_or_equal_to", "age"]
    assert rule.ids == (("d", None),)
    assert of(validate(schema, FRAME, ids=["gone"]))["greater_than_or_equal_to", "age"].ids == ()


def test_whole_numbers_past_two_to_the_53_stay_exact_beside_nulls():
    table = ibis.memtable(arrow_table({"id": ["a", "b"], "n": [9_007_199_254_740_993, None]}))
    schema = pa.DataFrameSchema({"n": pa.Column(None, pa.Check.isin([9_007_199_254_740_993]), nullable=True)})
    for executor in ("native", "fused"):
        assert validate(schema, table, ids=["id"], executor=executor).passed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"schema": {"age": int}}, "a Pandera DataFrameSchema"),
        ({"table": [1, 2]}, "an Ibis table, a pandas DataFrame"),
        ({"limit": -1}, "0 or more"),
        ({"executor": "fast"}, "auto, native or fused"),
        ({"table": pd.DataFrame([[1, 2]], columns=["a", "a"])}, "columns that are doubled"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_words(arguments, message):
    given = {"schema": pa.DataFrameSchema(), "table": FRAME, "ids": ["id"], **arguments}
    with pytest.raises(InputError, match=message):
        validate(given.pop("schema"), given.pop("table"), **given)


def test_an_environment_that_turns_pandera_off_does_not_turn_the_rules_off():
    from pandera.config import config_context

    schema = pa.DataFrameSchema({"age": pa.Column(int, pa.Check.ge(0))})
    with config_context(validation_enabled=False):
        assert not validate(schema, FRAME, ids=["id"], executor="native").passed


@pytest.mark.parametrize("executor", ["native", "fused"])
@pytest.mark.parametrize(
    "odd",
    [
        pd.period_range("2026-01", periods=3, freq="M"),
        pd.arrays.IntervalArray.from_breaks([0, 1, 2, 3]),
        pd.cut([1, 2, 3], 2),
        np.array([1, 2, 3], dtype="float16"),
        pd.arrays.SparseArray([0, 0, 1]),
        [b"a", b"\xff", b"c"],
    ],
    ids=["periods", "intervals", "categories of intervals", "halves", "sparse", "bytes"],
)
def test_columns_of_types_that_only_pandas_has_stand_beside_what_is_judged(odd, executor):
    schema = pa.DataFrameSchema({"label": pa.Column(str, pa.Check.isin(["cat"])), "odd": pa.Column()})
    frame = pd.DataFrame({"odd": odd, "label": ["cat", "owl", "cat"]})
    result = validate(schema, frame, ids=["odd"], executor=executor)
    (broken,) = result.failed
    assert (broken.rule, broken.failing, broken.checked) == ("isin", 1, 3)
    assert broken.ids[0][0]


def test_values_that_cannot_be_compared_leave_their_uniqueness_unjudged():
    schema = pa.DataFrameSchema({"image": pa.Column(unique=True)})
    result = validate(schema, pd.DataFrame({"image": [[1], [1], None]}), ids=[])
    assert {rule.rule: rule.status for rule in result.failed}["unique"] == "not_run"
    assert not result.passed
