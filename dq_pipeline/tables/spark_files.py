"""Tables on Apache Spark: files and tables of its catalog, each row with its place, and a digest of what they hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.duck import PLACE
from dq_pipeline.tables.duck_files import refuse_names
from dq_pipeline.tables.files import csv_dialect, find_files, kind_of
from dq_pipeline.tables.remote import is_address
from dq_pipeline.tables.spark_errors import spark_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.spec.table_ref import TableRef

_FILE, _LINE = "dq_file", "dq_line"
_FILE_BITS = 40
"""A row's place is its file's number, then so many bits of its line, as on DuckDB."""
_EXACT = {
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
}
"""Times as text to the microsecond; Spark leaves these out by itself."""


def open_on_spark(
    backend: Any, who: str, name: str, ref: TableRef, base: Path, order: Sequence[str], wanted: set[str]
) -> tuple[Any, str]:
    """A table on Spark with the column PLACE, and where it lies.

    Args:
        backend: The connection to Spark.
        who: Who asks.
        name: What to call the table.
        ref: A path, glob or address of Parquet or CSV files, or a table of Spark's catalog.
        base: The folder that paths start from.
        order: Columns that the rows of a catalog's table are numbered by.
        wanted: Columns that a CSV is to have.

    Raises:
        InputError: It is not there, cannot be read, or is of a kind that Spark is not asked to read.
    """
    for what, given in (("database", ref.database), ("format", ref.format), ("catalog", ref.catalog)):
        if given:
            raise InputError(
                who,
                found=f"`{what}` beside `backend: spark`",
                expected="Parquet or CSV files, or a table of Spark's catalog",
                fix=f"make it a table of Spark's catalog and name that, or leave `{what}` to DuckDB",
            )
    if is_catalog_table(ref.table, base):
        return open_catalog_table(backend, who, name, ref.table, order), ref.table
    if is_address(ref.table):
        suffix = Path(urlsplit(ref.table).path.rstrip("/"))
        kind = "parquet" if not suffix.suffix or "*" in suffix.suffix else kind_of(who, suffix)
        if kind == "csv":
            raise InputError(
                who,
                found=f"a CSV behind {urlsplit(ref.table).scheme}://",
                expected="Parquet files there, or CSV files at a path",
                fix="write it as Parquet",
            )
        return open_parquet(backend, who, name, [ref.table]), ref.table
    if (base / ref.table / "_delta_log").is_dir():
        raise InputError(
            who,
            found=f"{ref.table!r} is a Delta table",
            expected="its name in a session that has Delta's packages",
            fix=f'write `table: "delta.`{(base / ref.table).resolve()}`"`',
        )
    files = [Path(str(file)) for file in find_files(who, ref.table, base)]
    return open_spark_files(backend, who, name, files, wanted, ref.delimiter), str(files[0])


def open_spark_files(
    backend: Any, who: str, name: str, files: Sequence[Path], wanted: set[str], delimiter: str | None
) -> Any:
    """Local files, which every executor must see at the same path, with each row's place as on DuckDB.

    Raises:
        InputError: A file that cannot be read as what its ending says.
    """
    kinds = {kind_of(who, file) for file in files}
    if len(kinds) > 1:
        raise InputError(
            who, found="Parquet and CSV files under one glob", expected="one kind", fix="narrow the glob"
        )
    if kinds == {"parquet"}:
        return open_parquet(backend, who, name, [file.resolve().as_uri() for file in files])
    return _open_csv(backend, who, name, files, csv_dialect(who, files[0], wanted, delimiter))


def is_catalog_table(table: str, base: Path) -> bool:
    """Whether a reference names a table of Spark's catalog: `catalog.schema.table`, or delta.`/path`."""
    name = r"(?:[A-Za-z_][A-Za-z0-9_]*|`[^`]+`)"
    from dq_pipeline.tables.files import SUFFIXES

    plain = re.fullmatch(rf"{name}(?:\.{name}){{0,2}}", table) is not None
    return plain and Path(table).suffix.lower() not in {*SUFFIXES, ".gz"} and not (base / table).exists()


def open_parquet(backend: Any, who: str, name: str, paths: Sequence[str]) -> Any:
    """Parquet files; a row's place is its file's and its own in the file, which Spark reads from the file."""
    import pyspark.sql.functions as F  # noqa: N812 - as everybody calls it

    with spark_errors(who):
        read = backend.session.read.parquet(*paths)
        refuse_names(who, read.columns, _TAKEN)
        told = read.select(
            F.col("_metadata.file_path").alias(_FILE), F.col("_metadata.row_index").alias(_LINE), "*"
        )
        frame = _placed(backend, told, _LINE)
        return backend.hold(f"dq_open_{name}", _with_times(frame, paths), persist=False)


