"""Ibis' Spark backend, held to what the same expressions say on DuckDB.

Ibis compiles an expression to each engine's own functions, and engines differ: Spark splits by regular expressions, takes
"2024" for a time and "1d" for a number, writes 1.0E-5 where others write 1e-05, and counts NaN as missing. What differs is
said here once, so that no count need know its engine.
"""

from __future__ import annotations

import re
import string
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot.expressions as sge
from ibis.backends.pyspark import Backend
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from pyspark.errors import PySparkException

from dq_pipeline.tables.dialect import Dialect
from dq_pipeline.tables.spark_errors import java_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

_NUMBER = r"^\\s*([+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(inf|infinity)|[+-]?nan)\\s*$"
_DATE = r"[0-9]{4,6}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_CLOCK = r"[T ][0-9]{1,2}:[0-9]{1,2}(?::[0-9]{1,2}(?:[.][0-9]*)?)?"
_ZONE = r"(?:Z| ?UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?"
_TIME = rf"^\\s*(?:{_DATE}|{_DATE}{_CLOCK}{_ZONE})$"
_LOCAL = rf"^\\s*({_DATE}(?:{_CLOCK})?)"
"""What is read of a time in a text: DuckDB passes over its zone."""
BATCH = 1 << 16
"""Rows of a batch that is streamed."""


class SparkCompiler(Dialect, PySparkCompiler):  # type: ignore[misc] # Ibis has no types
    """Ibis' compiler, where it says another thing than that for DuckDB."""

    __slots__ = ()

    def visit_Hash(self, op: Any, *, arg: Any) -> Any:
        return self.f.xxhash64(arg)

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
        return arg.is_(sge.Null())

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
        return arg.is_(sge.Not(this=sge.Null()))

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        if op.arg.dtype.is_floating() and to.is_string():
            return _parsed(_shown(arg.sql(self.dialect), single=op.arg.dtype.is_float32()), self.dialect)
        if op.arg.dtype.is_string() and to.is_timestamp():
            return self.visit_TryCast(op, arg=arg, to=to)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_TryCast(self, op: Any, *, arg: Any, to: Any) -> Any:
        tried = super().visit_TryCast(op, arg=arg, to=to)
        if not op.arg.dtype.is_string() or not (to.is_floating() or to.is_timestamp()):
            return tried
        words = arg.sql(self.dialect)
        if to.is_timestamp():
            read = f"REPLACE(REGEXP_EXTRACT({words}, '{_LOCAL}', 1), '/', '-')"
            said = f"CASE WHEN {words} RLIKE '{_TIME}' THEN TRY_CAST({read} AS timestamp) END"
        else:
            said = f"CASE WHEN {words} RLIKE '(?i){_NUMBER}' THEN TRY_CAST(TRIM({words}) AS double) END"
        return _parsed(said, self.dialect)

    def visit_StringSplit(self, op: Any, *, arg: Any, delimiter: Any) -> Any:
        return self.f.split(arg, self.f.concat(sge.convert(r"\Q"), delimiter, sge.convert(r"\E")), -1)

    def visit_Strip(self, op: Any, *, arg: Any) -> Any:
        return sge.Trim(this=arg, expression=sge.convert(string.whitespace), position="BOTH")

    def visit_StringSQLLike(self, op: Any, *, arg: Any, pattern: Any, escape: Any) -> Any:
        return sge.Like(this=arg, expression=_unescaped(pattern))

    def visit_StringSQLILike(self, op: Any, *, arg: Any, pattern: Any, escape: Any) -> Any:
        return sge.ILike(this=arg, expression=_unescaped(pattern))

    def visit_RegexSearch(self, op: Any, *, arg: Any, pattern: Any) -> Any:
        return self.f.anon.regexp_like(arg, _of_java(pattern))

    def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
        return self.f.regexp_replace(arg, _of_java(pattern), replacement)

    def visit_GroupConcat(self, op: Any, *, arg: Any, sep: Any, where: Any, order_by: Sequence[Any]) -> Any:
        if not order_by:
            return super().visit_GroupConcat(op, arg=arg, sep=sep, where=where, order_by=order_by)
        # (Ours are ordered by themselves.)
        given = arg if where is None else self.if_(where, arg, sge.Null())
        return self.f.array_join(self.f.array_sort(self.f.collect_list(given)), sep)


