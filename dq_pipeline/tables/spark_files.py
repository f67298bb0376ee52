"""Tables on Apache Spark: files and tables of its catalog, each row with its place, and a digest of what they hold."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.duck import FILE_BITS, PLACE
from dq_pipeline.tables.duck_errors import duck_errors
from dq_pipeline.tables.duck_files import read_csv, read_parquet, refuse_names, refuse_parquet
from dq_pipeline.tables.files import (
    JSON,
    SUFFIXES,
    csv_dialect,
    find_files,
    in_small_letters,
    kind_of,
    names_apart,
)
from dq_pipeline.tables.hive import columns_of_folders, refuse_hidden
from dq_pipeline.tables.lake import METADATA
from dq_pipeline.tables.markers import HIDDEN
from dq_pipeline.tables.remote import is_address
from dq_pipeline.tables.spark_errors import spark_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from dq_pipeline.spec.table_ref import TableRef

_FILE, _LINE, _START = "dq_file", "dq_line", "dq_start"
_FOLDERS = {"BIGINT": "bigint", "DATE": "date", "TIMESTAMP": "timestamp"}
"""What DuckDB makes of the names of folders, and Spark's names of it; all else is text."""
_EXACT = {
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
}
"""Times as text to the microsecond; Spark leaves these out by itself."""


def open_on_spark(
    backend: Any, who: str, name: str, ref: TableRef, base: Path, order: Sequence[str], wanted: set[str]
) -> tuple[Any, str, tuple[str, ...]]:
    """A table on Spark with the column PLACE, where it lies, and what its Parquet files are called where there are several.

    Args:
        backend: The connection to Spark.
        who: Who asks.
        name: What to call the table.
        ref: A path, glob or address of Parquet or CSV files, or a table of Spark's catalog.
        base: The folder that paths start from.
        order: Columns that the rows of a catalog's table are numbered by.
        wanted: Columns that the files are to have.

    Raises:
        InputError: It is not there, cannot be read, or is of a kind that Spark is not asked to read.
    """
    of_iceberg = ref.table.endswith(METADATA)
    for what, given in (
        ("`database`", ref.database),
        ("`format`", ref.format),
        ("`catalog`", ref.catalog),
        ("the metadata file of an Iceberg table", of_iceberg),
    ):
        if given:
            raise InputError(
                who,
                found=f"{what} beside `backend: spark`",
                expected="Parquet or CSV files, or a table of Spark's catalog",
                fix=f"make it a table of Spark's catalog and name that, or leave {what} to DuckDB",
            )
    if is_catalog_table(ref.table, base):
        return open_catalog_table(backend, who, name, ref.table, order), ref.table, ()
    at = ref.table.removeprefix("file://")
    if is_address(at):
        suffix = Path(urlsplit(ref.table).path.rstrip("/"))
        kind = "parquet" if not suffix.suffix or "*" in suffix.suffix else kind_of(who, suffix)
        if kind == "csv":
            raise InputError(
                who,
                found=f"a CSV behind {urlsplit(ref.table).scheme}://",
                expected="Parquet files there, or CSV files at a path",
                fix="write it as Parquet",
            )
        raw, names = _open_address(backend, who, name, ref.table)
        return raw, ref.table, names
    if (base / ref.table / "_delta_log").is_dir():
        raise InputError(
            who,
            found=f"{ref.table!r} is a Delta table",
            expected="its name in a session that has Delta's packages",
            fix=f'write `table: "delta.`{(base / ref.table).resolve()}`"`',
        )
    files = [Path(str(file)) for file in find_files(who, at, base)]
    raw, names = open_spark_files(backend, who, name, files, wanted, ref.delimiter)
    return raw, str(files[0]), names