def _with_times(frame: Any, paths: Sequence[str]) -> Any:
    """The frame with times in nanoseconds, which Spark reads as whole numbers, as times."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import pyspark.sql.functions as F  # noqa: N812

    first = urlsplit(paths[0])
    if first.scheme != "file":
        return frame
    nanoseconds = [
        field.name
        for field in pq.read_schema(unquote(first.path))
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns"
    ]
    micros = {column: F.expr(f"timestamp_micros({_ticked(column)} div 1000)") for column in nanoseconds}
    return frame.withColumns(micros) if micros else frame


def _ticked(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _open_csv(
    backend: Any, who: str, name: str, files: Sequence[Path], dialect: tuple[str, list[str]]
) -> Any:
    """CSV files, every column text, parsed once; a file is read by one task, so that its rows keep their order."""
    import pyspark.sql.functions as F  # noqa: N812
    from pyspark.sql.types import StringType, StructField, StructType

    mark, header = dialect
    for file in files[1:]:
        other = csv_dialect(who, file, set(header), mark)
        if other != dialect:
            raise InputError(
                who,
                found=f"{file.name} has the columns {', '.join(other[1])}, {files[0].name} has {', '.join(header)}",
                expected="the same columns in the same order in every file",
                fix="narrow the glob or export the files again",
            )
    refuse_names(who, header, _TAKEN)
    schema = StructType([StructField(column, StringType()) for column in header])
    with spark_errors(who):
        read = backend.session.read.csv(
            [file.resolve().as_uri() for file in files],
            schema=schema,
            sep=mark,
            header=True,
            quote='"',
            escape='"',
            multiLine=True,
            mode="FAILFAST",
            nullValue="",
            emptyValue="",
            enforceSchema=True,
        )
        told = read.select(
            F.col("_metadata.file_path").alias(_FILE),
            F.monotonically_increasing_id().alias(_LINE),
            # An empty cell is missing, quoted or not, as on DuckDB.
            *(F.expr(f"nullif({_ticked(column)}, '')").alias(column) for column in header),
        )
        backend.persisted(told)
        first = told.groupBy(_FILE).agg(F.min(_LINE).alias("dq_first"))
        counted = told.join(F.broadcast(first), _FILE).withColumn(_LINE, F.col(_LINE) - F.col("dq_first"))
        frame = _placed(backend, counted.drop("dq_first"), _LINE)
        return backend.hold(f"dq_open_{name}", frame)


def _placed(backend: Any, frame: Any, line: str) -> Any:
    """The frame with PLACE first, in place of file and line; files are numbered in the order of their paths."""
    import pyspark.sql.functions as F  # noqa: N812

    paths = [row[0] for row in frame.select(_FILE).distinct().collect()]
    ordered = sorted(paths, key=lambda path: Path(unquote(path)))
    if len(ordered) <= 1:
        place = F.col(line)
    else:
        numbered = backend.session.createDataFrame(
            list(zip(ordered, range(len(ordered)), strict=True)), f"{_FILE} string, dq_number long"
        )
        frame = frame.join(F.broadcast(numbered), _FILE)
        place = F.shiftleft(F.col("dq_number"), _FILE_BITS) + F.col(line)
    return frame.withColumn(PLACE, place.cast("long")).select(
        PLACE, *(column for column in map(_ticked, frame.columns) if column.strip("`") not in _OURS)
    )


_OURS = frozenset({_FILE, _LINE, "dq_number", "dq_first"})
_TAKEN = _OURS | {PLACE}


def open_catalog_table(backend: Any, who: str, name: str, table: str, order: Sequence[str]) -> Any:
    """A table of Spark's catalog, its rows numbered in an order that depends on their content only.

    Raises:
        InputError: No such table, or one that the session cannot read.
    """
    import pyspark.sql.functions as F  # noqa: N812

    with spark_errors(who):
        read = backend.session.table(table)
        refuse_names(who, read.columns, _TAKEN)
        by = [F.col(_ticked(column)) for column in order if column in read.columns]
        # Rows that are alike in these are told apart by all they hold, so that a lost task numbers them alike.
        content = F.xxhash64(F.to_json(F.struct(*map(_ticked, read.columns)), _EXACT))
        numbered = read.orderBy(*by, content).select(F.monotonically_increasing_id().alias(PLACE), "*")
        return backend.hold(f"dq_open_{name}", numbered)


def spark_version(table: Any) -> str:
    """A digest of a table's rows that does not depend on their order or place, 32 hexadecimal digits.

    It is another number than DuckDB's, which is that of the files' bytes.
    """
    import hashlib

    import pyspark.sql.functions as F  # noqa: N812

    frame = table.get_backend().frame(table)
    columns = [column for column in frame.columns if column != PLACE]
    digest = F.md5(F.to_json(F.struct(*map(_ticked, columns)), _EXACT))
    halves = [
        F.sum(F.conv(F.substring(digest, first, 15), 16, 10).cast("decimal(38,0)")) for first in (1, 16)
    ]
    found = frame.agg(F.count(F.lit(1)), *halves).collect()[0]
    text = "-".join(map(str, [*columns, *found]))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