def _unescaped(pattern: Any) -> Any:
    """A pattern in which a backslash stands for itself, as it does to DuckDB."""
    return sge.convert(pattern.this.replace("\\", "\\\\")) if isinstance(pattern, sge.Literal) else pattern


def _of_java(pattern: Any) -> Any:
    r"""A pattern for Java that means what it does to RE2, whose `$` is the end of the text and whose `\s` has no `\v`."""
    if not isinstance(pattern, sge.Literal):
        return pattern
    means = {"$": r"\z", r"\s": r"[\t\n\f\r ]", "(?i)": "(?iu)"}
    said = re.sub(
        r"^\(\?i\)|\\.|\[(?:\\.|[^\]\\])*\]|\$", lambda one: means.get(one[0], one[0]), pattern.this
    )
    return sge.convert(said)


def _parsed(sql: str, dialect: Any) -> Any:
    import sqlglot as sg

    return sge.paren(sg.parse_one(sql, read=dialect))


def _shown(value: str, *, single: bool) -> str:
    """SQL of a floating number's shortest text, as Python's repr and DuckDB write it: 0.1, 1e-05, 1e+16, inf.

    Java 17 writes some numbers in more digits than tell them apart, so the fewest of 15, 16 or 17 are tried.
    """
    kind, tries = ("float", (5, 6, 7, 8)) if single else ("double", (14, 15, 16))
    wide = f"CAST({value} AS DOUBLE)"
    tried = " ".join(
        f"WHEN CAST(FORMAT_STRING('%.{more}e', {wide}) AS {kind}) = {value} THEN FORMAT_STRING('%.{more}e', {wide})"
        for more in tries
    )
    sign = f"CASE WHEN {value} < 0 THEN '-' ELSE '' END"
    written = f"REPLACE(CASE {tried} ELSE FORMAT_STRING('%.17e', {wide}) END, '-', '~')"
    # Digits without sign, point and trailing zeros, and the power of ten of the first of them.
    digits = f"RTRIM('0', REPLACE(REPLACE(SUBSTRING_INDEX({written}, 'e', 1), '.', ''), '~', ''))"
    digits = f"(CASE WHEN {digits} = '' THEN '0' ELSE {digits} END)"
    power = f"CAST(REPLACE(SUBSTRING_INDEX({written}, 'e', -1), '~', '-') AS INT)"
    return (
        f"CASE WHEN {value} IS NULL THEN CAST(NULL AS STRING) WHEN ISNAN({value}) THEN 'nan' "
        f"WHEN {value} = CAST('inf' AS {kind}) THEN 'inf' WHEN {value} = CAST('-inf' AS {kind}) THEN '-inf' "
        f"WHEN {value} = 0 THEN CASE WHEN CAST({value} AS STRING) = '-0.0' THEN '-0.0' ELSE '0.0' END "
        f"WHEN {power} >= 16 OR {power} < -4 THEN CONCAT({sign}, LEFT({digits}, 1), "
        f"CASE WHEN LENGTH({digits}) > 1 THEN CONCAT('.', SUBSTRING({digits}, 2)) ELSE '' END, "
        f"CASE WHEN {power} < 0 THEN 'e-' ELSE 'e+' END, LPAD(CAST(ABS({power}) AS STRING), "
        f"GREATEST(2, LENGTH(CAST(ABS({power}) AS STRING))), '0')) "
        f"WHEN {power} < 0 THEN CONCAT({sign}, '0.', REPEAT('0', -{power} - 1), {digits}) "
        f"WHEN LENGTH({digits}) <= {power} + 1 THEN CONCAT({sign}, RPAD({digits}, {power} + 1, '0'), '.0') "
        f"ELSE CONCAT({sign}, LEFT({digits}, {power} + 1), '.', SUBSTRING({digits}, {power} + 2)) END"
    )