def open_spark_files(
    backend: Any, who: str, name: str, files: Sequence[Path], wanted: set[str], delimiter: str | None
) -> tuple[Any, tuple[str, ...]]:
    """Local files, which every executor must see at the same path, with each row's place as on DuckDB.

    Returns:
        The table, and what several Parquet files are called.

    Raises:
        InputError: A file that cannot be read as what its ending says, or files that one table cannot be made of.
    """
    kinds = {kind_of(who, file) for file in files}
    if len(kinds) > 1:
        raise InputError(
            who, found="Parquet and CSV files under one glob", expected="one kind", fix="narrow the glob"
        )
    hidden = next((file for file in files if HIDDEN.match(file.name)), None)
    if hidden is not None:
        raise InputError(
            who,
            found=f"{hidden.name}, which Spark passes over, as all names that begin with _ or .",
            expected="a file that Spark reads",
            fix="rename it",
        )
    if kinds == {"parquet"}:
        return _open_parquet(backend, who, name, files, wanted), names_apart(files) if len(files) > 1 else ()
    return _open_csv(backend, who, name, files, wanted, csv_dialect(who, files[0], wanted, delimiter)), ()


def is_catalog_table(table: str, base: Path) -> bool:
    """Whether a reference names a table of Spark's catalog: `catalog.schema.table`, or delta.`/path`."""
    name = r"(?:[A-Za-z_][A-Za-z0-9_]*|`[^`]+`)"
    plain = re.fullmatch(rf"{name}(?:\.{name}){{0,2}}", table) is not None
    return (
        plain and Path(table).suffix.lower() not in {*SUFFIXES, *JSON, ".gz"} and not (base / table).exists()
    )


def _open_address(backend: Any, who: str, name: str, address: str) -> tuple[Any, tuple[str, ...]]:
    """Parquet files that Spark's own file systems find, numbered in the order of their paths."""
    import pyspark.sql.functions as F  # noqa: N812 - as everybody calls it

    with spark_errors(who):
        read = backend.session.read.parquet(address)
        refuse_names(who, read.columns, _TAKEN)
        told = _told(read)
        paths = sorted((row[0] for row in told.select(_FILE).distinct().collect()), key=_path)
        if len(paths) <= 1:
            return _held(backend, name, told.withColumn(_START, F.lit(0))), ()
        frame = _joined(backend, told, {path: (place << FILE_BITS,) for place, path in enumerate(paths)})
        return _held(backend, name, frame), names_apart([Path(_path(path)) for path in paths])


def _open_parquet(backend: Any, who: str, name: str, files: Sequence[Path], wanted: set[str]) -> Any:
    """Local Parquet files; a row's place is its file's and its own in the file, which Spark reads from the file."""
    import pyspark.sql.functions as F  # noqa: N812

    with _looking(who) as duck:
        refuse_names(who, duck.sql(f"SELECT * FROM {read_parquet(files)}").columns, _TAKEN)
        refuse_parquet(duck, who, files, wanted)
        folders = columns_of_folders(duck, files, read_parquet(files))
    with spark_errors(who):
        told = _alike(backend, who, files, wanted - folders.keys())
        if len(files) == 1 and not folders:
            return _held(backend, name, told.withColumn(_START, F.lit(0)))
        at = {str(file.resolve()): place for place, file in enumerate(files)}
        paths = {row[0]: at[_path(row[0])] for row in told.select(_FILE).distinct().collect()}
        said = {
            path: (place << FILE_BITS, *(values[place] for _, values in folders.values()))
            for path, place in paths.items()
        }
        return _held(backend, name, _joined(backend, told, said, folders))


@contextmanager
def _looking(who: str) -> Iterator[Any]:
    """DuckDB beside Spark, to look at files as it does where it counts itself: what it refuses is refused here too."""
    import ibis

    duck = ibis.duckdb.connect()
    try:
        with duck_errors(who):
            yield duck
    finally:
        duck.disconnect()


def _alike(backend: Any, who: str, files: Sequence[Path], wanted: Collection[str]) -> Any:
    """Files as one frame with the columns and types of the first, as DuckDB reads them; Spark reads files of one type."""
    import pyarrow.parquet as pq
    import pyspark.sql.functions as F  # noqa: N812

    kinds: dict[str, list[Path]] = {}
    for file in files:
        kinds.setdefault(str(pq.read_schema(file).remove_metadata()), []).append(file)
    first, *others = (
        _with_times(_told(backend.session.read.parquet(*map(_escaped, alike))), alike[0])
        for alike in kinds.values()
    )
    for other, alike in zip(others, list(kinds.values())[1:], strict=True):
        named = {in_small_letters(column): column for column in other.columns}
        columns = []
        for field in first.schema:
            own = named.get(in_small_letters(field.name))
            if own is None and field.name in wanted:
                raise InputError(
                    who,
                    found=f"no column {field.name!r} in {alike[0].name}",
                    expected="the columns of the first file in every file",
                    fix="narrow the glob or export the files again",
                )
            there = F.lit(None) if own is None else F.col(_ticked(own))
            columns.append(there.cast(field.dataType).alias(field.name))
        first = first.unionAll(other.select(*columns))
    return first


