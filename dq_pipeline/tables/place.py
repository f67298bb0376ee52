"""Where a table lies, and how it is brought before the embedded engine from there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq_pipeline.tables.copied import content_version
from dq_pipeline.tables.database import open_database
from dq_pipeline.tables.duck_files import open_files
from dq_pipeline.tables.engine import engine_errors, on_spark
from dq_pipeline.tables.files import find_files, fingerprint, kind_of, names_apart, states_of
from dq_pipeline.tables.formats import Export, open_format
from dq_pipeline.tables.lake import is_delta, is_iceberg, open_delta, open_iceberg
from dq_pipeline.tables.remote import is_address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from upath import UPath

    from dq_pipeline.spec.table_ref import TableRef

ORDER = ("time", "item", "annotator", "label")
"""Roles by which rows are numbered where a table has no order of its own: first and last are told by it."""


@dataclass(frozen=True)
class Opened:
    """A table before the engine.

    Attributes:
        raw: All its columns as they are, and each row's place.
        version: Gives the fingerprint of its content.
        lies_at: Where it lies, without secrets.
        states: Gives what tells without reading them that its files may have changed; None of what is copied.
        state: What that was before anything was read.
        files: The local Parquet files that it is read from in place; none of a table that lies otherwise.
        names: What several Parquet files are called, in whose places a row's place counts; none of any other table.
    """

    raw: Any
    version: Callable[[], str]
    lies_at: str
    states: Callable[[], Any] = lambda: None
    state: Any = None
    files: tuple[Path, ...] = ()
    names: tuple[str, ...] = ()


def open_table(
    connection: Any, who: str, name: str, ref: TableRef, base: Path, roles: Mapping[str, str]
) -> Opened:
    """Bring a table before the engine: files are read in place, exports and all else are copied in one stream.

    Raises:
        InputError: It is not there or cannot be read.
    """
    order = [roles[role] for role in ORDER if role in roles]
    if on_spark(connection):
        from dq_pipeline.tables.spark_files import open_on_spark, spark_version

        raw, lies_at, names = open_on_spark(connection, who, name, ref, base, order, set(roles.values()))
        return Opened(raw, partial(spark_version, raw), lies_at, names=names)
    if ref.database:
        with engine_errors(who):
            raw = open_database(connection, who, name, ref, order)
        return Opened(raw, partial(content_version, connection, name), f"{ref.database} {ref.named}")
    local = base / ref.table
    if not is_address(ref.table) and is_delta(local):
        with engine_errors(who):
            raw, version = open_delta(connection, who, name, local, order)
        return Opened(raw, lambda: version, str(local))
    if is_iceberg(ref):
        path = ref.table if is_address(ref.table) else str(local)
        with engine_errors(who):
            raw, version = open_iceberg(connection, who, name, ref, path, order)
        return Opened(raw, lambda: version, " ".join(part for part in (ref.catalog, ref.table) if part))
    files = find_files(who, ref.table, base)
    if ref.format:
        state = states_of(files)
        with engine_errors(who):
            raw = open_format(Export(connection, who, name, ref, files, roles))
        return Opened(raw, partial(fingerprint, files), _named(files), partial(states_of, files), state)
    return opened_files(connection, who, name, files, set(roles.values()), ref.delimiter)


def opened_files(
    connection: Any,
    who: str,
    name: str,
    files: Sequence[Path | UPath],
    wanted: set[str],
    delimiter: str | None,
) -> Opened:
    """Files read in place.

    Raises:
        InputError: A file that cannot be read.
    """
    if on_spark(connection):
        from dq_pipeline.tables.spark_files import open_spark_files, spark_version

        local = [Path(str(file)) for file in files]
        raw, names = open_spark_files(connection, who, name, local, wanted, delimiter)
        return Opened(raw, partial(spark_version, raw), _named(files), names=names)
    state = states_of(files)
    raw = open_files(connection, who, name, files, wanted, delimiter)
    own = tuple(file for file in files if isinstance(file, Path))
    parquet = kind_of(who, files[0]) == "parquet"
    in_place = own if len(own) == len(files) and parquet else ()
    names = names_apart(files) if parquet and len(files) > 1 else ()
    return Opened(
        raw, partial(fingerprint, files), _named(files), partial(states_of, files), state, in_place, names
    )


def _named(files: Sequence[Path | UPath]) -> str:
    more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
    return f"{files[0]}{more}"


def are_files(ref: TableRef, base: Path) -> bool:
    """Whether a table is read from files in place, whose fingerprint needs no engine."""
    copied = ref.database or is_iceberg(ref) or (not is_address(ref.table) and is_delta(base / ref.table))
    return not copied
