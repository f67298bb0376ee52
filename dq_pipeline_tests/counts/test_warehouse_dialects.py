"""Our counts as SQL of warehouses that we do not connect to, docs/tables.md says it to users.

DuckDB counts by query, as an engine does whose votes are not read into this process. What it is asked on the way is compiled
for each warehouse, read again by sqlglot in that dialect, and held to functions that the warehouse has; then sqlglot carries
it back to DuckDB, where it gives the same rows.
"""

from __future__ import annotations

import functools
import itertools

import ibis.expr.operations as ops
import pytest
import sqlglot
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from ibis.common.exceptions import OperationNotDefinedError
from sqlglot import exp

from dq_pipeline.counts import Patterns, coding, collect
from dq_pipeline.tables import Tables
from dq_pipeline.tables.bigquery_dialect import BigQueryCompiler
from dq_pipeline.tables.snowflake_dialect import SnowflakeCompiler
from dq_pipeline_tests import awkward_tables
from dq_pipeline_tests.counts import annotated
from dq_pipeline_tests.counts.every_request import ITEMS_ALONE, OF_ITEMS, OF_MANY, REQUESTS
from dq_pipeline_tests.counts.oracles import MANY
from dq_pipeline_tests.counts.test_moments import LEVELS, rated

WAREHOUSES = {"bigquery": BigQueryCompiler(), "snowflake": SnowflakeCompiler()}
QUANTILE = "Compilation rule for 'Quantile' operation is not defined"
LACKING = {
    "bigquery": {"Seconds": {QUANTILE}, "SpeedOnGold": {QUANTILE}, "opening": {QUANTILE}},
    "snowflake": {},
}
"""What a warehouse lacks, by the kind of count; opening cuts a condition into bins by quantiles."""
SYNTAX = "AND AS BY CAST EXCEPT EXCLUDE EXISTS FROM GROUP IN JOIN NOT ON OR OVER SELECT SETS WHERE"
"""Words that a parenthesis may follow, beside functions."""
EVERYWHERE = "ABS COALESCE CONCAT COUNT FLOOR GREATEST GROUPING LENGTH LOWER MAX MD5 MIN MIN_BY NTILE NULLIF SUBSTRING SUM TRIM"
FUNCTIONS = {
    "bigquery": "EXTRACT FARM_FINGERPRINT IEEE_DIVIDE IF INSTR IS_NAN MOD REGEXP_CONTAINS SAFE_CAST STRUCT TIMESTAMP "
    "TO_HEX TO_JSON_STRING UNIX_SECONDS",
    "snowflake": "BITOR CONTAINS DATE_PART GET HASH IFF OBJECT_CONSTRUCT_KEEP_NULL PERCENTILE_CONT REGEXP_LIKE TRY_CAST",
}
"""What is called, all of it in the warehouse's reference of functions."""
DUCKDB_LACKS = "CREATE MACRO ieee_divide(a, b) AS a::DOUBLE / b; SET TimeZone = 'UTC'"
"""What sqlglot leaves of BigQuery's, and the zone in which a warehouse reads a time that names none."""


class Asked:
    """What DuckDB is asked, in a warehouse's SQL.

    Attributes:
        lacking: What it lacks, by the kind of count.
        written: The SQL.
        alike: How much of it gives the same rows when it is carried back.
        unlike: What of it gives others.
    """

    def __init__(self, dialect):
        self.dialect, self.compiler = dialect, WAREHOUSES[dialect]
        self.lacking, self.written, self.alike, self.unlike = {}, [], 0, []

    def hear(self, kind, expression, connection, rows):
        there = _of_warehouse(expression, connection, self.dialect)
        try:
            written = self.compiler.to_sqlglot(there).sql(self.dialect)
        except OperationNotDefinedError as error:
            self.lacking.setdefault(kind, set()).add(str(error))
            return
        self.written.append(written)
        if there.op().find(ops.Hash):
            return  # No result rests on the value of a hash.
        back = sqlglot.transpile(written, read=self.dialect, write="duckdb")[0]
        # What Snowflake takes of an object is cast to a text without quotes, what DuckDB takes of JSON is not.
        back = back.replace("-> '$.", "->> '$.")
        theirs = connection.con.execute(back).to_arrow_table()
        theirs = theirs.rename_columns(rows.column_names).cast(rows.schema)
        if _sorted(theirs) == _sorted(rows):
            self.alike += 1
        else:
            self.unlike.append((kind, written, back, rows.to_pylist()[:5], theirs.to_pylist()[:5]))


