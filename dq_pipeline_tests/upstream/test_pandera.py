"""What Pandera does and contracts/ leans on or works around; a failure here means that the workaround may go."""

from __future__ import annotations

import ibis
import pandas as pd
import pandera.ibis as pi
import pandera.pandas as pa
import pandera.polars as pp
import polars as pl
import pytest
from pandera.api.function_dispatch import Dispatcher
from pandera.errors import SchemaErrorReason, SchemaErrors, SchemaWarning

TEXTS = ["xdog", "cat"]


def errors(schema, table):
    with pytest.raises(SchemaErrors) as refused:
        schema.validate(table, lazy=True)
    return refused.value.schema_errors


def test_an_ibis_column_that_must_be_unique_passes_duplicates():
    table = ibis.memtable({"a": ["x", "x"]})
    assert pi.DataFrameSchema({"a": pi.Column(str, unique=True)}).validate(table, lazy=True) is not None


def test_an_alternation_matches_inside_the_text_on_ibis_and_polars_but_not_on_pandas():
    pi.DataFrameSchema({"a": pi.Column(str, pi.Check.str_matches("cat|dog"))}).validate(
        ibis.memtable({"a": TEXTS})
    )
    pp.DataFrameSchema({"a": pp.Column(pl.String, pp.Check.str_matches("cat|dog"))}).validate(
        pl.DataFrame({"a": TEXTS})
    )
    schema = pa.DataFrameSchema({"a": pa.Column(str, pa.Check.str_matches("cat|dog"))})
    assert len(errors(schema, pd.DataFrame({"a": TEXTS}))) == 1


def test_a_polars_lazyframe_full_of_bad_values_passes():
    schema = pp.DataFrameSchema({"a": pp.Column(pl.Int64, pp.Check.gt(5))})
    assert schema.validate(pl.LazyFrame({"a": [1]}), lazy=True) is not None


def test_two_nulls_are_duplicates_that_no_failure_case_shows():
    schema = pa.DataFrameSchema({"a": pa.Column(object, unique=True, nullable=True)})
    (error,) = errors(schema, pd.DataFrame({"a": [None, None]}))
    assert error.reason_code is SchemaErrorReason.SERIES_CONTAINS_DUPLICATES
    assert len(error.failure_cases) == 0


def test_of_several_unique_lists_only_the_first_that_fails_is_told():
    schema = pa.DataFrameSchema({"a": pa.Column(), "b": pa.Column()}, unique=[["a"], ["b"]])
    assert len(errors(schema, pd.DataFrame({"a": [1, 1], "b": [1, 1]}))) == 1


def test_a_check_that_warns_leaves_no_error_to_count():
    schema = pa.DataFrameSchema({"a": pa.Column(int, pa.Check.gt(5, raise_warning=True))})
    with pytest.warns(SchemaWarning):
        schema.validate(pd.DataFrame({"a": [1]}), lazy=True)


def test_a_check_answers_only_for_the_rows_that_are_not_null():
    schema = pa.DataFrameSchema({"a": pa.Column(float, pa.Check.gt(5), nullable=True)})
    (error,) = errors(schema, pd.DataFrame({"a": [1.0, None, 7.0]}))
    assert list(error.check_output) == [False, True]


def test_a_check_that_raises_is_an_error_with_the_class_first():
    schema = pa.DataFrameSchema({"a": pa.Column(object, pa.Check(lambda values: values.nope))})
    (error,) = errors(schema, pd.DataFrame({"a": ["x"]}))
    assert error.reason_code is SchemaErrorReason.CHECK_ERROR
    assert str(error.failure_cases).startswith("AttributeError(")


def test_a_built_in_check_keeps_its_registered_name_and_statistics_under_a_users_name():
    check = (
        pa.DataFrameSchema({"a": pa.Column(str, pa.Check.isin(["x"], name="mine"))}).columns["a"].checks[0]
    )
    assert isinstance(check._check_fn, Dispatcher)  # noqa: SLF001 - what contracts/rules.py reads
    assert check._check_fn.__name__ == "isin"  # noqa: SLF001
    assert check.statistics == {"allowed_values": ["x"]}


def test_an_environment_can_turn_validation_off():
    from pandera.config import config_context

    schema = pa.DataFrameSchema({"a": pa.Column(int, pa.Check.gt(5))})
    with config_context(validation_enabled=False):
        schema.validate(pd.DataFrame({"a": [1]}), lazy=True)
        with config_context(validation_enabled=True):
            assert len(errors(schema, pd.DataFrame({"a": [1]}))) == 1
