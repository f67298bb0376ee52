"""The embedded engine: DuckDB through Ibis, with the spec's limits, and its errors in our words."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.secrets import without_secrets
from dq_pipeline.tables.builtin import MACROS
from dq_pipeline.tables.files import csv_dialect, kind_of, refuse_twice
from dq_pipeline.tables.remote import let_read
from dq_pipeline.tables.scratch import Scratch
from dq_pipeline.tables.signature import no_parquet
from dq_pipeline.tables.whole import whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from upath import UPath

    from dq_pipeline.spec.model import Engine

PLACE = "dq_row"
"""The column of an opened table that holds each row's place in it, named as no column of a user's is."""
FILE_BITS = 40
"""Bits of a row's place within its file; those above tell the file."""
KINDS = {
    "text": ("VARCHAR", "BLOB"),
    "whole numbers": (
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "HUGEINT",
        "UTINY",
        "USMALL",
        "UINT",
        "UBIG",
    ),
    "numbers with fractions": ("FLOAT", "DOUBLE", "DECIMAL"),
    "times": ("TIMESTAMP", "DATE"),
    "": ('"NULL"', "NULL"),
}
"""What columns hold by how the engine's names of their types start: of one kind all fit into the type that the first has."""
_TAKEN = frozenset({"file_row_number", "file_index", PLACE})


def connect(engine: Engine) -> tuple[Any, Scratch]:
    """An Ibis connection to a DuckDB of its own, and the folder that it spills to."""
    import ibis

    spill = Scratch(engine.temp_directory)
    settings: dict[str, Any] = {"temp_directory": str(spill.path), "preserve_insertion_order": False}
    if engine.memory_limit:
        settings["memory_limit"] = engine.memory_limit
    if engine.threads:
        settings["threads"] = engine.threads
    connection = ibis.duckdb.connect(**settings)
    connection.raw_sql(MACROS)
    return connection, spill


