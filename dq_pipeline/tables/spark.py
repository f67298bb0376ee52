"""Apache Spark: a session from the spec, its tables with each row's place, and its errors in our words."""

from __future__ import annotations

import os
import re
import sys
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.secrets import from_environment, without_secrets
from dq_pipeline.tables.duck import PLACE
from dq_pipeline.tables.files import csv_dialect, find_files, kind_of
from dq_pipeline.tables.remote import is_address
from dq_pipeline.tables.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dq_pipeline.spec.model import Engine
    from dq_pipeline.spec.roles import TableRef

_GIVEN: ContextVar[Any] = ContextVar("dq_spark_session", default=None)
_LOCK = threading.Lock()
_STARTED: list[object] = []
"""Who uses the session that we started; empty where we started none."""
_FILE, _LINE = "dq_file", "dq_line"
_FILE_BITS = 40
"""A row's place is its file's number, then so many bits of its line, as on DuckDB."""
_ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.parquet.binaryAsString": "true",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
}
"""What a session is set to whoever opened it: a time is one in UTC, and nothing overflows in silence."""


_EXACT = {
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
}
"""Times as text to the microsecond; Spark leaves these out by itself."""


@contextmanager
def spark_session(session: Any) -> Iterator[None]:
    """Let specs with `backend: spark` use this session while the block runs; it is left open."""
    token = _GIVEN.set(session)
    try:
        yield
    finally:
        _GIVEN.reset(token)


def connect_spark(engine: Engine, who: str) -> tuple[Any, Scratch]:
    """An Ibis connection to Spark, with temporary tables of its own, and a folder of the driver's for small files.

    The session is the one that was given (`spark_session`), else the one that the spec names, else the one that is
    active in this process, else a new one as the environment says. A session that was open before stays open.

    Raises:
        InputError: No pyspark, no Java, or no such master or server.
    """
    try:
        from pyspark.errors import PySparkException

        from dq_pipeline.tables.spark_dialect import SparkBackend
    except ImportError as error:
        raise InputError(
            f"{who}, engine.backend",
            found=f"no package {error.name}",
            expected="pyspark, to count on Apache Spark",
            fix="pip install 'dq_pipeline[spark]'",
        ) from error
    settings = {
        name: from_environment(_text(value), f"{who}, engine.settings")
        for name, value in engine.settings.items()
    }
    backend = SparkBackend()
    remote = from_environment(engine.remote, f"{who}, engine.remote") if engine.remote else None
    scratch = Scratch(engine.temp_directory)
    try:
        session, backend.done = _session(engine, remote, settings, who)
        _set(session, settings, who)
        backend.do_connect(session, **_ALWAYS)
    except BaseException as error:
        scratch.close()
        if backend.done is not None:
            backend.done()
        if isinstance(error, (PySparkException, OSError, RuntimeError, _java_errors())):
            raise _not_reached(who, engine, remote, error) from error
        raise
    return backend, scratch


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _session(
    engine: Engine, remote: str | None, settings: Mapping[str, str], who: str
) -> tuple[Any, Callable[[], None]]:
    """A session with temporary tables and settings of its own, and what to call when it is done with."""
    from pyspark.sql import SparkSession

    if _GIVEN.get() is not None:
        return _beside(_GIVEN.get()), _nothing
    builder = SparkSession.builder.appName("dq_pipeline")
    told = settings if remote is not None else {**_of_master(engine.master), **settings}
    for name, value in told.items():
        builder = builder.config(name, value)
    if remote is not None:
        session = builder.remote(remote).create()
        return session, session.stop
    with _LOCK:
        active = _active_session()
        if active is None:
            if (engine.master or "").startswith("local"):
                os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else workers are another Python
            active = (builder.master(engine.master) if engine.master else builder).getOrCreate()
            _STARTED.clear()
        elif not _STARTED:
            _refuse_another_master(active, engine, who)
            return _beside(active), _nothing
        _refuse_another_master(active, engine, who)
        beside, user = _beside(active), object()
        _STARTED.append(user)
        return beside, lambda: _leave(active, user)


