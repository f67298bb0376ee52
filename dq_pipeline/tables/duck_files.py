"""Files as tables of the embedded engine, each row with its place: Parquet read where it lies, CSV parsed once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.duck import FILE_BITS, PLACE, in_order, literal, quoted
from dq_pipeline.tables.duck_errors import duck_errors
from dq_pipeline.tables.files import csv_dialect, kind_of, refuse_twice
from dq_pipeline.tables.hive import hive_keys, refuse_hidden
from dq_pipeline.tables.remote import let_read

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from upath import UPath

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
    paths = _listed(files)
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
            refuse_parquet(connection, who, files, wanted)
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
        refuse_hidden(connection, who, files, wanted, lambda more: read_csv(files, mark, header, more))
        with in_order(connection):
            connection.raw_sql(
                f"CREATE TEMP TABLE {quoted('csv_' + name)} AS SELECT * FROM {read_csv(files, mark, header)}"
            )
        return connection.sql(f"SELECT rowid AS {PLACE}, * FROM {quoted('csv_' + name)}")


def refuse_parquet(connection: Any, who: str, files: Sequence[Path | UPath], wanted: Collection[str]) -> None:
    """Refuse Parquet files that one table cannot be made of without losing something.

    Args:
        connection: DuckDB's.
        who: Who asked.
        files: All its files.
        wanted: The columns that are asked for.

    Raises:
        InputError: A column is called as one of the engine's own, twice there, of two kinds, or hidden by a folder.
    """
    refuse_names(who, connection.sql(f"SELECT * FROM {read_parquet(files)}").columns, _TAKEN)
    own = {column.lower() for column in wanted}
    named = [name for name in _columns_of_parquet(connection, files[0]) if name.lower() in own]
    refuse_twice(who, files[0], named)
    _refuse_other_kinds(connection, who, files, wanted)
    refuse_hidden(
        connection, who, files, named, lambda more: read_parquet(files, f"union_by_name = true, {more}")
    )


def read_parquet(files: Sequence[Path | UPath], more: str = "") -> str:
    """The SQL that reads Parquet files, with further options."""
    return f"read_parquet({_listed(files)}{more and ', '}{more})"


def read_csv(files: Sequence[Path | UPath], mark: str, header: Sequence[str], more: str = "") -> str:
    """The SQL that reads CSV files as text, with further options."""
    columns = "{" + ", ".join(f"{literal(column)}: 'VARCHAR'" for column in header) + "}"
    how = f"columns = {columns}, auto_detect = false, header = true, delim = {literal(mark)}, quote = '\"', escape = '\"'"
    return f"read_csv({_listed(files)}, {how}{more and ', '}{more})"


def _listed(files: Sequence[Path | UPath]) -> str:
    return "[" + ", ".join(literal(str(file)) for file in files) + "]"


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
    paths = _listed(files)
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
    paths = _listed([files[place] for place in places])
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