class SparkBackend(Backend):  # type: ignore[misc] # Ibis has no types
    """Ibis' backend over one session of ours, with tables of its own that are gone when it is closed.

    Attributes:
        done: Called when it is closed, to let go of the session.
    """

    compiler = SparkCompiler()
    done: Callable[[], None] | None = None

    def do_connect(self, session: Any, **settings: Any) -> None:
        self._held: set[str] = set()
        self._frames: list[Any] = []
        self._views: set[str] = set()
        self.register_options()
        super().do_connect(session, **settings)

    @property
    def session(self) -> Any:
        """The Spark session."""
        return self._session

    def disconnect(self) -> None:
        """Let go of what it holds, and of the session where it is ours."""
        with suppress(PySparkException, java_errors(), OSError):  # a Spark that is gone holds nothing
            for name in list(self._held):
                self.drop_table(name)
            for name in self._views:
                self._session.catalog.dropTempView(name)
            for frame in self._frames:
                frame.unpersist()
        if self.done is not None:
            self.done()

    def hold(self, name: str, frame: Any, *, persist: bool = True) -> Any:
        """A Spark frame as a table that stays on the executors until it is dropped or the backend closed."""
        if name in self._held:
            self.drop_table(name)
        self._held.add(name)
        (frame.persist() if persist else frame).createOrReplaceTempView(name)
        return self.table(name)

    def given(self, rows: Any) -> Any:
        """A frame of an Arrow table's rows; Spark Connect cannot tell the columns of one without any."""
        from pyspark.sql.pandas.types import from_arrow_schema

        return self._session.createDataFrame(rows if len(rows) else [], from_arrow_schema(rows.schema))

    def persisted(self, frame: Any) -> None:
        """Have a frame stay on the executors until the backend is closed."""
        self._frames.append(frame.persist())

    def frame(self, expression: Any) -> Any:
        """The Spark frame of an expression."""
        self._run_pre_execute_hooks(expression)
        return self._session.sql(self.compile(expression))

    def create_table(self, name: str, /, obj: Any = None, *, temp: bool | None = None, **how: Any) -> Any:
        """A table of the session; a temporary one is held on the executors."""
        if not temp:
            return super().create_table(name, obj, temp=temp, **how)
        return self.hold(name, self.frame(obj))

    def _create_cached_table(self, name: str, expr: Any) -> Any:
        return self.hold(name, self.frame(expr))

    def _drop_cached_table(self, name: str) -> None:
        self.drop_table(name)

    def drop_table(self, name: str, /, **how: Any) -> None:
        """Let go of a held table, or drop another."""
        if name not in self._held:
            super().drop_table(name, **how)
            return
        self._held.remove(name)
        # Spark lets go of what a view persisted; a Connect frame would be analysed anew, after what it reads is dropped.
        self._session.catalog.dropTempView(name)

    def read_parquet(self, path: Any, /, **how: Any) -> Any:
        """A file of this machine's, which every executor must see at the same path."""
        local = Path(str(path))
        return super().read_parquet(local.as_uri() if local.is_absolute() else str(path), **how)

    def to_pyarrow(self, expr: Any, /, *, params: Mapping[Any, Any] | None = None, **how: Any) -> Any:
        """The result as Arrow, whole numbers whole where some are missing."""
        table = expr.as_table()
        self._run_pre_execute_hooks(table)
        found = self._session.sql(self.compile(table, params=params, **how)).toArrow()
        return expr.__pyarrow_result__(_typed(found, table.schema()))

    def to_pyarrow_batches(
        self, expr: Any, /, *, params: Mapping[Any, Any] | None = None, chunk_size: int = BATCH, **how: Any
    ) -> Any:
        """The result a partition at a time: the driver holds one of them."""
        import pyarrow as pa

        table = expr.as_table()
        self._run_pre_execute_hooks(table)
        frame = _without_zones(self._session.sql(self.compile(table, params=params, **how)))
        schema = table.schema().to_pyarrow()
        told = pa.schema([(str(place), _as_number(field.type)) for place, field in enumerate(schema)])

        def timed(column: Any, kind: Any) -> Any:
            return (column.cast(pa.timestamp("us")) if pa.types.is_timestamp(kind) else column).cast(kind)

        def batch(rows: list[dict[str, Any]]) -> Any:
            columns = pa.RecordBatch.from_pylist(rows, told).columns
            return pa.record_batch(
                [timed(column, field.type) for column, field in zip(columns, schema, strict=True)],
                schema=schema,
            )

        def batches() -> Any:
            rows: list[dict[str, Any]] = []
            for row in frame.toLocalIterator(prefetchPartitions=False):
                rows.append(row.asDict(recursive=True))
                if len(rows) == chunk_size:
                    yield batch(rows)
                    rows = []
            if rows:
                yield batch(rows)

        return pa.ipc.RecordBatchReader.from_batches(schema, batches())

    def _register_udfs(self, expr: Any) -> None:
        """Functions of the engine's own need no registering, whatever types Spark lacks."""
        from ibis.expr.operations.udf import InputType, ScalarUDF

        if any(udf.__input_type__ != InputType.BUILTIN for udf in expr.op().find(ScalarUDF)):
            super()._register_udfs(expr)

    def _register_in_memory_table(self, op: Any) -> None:
        import pyarrow as pa

        found = op.data.to_pyarrow(op.schema)
        signed = [
            pa.field(field.name, pa.int64() if pa.types.is_unsigned_integer(field.type) else field.type)
            for field in found.schema
        ]
        self.given(found.cast(pa.schema(signed))).createOrReplaceTempView(op.name)
        self._views.add(op.name)


