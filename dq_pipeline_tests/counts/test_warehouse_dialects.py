"""Our counts as SQL of warehouses that we do not connect to: what compiles, and what would be lacking there.

docs/tables.md says it to users. READ_PARQUET is the table itself, which a warehouse would name otherwise.
"""

from __future__ import annotations

import functools

import ibis
import pytest
import sqlglot
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from ibis.common.exceptions import OperationNotDefinedError
from ibis.expr.operations.udf import AggUDF, ScalarUDF
from sqlglot import exp

from dq_pipeline.counts import coding, collect
from dq_pipeline.tables import Tables
from dq_pipeline_tests import awkward_tables
from dq_pipeline_tests.counts.every_request import ITEMS_ALONE, OF_ITEMS, OF_MANY, REQUESTS
from dq_pipeline_tests.counts.oracles import MANY

THERE = {"bigquery": {"arg_min", "arg_max", "bit_count"}, "snowflake": {"arg_min", "arg_max", "md5"}}
"""Of DuckDB's own functions that we call by name those that a warehouse has, under that or sqlglot's name for it.

BigQuery's MD5 gives bytes, Snowflake's HASH a signed number: not what the expression promises."""
KNOWN = {"bigquery": {"ieee_divide"}, "snowflake": {"arrays_to_object", "hash"}}
"""What Ibis writes and sqlglot has no name for: theirs, or a function that Ibis itself registers in Snowflake."""
QUANTILE = "Compilation rule for 'Quantile' operation is not defined"
ELSEWHERE = {
    "Comparisons": {"hash"},
    "Contingency": {"map_extract_value"},
    "GroupedItems": {"list_extract", "list_position"},
    "Patterns": {"hash", "list_extract", "list_position"},
    "SlicedPatterns": {"list_extract", "list_position"},
}
"""What no warehouse has."""
OF_A_DIGEST = [
    "ContentSample",
    "Contingency",
    "DomainFeatureSample",
    "DomainSample",
    "Duplicates",
    "EdgeCaseCounts",
    "FeatureSample",
    "GroupedItems",
    "LabelLeaks",
    "Newest",
    "Representation",
    "SlicedPatterns",
    "SplitGroups",
]
"""Counts that read items split by a digest, or a sample of them by one."""
LACKING = {
    "bigquery": {
        **{kind: ELSEWHERE.get(kind, set()) | {"md5"} for kind in OF_A_DIGEST},
        **{kind: lack for kind, lack in ELSEWHERE.items() if kind not in OF_A_DIGEST},
        "Seconds": {QUANTILE},
        "SpeedOnGold": {QUANTILE},
    },
    "snowflake": {
        **ELSEWHERE,
        **{kind: ELSEWHERE[kind] | {"bit_count"} for kind in ("Comparisons", "Patterns")},
    },
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """What DuckDB is asked while each kind of count is counted, by the kind."""
    folder = tmp_path_factory.mktemp("warehouse")
    awkward_tables.write(folder, seed=1, items=20)
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        seen = []
        compiled = DuckDBCompiler.to_sqlglot

        @functools.wraps(compiled)
        def heard(compiler, expression, **options):
            seen.append(expression.as_table())
            return compiled(compiler, expression, **options)

        patch.setattr(DuckDBCompiler, "to_sqlglot", heard)

        def count(tables, requests):
            for request in requests:
                seen.clear()
                collect(tables, [request])
                found.setdefault(type(request).__name__, []).extend(seen)

        with Tables(awkward_tables.spec_of(folder)[0]) as tables:
            count(tables, REQUESTS)
            patch.setattr(coding, "VALUES", MANY)
            count(tables, OF_MANY)
        with Tables(awkward_tables.spec_of(folder, **ITEMS_ALONE)[0]) as tables:
            count(tables, OF_ITEMS)
    return found


def lacking(expression, dialect):
    """What an expression needs that a warehouse lacks; its SQL is otherwise the dialect's."""
    own = {node.__func_name__ for node in expression.op().find((ScalarUDF, AggUDF))}
    try:
        written = str(ibis.to_sql(expression, dialect=dialect))
    except OperationNotDefinedError as error:
        return {str(error), *(own - THERE[dialect])}
    tree = sqlglot.parse_one(written, read=dialect)
    assert tree.sql(dialect=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)
    unnamed = {node.name.lower() for node in tree.find_all(exp.Anonymous, exp.AnonymousAggFunc)}
    assert unnamed <= own | KNOWN[dialect]
    return own - THERE[dialect]


@pytest.mark.parametrize("dialect", sorted(LACKING))
def test_every_count_is_sql_of_a_warehouse_but_for_what_is_said_to_lack(asked, dialect):
    found = {kind: set().union(*(lacking(one, dialect) for one in asked[kind])) for kind in asked}
    assert {kind: lack for kind, lack in found.items() if lack} == LACKING[dialect]
