"""Both executors give every rule the same verdict, count and ids, over random tables."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pandera.polars as pp
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.contracts import ContractResult, validate

TEXTS = st.sampled_from(
    ["", "a", "A", "cat", "xdog", "dog\n", "dog", "é", "٣", "3", "a-b", "nan", "a\nb", "😀", " ", "_9"]
)
FLOATS = st.sampled_from([0.0, -1.5, 2.0, float("nan"), float("inf"), float("-inf"), 1e300, None])
WHOLE = st.integers(-3, 3)
PATTERNS = [
    "cat|dog",
    "^dog$",
    r"\d",
    r"\w+$",
    "[^a]",
    ".+",
    r"a.b",
    r"[\w-]+$",
    r"\S",
    "(?:a|é)$",
    r"(?=a)a",
    r"\bdog",
]


@st.composite
def frames(draw):
    rows = draw(st.integers(0, 12))

    def column(values):
        return draw(st.lists(values, min_size=rows, max_size=rows))

    return pd.DataFrame(
        {
            "id": pd.Series([f"r{n:02}" for n in range(rows)], dtype=object),
            "text": pd.Series(column(st.none() | TEXTS), dtype=object),
            "number": pd.Series(column(FLOATS), dtype="float64"),
            "whole": pd.Series(column(WHOLE), dtype="int64"),
            "flag": pd.Series(column(st.booleans()), dtype="bool"),
            "when": pd.Series(
                column(st.none() | st.sampled_from(["2024-01-01", "2025-06-01"])), dtype="datetime64[ns]"
            ),
        }
    )


@st.composite
def checks(draw):
    """Checks for each column, some only warning, some reporting few cases."""
    check, warn = pa.Check, draw(st.booleans())
    options = {"raise_warning": warn, "n_failure_cases": draw(st.sampled_from([None, 1]))}
    text = [
        check.str_matches(draw(st.sampled_from(PATTERNS)), **options),
        check.str_contains(draw(st.sampled_from(PATTERNS)), **options),
        check.isin(draw(st.lists(TEXTS, max_size=4)), **options),
        check.notin(draw(st.lists(TEXTS, max_size=4)), **options),
        check.str_length(draw(st.integers(0, 1)), draw(st.integers(1, 3)), **options),
        check.str_startswith(draw(TEXTS), **options),
        check.str_endswith(draw(TEXTS), **options),
        check.ne(draw(TEXTS), **options),
        check(lambda values: values.str.len() < 3, name="short", **options),
    ]
    bound = draw(st.sampled_from([-1.5, 0, 2, 0.5]))
    number = [
        check.ge(bound),
        check.gt(bound),
        check.le(bound),
        check.lt(bound),
        check.eq(bound),
        check.ne(bound),
    ]
    number.append(
        check.in_range(-1, 2, include_min=draw(st.booleans()), include_max=draw(st.booleans()), **options)
    )
    number.append(check.isin([0, 2.0, -1.5], **options))
    when = [check.ge(pd.Timestamp("2025-01-01"), **options), check.isin([pd.Timestamp("2024-01-01")])]

    def some(of):
        return draw(st.lists(st.sampled_from(of), max_size=4))

    return {
        "text": some(text),
        "number": some(number),
        "whole": some(number),
        "flag": [check.eq(True)],
        "when": some(when),
    }


@st.composite
def schemas(draw):
    dtypes = {"text": str, "number": float, "whole": int, "flag": bool, "when": "datetime64[ns]"}
    if draw(st.booleans()):
        dtypes[draw(st.sampled_from(list(dtypes)))] = draw(st.sampled_from([int, float, str]))
    columns = {
        name: pa.Column(
            draw(st.sampled_from([dtypes[name], dtypes[name], None])),
            found,
            nullable=draw(st.booleans()),
            unique=draw(st.booleans()),
        )
        for name, found in draw(checks()).items()
    }
    if draw(st.booleans()):
        columns["absent"] = pa.Column(str, pa.Check.isin(["a"]), required=draw(st.booleans()))
    unique = draw(
        st.sampled_from([None, ["text", "number"], [["text", "whole"], ["number", "flag"]], ["id"]])
    )
    return pa.DataFrameSchema(columns, unique=unique, strict=draw(st.booleans()), ordered=draw(st.booleans()))


def told(result: ContractResult):
    return [
        (rule.rule, rule.column, rule.status, rule.severity, rule.failing, rule.checked, rule.ids)
        for rule in result.rules
    ]


@settings(max_examples=60, deadline=None)
@given(frame=frames(), schema=schemas())
def test_pandera_in_memory_and_the_fused_query_agree(frame, schema):
    native = validate(schema, frame, ids=["id"], limit=5, executor="native")
    fused = validate(schema, frame, ids=["id"], limit=5, executor="fused")
    assert (native.executor, fused.executor) == ("native", "fused")
    assert told(native) == told(fused)
    assert native.rows == fused.rows == len(frame)


@settings(max_examples=20, deadline=None)
@given(frame=frames(), bound=st.sampled_from([-1.5, 0, 2]), nullable=st.booleans())
def test_a_polars_schema_is_judged_alike_by_both_executors(frame, bound, nullable):
    table = pl.DataFrame(
        frame.replace({np.nan: None}).to_dict("list"),
        schema_overrides={"number": pl.Float64, "text": pl.String},
    )
    table = table.with_columns(pl.Series("number", frame["number"].to_numpy(), nan_to_null=False))
    schema = pp.DataFrameSchema(
        {
            "text": pp.Column(
                pl.String, [pp.Check.str_matches("cat|dog"), pp.Check.isin(["a", "cat"])], nullable=nullable
            ),
            "number": pp.Column(
                pl.Float64, [pp.Check.ge(bound), pp.Check.le(2)], nullable=nullable, unique=True
            ),
        },
        unique=["text", "number"],
    )
    assert told(validate(schema, table, ids=["id"], executor="native")) == told(
        validate(schema, table, ids=["id"], executor="fused")
    )


@settings(max_examples=10, deadline=None)
@given(frame=frames(), schema=schemas())
def test_every_failing_row_reaches_the_csv(frame, schema, tmp_path_factory):
    path = tmp_path_factory.mktemp("failing") / "rows.csv"
    result = validate(schema, frame, ids=["id"], limit=2)
    written = result.write_failing_rows(path)
    rows = pd.read_csv(path, dtype=str)
    assert written == len(rows) == sum(rule.failing or 0 for rule in result.failed)
    assert list(rows.columns) == ["id", "rule", "column"]
    assert [p.name for p in path.parent.iterdir()] == ["rows.csv"]


@pytest.mark.parametrize("pattern", ["cat|dog", "^(?:cat|dog)$"])
def test_an_alternation_is_held_together_at_the_start(pattern):
    table = ibis.memtable({"id": ["1", "2", "3"], "text": ["cat", "xdog", "dog"]})
    schema = pa.DataFrameSchema({"text": pa.Column(str, pa.Check.str_matches(pattern))})
    rule = validate(schema, table, ids=["id"]).rules[-1]
    assert (rule.failing, rule.ids) == (1, (("2",),))