def _without_zones(frame: Any) -> Any:
    """A frame whose columns are called 0, 1, 2, with times and days as numbers.

    Python has none before the year 1 or past 9999, and reads Spark's times in the zone of its machine.
    """
    import pyspark.sql.functions as F  # noqa: N812 - as everybody calls it
    from pyspark.sql.types import DateType, TimestampNTZType, TimestampType

    numbered = frame.toDF(*map(str, range(len(frame.columns))))
    columns = []
    for field in numbered.schema:
        column = F.col(field.name)
        if isinstance(field.dataType, (TimestampType, TimestampNTZType)):
            column = F.unix_micros(column.cast("timestamp"))
        elif isinstance(field.dataType, DateType):
            column = F.unix_date(column)
        else:
            inner = field.dataType.simpleString()
            zoned = re.sub(r"\btimestamp\b", "timestamp_ntz", inner)
            column = column if zoned == inner else column.cast(zoned)
        columns.append(column.alias(field.name))
    return numbered.select(*columns)


def _as_number(kind: pa.DataType) -> pa.DataType:
    """The type of the numbers that stand for times and days; any other type is its own."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return pa.int64()
    return pa.int32() if pa.types.is_date32(kind) else kind


def _typed(found: pa.Table, schema: Any) -> pa.Table:
    """A table with the types that the expression promised."""
    import pyarrow as pa

    wanted = schema.to_pyarrow()
    columns = []
    for column, field in zip(found.columns, wanted, strict=True):
        kept = column
        if pa.types.is_timestamp(column.type) and pa.types.is_timestamp(field.type) and field.type.tz is None:
            kept = column.cast(pa.timestamp(column.type.unit))
        columns.append(kept.cast(field.type))
    return pa.table(columns, names=wanted.names)