def _told(read: Any) -> Any:
    """A frame that was read from Parquet, with the file and the line of each row."""
    import pyspark.sql.functions as F  # noqa: N812

    return read.select(
        F.col("_metadata.file_path").alias(_FILE), F.col("_metadata.row_index").alias(_LINE), "*"
    )


def _escaped(file: Path) -> str:
    """A file as Spark finds it, whatever its path holds of a pattern's characters."""
    return "file://" + re.sub(r"([\[\]{}*?\\])", r"\\\1", str(file.resolve()))


def _path(said: str) -> str:
    """The path of a file as Spark tells it."""
    return unquote(urlsplit(said).path)


def _with_times(frame: Any, file: Path) -> Any:
    """The frame with times in nanoseconds, which Spark reads as whole numbers, as times."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import pyspark.sql.functions as F  # noqa: N812

    nanoseconds = [
        field.name
        for field in pq.read_schema(file)
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns"
    ]
    micros = {column: F.expr(f"timestamp_micros({_ticked(column)} div 1000)") for column in nanoseconds}
    return frame.withColumns(micros) if micros else frame


def _ticked(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _open_csv(
    backend: Any, who: str, name: str, files: Sequence[Path], wanted: set[str], dialect: tuple[str, list[str]]
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
    with _looking(who) as duck:
        refuse_hidden(duck, who, files, wanted, lambda more: read_csv(files, mark, header, more))
        folders = columns_of_folders(duck, files, read_csv(files, mark, header))
    schema = StructType([StructField(column, StringType()) for column in header])
    with spark_errors(who):
        read = backend.session.read.csv(
            [_escaped(file) for file in files],
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
        counts = told.groupBy(_FILE).agg(F.min(_LINE), F.count(F.lit(1))).collect()
        at = {str(file.resolve()): place for place, file in enumerate(files)}
        said, before = {}, 0
        for place, path, first, rows in sorted((at[_path(path)], path, *row) for path, *row in counts):
            said[path] = (before - first, *(values[place] for _, values in folders.values()))
            before += rows
        return _held(backend, name, _joined(backend, told, said, folders), persist=True)


def _joined(
    backend: Any,
    frame: Any,
    said: Mapping[str, Sequence[Any]],
    folders: Mapping[str, tuple[str, Sequence[str | None]]] | None = None,
) -> Any:
    """The frame with what is said of each file: where its places start, and the values of its folders, which hide its own."""
    import pyspark.sql.functions as F  # noqa: N812

    kinds = {f"dq_folder_{place}": kind for place, (kind, _) in enumerate((folders or {}).values())}
    schema = ", ".join([f"{_FILE} string", f"{_START} long", *(f"{column} string" for column in kinds)])
    files = backend.session.createDataFrame([(path, *values) for path, values in said.items()], schema)
    made = {
        key: F.col(column).cast(_FOLDERS.get(kind, "string"))
        for key, (column, kind) in zip(folders or {}, kinds.items(), strict=True)
    }
    joined = frame.join(F.broadcast(files), _FILE)
    return joined.withColumns(made).drop(*kinds) if made else joined


def _held(backend: Any, name: str, frame: Any, *, persist: bool = False) -> Any:
    """The table of a frame, with PLACE first, in place of file, line and start."""
    import pyspark.sql.functions as F  # noqa: N812

    placed = frame.withColumn(PLACE, (F.col(_START) + F.col(_LINE)).cast("long"))
    own = [_ticked(column) for column in frame.columns if column not in _OURS]
    return backend.hold(f"dq_open_{name}", placed.select(PLACE, *own), persist=persist)


_OURS = frozenset({_FILE, _LINE, _START})
_TAKEN = _OURS | {PLACE, "_metadata"}


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