def _active_session() -> Any:
    """The session of this process, whichever thread opened it."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession
    from pyspark.sql.utils import is_remote

    if is_remote():  # Spark Connect, as on a shared Databricks cluster: there is no context in this process
        from pyspark.sql.connect.session import SparkSession as ConnectSession

        return ConnectSession.getActiveSession()
    running = SparkContext._active_spark_context  # noqa: SLF001 - Spark tells it of the own thread only
    return None if running is None else SparkSession.builder.getOrCreate()


def _refuse_another_master(active: Any, engine: Engine, who: str) -> None:
    """Refuse to count elsewhere than the spec says: a process has one Spark.

    Raises:
        InputError: The session that is open has another master.
    """
    if engine.master is None or _is_remote(active) or active.sparkContext.master == engine.master:
        return
    raise InputError(
        f"{who}, engine.master",
        found=f"{without_secrets(engine.master)}, and a session on {active.sparkContext.master} open in this process",
        expected="one master a process",
        fix="stop that session, or take `master` out to count in it",
    )


def _set(session: Any, settings: Mapping[str, str], who: str) -> None:
    """Have the session's settings as the spec says.

    Raises:
        InputError: One that can only be set before Spark starts differs in the session that is open.
    """
    for name, value in settings.items():
        if session.conf.isModifiable(name):
            session.conf.set(name, value)
        elif (there := session.conf.get(name, None)) != value:
            raise InputError(
                f"{who}, engine.settings",
                found=f"{name}: {value}, where the Spark that is open has {there or 'none'}",
                expected="a setting that an open session takes",
                fix=f"start Spark with {name}, or take it out",
            )


def _leave(session: Any, user: object) -> None:
    """Stop the session that we started when the last who uses it leaves."""
    with _LOCK:
        _STARTED.remove(user)
        if not _STARTED:
            session.stop()


def _nothing() -> None: ...


def _of_master(master: str | None) -> dict[str, str]:
    """What suits a Spark on this machine: no web server, and few parts a shuffle."""
    if master is None or not master.startswith("local"):
        return {}
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "8",
    }


def _beside(active: Any) -> Any:
    """A session of the same application with tables and settings of its own, where Spark gives one."""
    return active.newSession() if hasattr(active, "newSession") and not _is_remote(active) else active


def _is_remote(session: Any) -> bool:
    return ".connect." in type(session).__module__


def _not_reached(who: str, engine: Engine, remote: str | None, error: Exception) -> InputError:
    said = without_secrets((str(error).strip().splitlines() or [type(error).__name__])[0], remote or "")
    if any(sign in str(error) for sign in ("JAVA_GATEWAY_EXITED", "JAVA_HOME", "'java'")):
        return InputError(
            f"{who}, engine.backend",
            found="no Java that Spark can run on",
            expected="Java 17 or later",
            fix="apt-get install -y openjdk-17-jre-headless",
        )
    place = "remote" if remote else "master"
    return InputError(
        f"{who}, engine.{place}",
        found=f"{without_secrets(engine.remote or engine.master or 'no master')}: {said[:200]}",
        expected="a Spark that answers",
        fix="look at the address, the settings and the server's log",
    )


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
        _refuse_our_names(who, read.columns)
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
    _refuse_our_names(who, header)
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


def open_catalog_table(backend: Any, who: str, name: str, table: str, order: Sequence[str]) -> Any:
    """A table of Spark's catalog, its rows numbered in an order that depends on their content only.

    Raises:
        InputError: No such table, or one that the session cannot read.
    """
    import pyspark.sql.functions as F  # noqa: N812

    with spark_errors(who):
        read = backend.session.table(table)
        _refuse_our_names(who, read.columns)
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


def _refuse_our_names(who: str, columns: Sequence[str]) -> None:
    taken = [column for column in columns if column.lower() in {*_OURS, PLACE}]
    if taken:
        raise InputError(
            who,
            found=f"a column {taken[0]!r}, the engine's own name for a row's place",
            expected="a column of another name",
            fix="rename that column",
        )


@contextmanager
def spark_errors(who: str) -> Iterator[None]:
    """Spark's complaints about what it reads, as the one error that a user sees.

    Raises:
        InputError: In place of Spark's error.
    """
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, _java_errors()) as error:
        raise _in_words(who, error) from error


def _java_errors() -> type[Exception]:
    """What py4j raises when the driver's Java is gone or fails in a way of its own."""
    from py4j.protocol import Py4JError

    declared: type[Exception] = Py4JError
    return declared


def _in_words(who: str, error: Exception) -> InputError:
    said = str(error)
    condition = re.search(r"\[([A-Z_.]+)\]", said)
    kind = condition[1] if condition else ""
    if kind.startswith("TABLE_OR_VIEW_NOT_FOUND"):
        return InputError(
            who, found="no such table in Spark's catalog", expected="one", fix="mend `table`, or name a file"
        )
    if "Python worker" in said:
        lines = [
            line.strip() for line in said.splitlines() if re.match(r"\w*(Error|Exception)\b", line.strip())
        ]
        return InputError(
            who,
            found=f"the executors' Python failed: {without_secrets((lines or ['no reason told'])[-1])[:200]}",
            expected=f"Python {sys.version_info[0]}.{sys.version_info[1]} with numpy, scipy and pyarrow on every executor",
            fix="install them there and set PYSPARK_PYTHON to that Python",
        )
    if "MALFORMED" in said:
        found, fix = (
            "a line with another number of values than the header",
            "mend that row or export the file again",
        )
    elif kind in {"PATH_NOT_FOUND", "FAILED_READ_FILE.FILE_NOT_EXIST"}:
        found, fix = (
            "files that Spark's executors do not see",
            "put them where every executor sees the same path",
        )
    elif "not a Parquet file" in said or kind.startswith("FAILED_READ_FILE"):
        found, fix = "a file that is no Parquet, whatever its ending says", "export it again"
    else:
        found = without_secrets((said.strip().splitlines() or [type(error).__name__])[0])[:200]
        fix = "look at Spark's log"
    return InputError(who, found=found, expected="a table that Spark can read", fix=fix)
