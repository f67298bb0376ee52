"""Folders such as `day=2026-01-01` that make a column: where files have that column too, the engine reads the folder's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.duck import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from upath import UPath

NOTHING = "__HIVE_DEFAULT_PARTITION__"
"""What the folder of rows without a value is called."""


def hive_keys(files: Sequence[Path | UPath]) -> tuple[str, ...]:
    """The names of columns that folders such as `day=2026-01-01` make: those that the paths of all files have alike."""
    told = {
        tuple(part.partition("=")[0] for part in file.parent.parts if re.fullmatch("[^=]+=[^=]*", part))
        for file in files
    }
    return next(iter(told)) if len(told) == 1 else ()


def refuse_hidden(
    connection: Any,
    who: str,
    files: Sequence[Path | UPath],
    wanted: Collection[str],
    read: Callable[[str], str],
) -> None:
    """Refuse files whose folder says another value of a column than their rows do: theirs would be lost.

    Args:
        connection: DuckDB's.
        who: Who asked.
        files: All its files.
        wanted: The columns to look at.
        read: Gives the SQL that reads all files, from further options of it.

    Raises:
        InputError: There is one.
    """
    keys = [key for key in hive_keys(files) if key in wanted]
    if not keys:
        return
    own = read("hive_partitioning = false, filename = 'dq_file'")
    described = connection.raw_sql(f"DESCRIBE SELECT * FROM {own}").fetchall()
    kinds = {column: kind for column, kind, *_ in described}
    for key in (key for key in keys if key in kinds):
        told = ", ".join(f"({literal(str(file))}, {_folder(file, key)})" for file in files)
        there = quoted(key)
        found = connection.raw_sql(
            f"SELECT dq_file, folder, min(own::VARCHAR) FROM (SELECT dq_file, {there} AS own FROM {own}) "
            f"JOIN (VALUES {told}) AS folders(dq_file, folder) USING (dq_file) "
            f"WHERE own IS NOT NULL AND own IS DISTINCT FROM TRY_CAST(folder AS {kinds[key]}) GROUP BY ALL ORDER BY ALL LIMIT 1"
        ).fetchone()
        if found is not None:
            raise InputError(
                who,
                found=f"{found[0]}: the folder says {key}={found[1]}, and the file's own column {key!r} holds {found[2]!r}",
                expected="one value of a column: the folder's would hide the file's",
                fix=f"call the folders otherwise than {key}=..., or take the column out of the files",
            )


def columns_of_folders(
    connection: Any, files: Sequence[Path], read: str
) -> dict[str, tuple[str, list[str | None]]]:
    """The columns that folders make: the type that DuckDB gives each, and what the folders of each file say.

    Args:
        connection: DuckDB's.
        files: All the files.
        read: The SQL that reads them.
    """
    keys = hive_keys(files)
    described = connection.raw_sql(f"DESCRIBE SELECT * FROM {read}").fetchall() if keys else []
    kinds = {column: kind for column, kind, *_ in described}
    return {key: (kinds[key], [_said(file, key) for file in files]) for key in keys}


def _folder(file: Path | UPath, key: str) -> str:
    """What a file's folders say of a column, as SQL writes it."""
    value = _said(file, key)
    return "NULL" if value is None else literal(value)


def _said(file: Path | UPath, key: str) -> str | None:
    """What a file's folders say of a column; of several the last."""
    parts = [part for part in file.parent.parts if part.startswith(f"{key}=")]
    value = unquote(parts[-1].partition("=")[2])
    return None if value == NOTHING else value