def quoted(name: str) -> str:
    """A column's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    if "\0" in text:
        return "(" + " || chr(0) || ".join(map(literal, text.split("\0"))) + ")"
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def in_order(connection: Any) -> Iterator[None]:
    """Let what is copied keep its rows' order, which threads else mix up."""
    connection.raw_sql("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        connection.raw_sql("SET preserve_insertion_order = false")


def open_files(
    connection: Any,
    who: str,
    name: str,
    files: Sequence[Path | UPath],
    wanted: set[str],
    delimiter: str | None,
) -> Any:
    """The files as one table with the column PLACE; CSV columns are text, parsed once into the engine.

    Raises:
        InputError: A file that cannot be read as what its ending says, or files whose columns differ.
    """
    from dq_pipeline.tables.hive import refuse_hidden

    paths = "[" + ", ".join(literal(str(file)) for file in files) + "]"
    kinds = {kind_of(who, file) for file in files}
    if len(kinds) > 1:
        raise InputError(
            who, found="Parquet and CSV files under one glob", expected="one kind", fix="narrow the glob"
        )
    for file in files:
        if not isinstance(file, Path):
            let_read(connection, file)
    with duck_errors(who):
        if kinds == {"parquet"}:
            refuse_names(who, connection.sql(f"SELECT * FROM read_parquet({paths})").columns, _TAKEN)
            own = {column.lower() for column in wanted}
            named = [name for name in _columns_of_parquet(connection, files[0]) if name.lower() in own]
            refuse_twice(who, files[0], named)
            _refuse_other_kinds(connection, who, files, wanted)
            refuse_hidden(
                connection,
                who,
                files,
                named,
                lambda more: f"read_parquet({paths}, union_by_name = true, {more})",
            )
            return _parquet(connection, paths, "file_index" if len(files) > 1 else "0", None)
        mark, header = csv_dialect(who, files[0], wanted, delimiter)
        for file in files[1:]:
            other = csv_dialect(who, file, wanted, delimiter)
            if other != (mark, header):
                raise InputError(
                    who,
                    found=f"{file.name} has the columns {', '.join(other[1])}, {files[0].name} has {', '.join(header)}",
                    expected="the same columns in the same order in every file",
                    fix="narrow the glob or export the files again",
                )
        columns = "{" + ", ".join(f"{literal(column)}: 'VARCHAR'" for column in header) + "}"
        how = f"columns = {columns}, auto_detect = false, header = true, delim = {literal(mark)}, quote = '\"', escape = '\"'"
        refuse_hidden(connection, who, files, wanted, lambda more: f"read_csv({paths}, {how}, {more})")
        with in_order(connection):
            connection.raw_sql(
                f"CREATE TEMP TABLE {quoted('csv_' + name)} AS SELECT * FROM read_csv({paths}, {how})"
            )
        return connection.sql(f"SELECT rowid AS {PLACE}, * FROM {quoted('csv_' + name)}")


def _columns_of_parquet(connection: Any, file: Path | UPath) -> list[str]:
    """The columns of a Parquet file as it has them itself: of two that are called alike the engine renames one."""
    told = f"SELECT name, coalesce(num_children, 0) FROM parquet_schema({literal(str(file))})"
    rows = connection.raw_sql(told).fetchall()[1:]
    names, within = [], 0
    for name, children in rows:
        if not within:
            names.append(name)
        within = max(within - 1, 0) + children
    return names


def _refuse_other_kinds(
    connection: Any, who: str, files: Sequence[Path | UPath], wanted: Collection[str]
) -> None:
    """Refuse files of which one has text where another has numbers: the engine would turn all into what the first has.

    Raises:
        InputError: A column is of two kinds.
    """
    paths = "[" + ", ".join(literal(str(file)) for file in files) + "]"
    told = "SELECT name, duckdb_type, min(file_name) FROM parquet_schema({}) WHERE duckdb_type IS NOT NULL GROUP BY ALL ORDER BY 3"
    seen: dict[str, dict[str, str]] = {}
    for column, kind, file in connection.raw_sql(told.format(paths)).fetchall():
        if column in wanted and (named := _kind(kind)):
            seen.setdefault(column, {}).setdefault(named, file)
    for column, kinds in seen.items():
        if len(kinds) == 1:
            continue
        # A part of a nested column may be called so, too.
        own: dict[str, str] = {}
        for file in kinds.values():
            described = connection.raw_sql(f"DESCRIBE SELECT * FROM read_parquet({literal(file)})").fetchall()
            own |= {_kind(kind): Path(file).name for name, kind, *_ in described if name == column}
        if len(own) > 1:
            (first, here), (second, there) = list(own.items())[:2]
            raise InputError(
                who,
                found=f"the column {column!r} holds {first} in {here} and {second} in {there}",
                expected="one type of a column in every file",
                fix="export the files with one type (of whole numbers with missing ones, pandas: astype('Int64'))",
            )


def _kind(kind: str) -> str:
    """What a column of one of the engine's types holds, where others would be lost in it; empty of nulls alone."""
    return next((named for named, starts in KINDS.items() if kind.startswith(starts)), kind)


def some_files(connection: Any, whole_table: Any, files: Sequence[Path], places: Sequence[int]) -> Any:
    """Some of the Parquet files of a table that was opened, each row with the place that it has in the whole.

    Args:
        connection: DuckDB's.
        whole_table: The table.
        files: All its files.
        places: Places among them, rising.
    """
    paths = "[" + ", ".join(literal(str(files[place])) for place in places) + "]"
    keys = hive_keys(files)
    # What a folder is called is read as the type that the folders of all files have together.
    described = connection.raw_sql(f"DESCRIBE {connection.compile(whole_table)}").fetchall() if keys else []
    kinds = {column: kind for column, kind, *_ in described}
    return _parquet(
        connection,
        paths,
        f"({list(places)}::BIGINT[])[file_index::BIGINT + 1]",
        {key: kinds[key] for key in keys},
    )


def hive_keys(files: Sequence[Path | UPath]) -> tuple[str, ...]:
    """The names of columns that folders such as `day=2026-01-01` make: those that the paths of all files have alike."""
    told = {
        tuple(part.partition("=")[0] for part in file.parent.parts if re.fullmatch("[^=]+=[^=]*", part))
        for file in files
    }
    return next(iter(told)) if len(told) == 1 else ()


def _parquet(connection: Any, paths: str, file: str, hive: Mapping[str, str] | None) -> Any:
    """Parquet files with PLACE; with the types of columns that their folders make, or None for what the engine finds."""
    where = f"({file}::BIGINT << {FILE_BITS}) + file_row_number"
    how = ", file_row_number = true"
    if hive is not None:
        kinds = ", ".join(f"{quoted(column)}: {kind}" for column, kind in hive.items())
        how += (
            f", hive_partitioning = true, hive_types = {{{kinds}}}" if hive else ", hive_partitioning = false"
        )
    return connection.sql(
        f"SELECT {where} AS {PLACE}, * EXCLUDE (file_row_number) FROM read_parquet({paths}{how})"
    )


def write_parquet(connection: Any, rows: Any, path: Path) -> None:
    """Write a query's rows to a Parquet file, spilling what memory does not hold; equal rows in order give equal bytes."""
    with whole(path) as file:
        connection.raw_sql(
            f"COPY ({connection.compile(rows)}) TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd)"
        )


def refuse_names(who: str, columns: Sequence[str], own: Collection[str]) -> None:
    """Refuse a table with a column that is called as one of the engine's own.

    Raises:
        InputError: There is one.
    """
    taken = [column for column in columns if column.lower() in own]
    if taken:
        raise InputError(
            who,
            found=f"a column {taken[0]!r}, the engine's own name for a row's place",
            expected="a column of another name",
            fix="rename that column",
        )


class DamagedError(InputError):
    """Bytes within a Parquet file that are no page of it; the engine does not say which of several files it was reading."""

    def of(self, connection: Any, files: Sequence[Path]) -> InputError | None:
        """The same with the file that is damaged; None where it is none of these. Each is read once more to find it."""
        file = next((file for file in files if not _can_be_read(connection, file)), None)
        if file is None:
            return None
        return InputError(self.who, found=f"{file}: {self.found}", expected=self.expected, fix=self.fix)


def _can_be_read(connection: Any, file: Path) -> bool:
    """Whether every page of a Parquet file can."""
    import duckdb

    try:
        connection.raw_sql(
            f"SELECT bit_xor(hash(COLUMNS(*))) FROM read_parquet({literal(str(file))})"
        ).fetchall()
    except duckdb.Error:
        return False
    return True


@contextmanager
def duck_errors(who: str) -> Iterator[None]:
    """DuckDB's complaints about what it reads, as the one error that a user sees.

    Raises:
        InputError: In place of the engine's error.
    """
    import duckdb

    try:
        yield
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        if "get_next failed()" in str(error):
            raise _of_stream(who, str(error)) from error
        raise _of_rows(who, str(error)) from error
    except duckdb.OutOfMemoryException as error:
        raise _no_room(who, "DuckDB") from error
    except duckdb.IOException as error:
        if "No space left" in str(error):
            raise InputError(
                who,
                found=str(error).splitlines()[0],
                expected="a disk with room",
                fix="make room there, or name another --output or engine.temp_directory",
            ) from error
        denied = "Permission denied" in str(error)
        raise InputError(
            who,
            found=str(error).splitlines()[0],
            expected="a readable file",
            fix="chmod u+r the file" if denied else "export it again",
        ) from error
    except duckdb.Error as error:
        # What its Parquet reader stumbles over in the bytes of a page has no class of its own.
        if type(error) is not duckdb.Error:
            raise
        raise DamagedError(
            who,
            found=f"damaged bytes within a Parquet file: {str(error).splitlines()[0]}",
            expected="a Parquet file as it was written",
            fix="export or download it again",
        ) from error


def _of_rows(who: str, said: str) -> InputError:
    """What is wrong with the bytes or rows of a file, with its line where it has one."""
    no_magic = re.search(
        "(?:No magic bytes found at end of f|F)ile '(.+)'(?: too small|$)", said, re.MULTILINE
    )
    if no_magic and Path(no_magic[1]).is_file():
        found, fix = no_parquet(Path(no_magic[1]))
        return InputError(who, found=found, expected="a Parquet file", fix=fix)
    line = re.search(r"CSV Error on Line: (\d+)", said)
    fix = "mend that row or export the file again" if line else "export the file again"
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", said)
    longest = re.search(r"Maximum line size of (\d+) bytes", said)
    if counts:
        values = "value" if counts[2] == "1" else "values"
        found, expected = f"{counts[2]} {values}", f"{counts[1]} values, as in the header"
    elif longest:
        found, expected = f"a row of more than {int(longest[1]):,} bytes", "rows that are shorter"
        fix = "take the long text out of the table, or write it as Parquet"
    elif "unterminated quote" in said:
        found, expected = "a quote that never closes", 'a closing ", or "" for a quote inside a quoted value'
    elif "No magic bytes" in said:
        found, expected = "a file that is no Parquet, whatever its ending says", "a Parquet file"
    elif "nicode" in said or "utf-8" in said:
        found, expected = "a byte that is not UTF-8", "UTF-8"
    else:
        found, expected = said.splitlines()[0], "rows that can be read"
    at = f", line {line[1]}" if line else ""
    return InputError(f"{who}{at}", found=found, expected=expected, fix=fix)


def _of_stream(who: str, said: str) -> InputError:
    """What a stream of rows ended in: its reader failed, and no row of a file is to be mended."""
    if "No space left" in said or "Out of memory" in said or "MemoryError" in said:
        return _no_room(who, "the reader of its rows")
    told = said.partition("get_next failed(): ")[2]
    words, _, raised = told.partition("Detail: Python exception:")
    lines = [line for line in raised.splitlines() if re.match(r"[\w.]*(Error|Exception)\b", line)]
    found = lines[-1] if lines else (words.splitlines() or ["no reason told"])[0]
    if "[libpq]" in found:  # what a database quotes may be a row's value
        found = re.sub(r'".*("|$)', '"..."', found)
    return InputError(
        who,
        found=f"the reader of its rows failed: {without_secrets(found.strip())[:200]}",
        expected="rows that come to their end",
        fix="look at where the table lies (its files, its database, the connection), then audit again",
    )


def _no_room(who: str, what: str) -> InputError:
    return InputError(
        who,
        found=f"{what} ran out of memory or of disk to spill to",
        expected="room for the counts",
        fix="raise engine.memory_limit, or point engine.temp_directory at a larger disk",
    )
