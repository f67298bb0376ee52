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
from dq_pipeline.tables import open as opening
from dq_pipeline_tests import awkward_tables
from dq_pipeline_tests.counts.every_request import ITEMS_ALONE, OF_ITEMS, OF_MANY, REQUESTS
from dq_pipeline_tests.counts.oracles import MANY

THERE = {"bigquery": {"arg_min", "arg_max", "bit_count"}, "snowflake": {"arg_min", "arg_max", "md5"}}
"""Of DuckDB's own functions that we call by name those that a warehouse has, under that or sqlglot's name for it.

BigQuery's MD5 gives bytes, Snowflake's HASH a signed number: not what the expression promises."""
KNOWN = {"bigquery": {"ieee_divide"}, "snowflake": {"arrays_to_object", "hash"}}
"""What Ibis writes and sqlglot has no name for: theirs, or a function that Ibis itself registers in Snowflake."""
VOTES_READ = "the votes, read into this process"
QUANTILE = "Compilation rule for 'Quantile' operation is not defined"
OF_VOTES = [
    "Comparisons",
    "Contingency",
    "Duplicates",
    "GoldConfusion",
    "GoldVotes",
    "Gram",
    "GroupedItems",
    "GroupedPatterns",
    "LabelLeaks",
    "Patterns",
    "Profiles",
    "Repeats",
    "SlicedPatterns",
    "SpeedOnGold",
]
"""Counts that go over votes which DuckDB sorts by a hash and this process reads; Spark is asked otherwise."""
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
ELSEWHERE = {
    **{kind: {"hash", VOTES_READ} for kind in OF_VOTES},
    "Contingency": {"hash", VOTES_READ, "map_extract_value"},
    "SlicedPatterns": {"hash", VOTES_READ, "list_extract", "list_position"},
}
"""What no warehouse has."""
LACKING = {
    "bigquery": {
        **ELSEWHERE,
        **{kind: ELSEWHERE.get(kind, set()) | {"md5"} for kind in OF_A_DIGEST},
        "Seconds": {QUANTILE},
        "SpeedOnGold": ELSEWHERE["SpeedOnGold"] | {QUANTILE},
    },
    "snowflake": ELSEWHERE,
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

        read = opening.read_ballots

        @functools.wraps(read)
        def read_here(*given, **how):
            seen.append(VOTES_READ)
            return read(*given, **how)

        patch.setattr(DuckDBCompiler, "to_sqlglot", heard)
        patch.setattr(opening, "read_ballots", read_here)

        def count(requests, **keys):
            for request in requests:
                with Tables(awkward_tables.spec_of(folder, **keys)[0]) as tables:
                    seen.clear()
                    collect(tables, [request])
                    found.setdefault(type(request).__name__, []).extend(seen)

        count(REQUESTS)
        count(OF_ITEMS, **ITEMS_ALONE)
        patch.setattr(coding, "VALUES", MANY)
        count(OF_MANY)
    return found


def lacking(expression, dialect):
    """What an expression needs that a warehouse lacks; its SQL is otherwise the dialect's."""
    if expression is VOTES_READ:
        return {VOTES_READ}
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