def _of_warehouse(expression, connection, dialect):
    """The expression over tables of the warehouse's, where ours are files and SQL of DuckDB's."""
    root = expression.op()
    files = {}
    for file in root.find(ops.SQLQueryResult):
        name = f"file_{abs(hash(file.query))}"
        connection.raw_sql(f"CREATE TEMP TABLE IF NOT EXISTS {name} AS {file.query}")
        files[file] = ops.UnboundTable(name, file.schema)
    root = root.replace(files)
    views = {
        view: view.copy(query=sqlglot.transpile(view.query, read="duckdb", write=dialect)[0])
        for view in root.find(ops.SQLStringView)
    }
    return root.replace(views).to_expr().unbind()


def _sorted(rows):
    return sorted(
        repr([round(value, 9) if isinstance(value, float) else value for value in row.values()])
        for row in rows.to_pylist()
    )


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """What DuckDB is asked while each kind of count is counted by query, in the SQL of each warehouse."""
    folder = tmp_path_factory.mktemp("warehouse")
    awkward_tables.write(folder, seed=1, items=20)
    found = {dialect: Asked(dialect) for dialect in WAREHOUSES}
    hears = []
    compiled = DuckDBCompiler.to_sqlglot

    @functools.wraps(compiled)
    def heard(compiler, expression, **options):
        if hears:
            kind, connection = hears.pop()
            table = expression.as_table()
            rows = connection.to_pyarrow(table)
            for one in found.values():
                one.hear(kind, table, connection, rows)
            hears.append((kind, connection))
        return compiled(compiler, expression, **options)

    def count(tables, request):
        tables.by_query = True
        tables.connection.con.execute(DUCKDB_LACKS)
        hears.append((type(request).__name__, tables.connection))
        collect(tables, [request])
        hears.pop()
        assert "ballots" not in vars(tables)

    def opened(connection):
        connection.con.execute(DUCKDB_LACKS)
        hears.append(("opening", connection))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DuckDBCompiler, "to_sqlglot", heard)
        with Tables(awkward_tables.spec_of(folder)[0], on_connect=opened):
            hears.pop()
        for requests, keys in ((REQUESTS, {}), (OF_ITEMS, ITEMS_ALONE)):
            for request in requests:
                with Tables(awkward_tables.spec_of(folder, **keys)[0]) as tables:
                    count(tables, request)
        rows, scale = rated(300)
        for level in LEVELS:
            with annotated.opened(rows, labels={"level": level, "values": scale}) as tables:
                count(tables, Patterns(scale, level))
        patch.setattr(coding, "VALUES", MANY)
        for request in OF_MANY:
            with Tables(awkward_tables.spec_of(folder)[0]) as tables:
                count(tables, request)
    return found


@pytest.mark.parametrize("dialect", sorted(WAREHOUSES))
def test_every_count_compiles_but_for_what_is_said_to_lack(asked, dialect):
    assert asked[dialect].lacking == LACKING[dialect]


@pytest.mark.parametrize("dialect", sorted(WAREHOUSES))
def test_the_sql_calls_functions_that_the_warehouse_has(asked, dialect):
    called = set()
    for written in asked[dialect].written:
        tokens = sqlglot.tokenize(written, read=dialect)
        called |= {
            name.text.upper()
            for name, after in itertools.pairwise(tokens)
            if after.text == "(" and name.text.isidentifier()
        }
    assert called - {*SYNTAX.split()} == {*EVERYWHERE.split(), *FUNCTIONS[dialect].split()}


@pytest.mark.parametrize("dialect", sorted(WAREHOUSES))
def test_the_sql_names_tables_and_columns_as_they_are_written(asked, dialect):
    """A name without quotes is another in Snowflake, in capitals."""
    for written in asked[dialect].written:
        tree = sqlglot.parse_one(written, read=dialect)
        bare = {name.sql() for name in tree.find_all(exp.Identifier) if not name.args["quoted"]}
        assert bare == set()


@pytest.mark.parametrize("dialect", sorted(WAREHOUSES))
def test_the_sql_read_as_the_warehouse_would_gives_the_rows_that_duckdb_gives(asked, dialect):
    assert asked[dialect].unlike == []
    assert asked[dialect].alike > 100
