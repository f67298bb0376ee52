"""Delta Lake and Iceberg tables, read by their own libraries at one version."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.secrets import without_secrets
from dq_pipeline.tables.copied import copy_stream

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dq_pipeline.spec.table_ref import TableRef


METADATA = ".metadata.json"
"""How the names of the metadata files of Iceberg tables end."""


def is_delta(path: Path) -> bool:
    """Whether a folder is a Delta table."""
    return (path / "_delta_log").is_dir()


def is_iceberg(ref: TableRef) -> bool:
    """Whether a reference names an Iceberg table: by its catalog, or by its metadata file."""
    return ref.catalog is not None or ref.table.endswith(METADATA)


def open_delta(connection: Any, who: str, name: str, path: Path, order: Sequence[str]) -> tuple[Any, str]:
    """The newest version of a Delta table, and its data version.

    Raises:
        InputError: The package is missing, or the table uses what it cannot read.
    """
    try:
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError
    except ImportError as error:
        raise _no_package(who, "deltalake", "a Delta table") from error
    try:
        table = DeltaTable(str(path))
        reader = table.to_pyarrow_dataset().scanner().to_reader()
        version = f"{table.metadata().id}@{table.version()}"
    except (DeltaError, OSError) as error:
        raise _unreadable(who, error) from error
    return copy_stream(connection, name, reader, order), _digest(version)


def open_iceberg(
    connection: Any, who: str, name: str, ref: TableRef, path: str, order: Sequence[str]
) -> tuple[Any, str]:
    """The current snapshot of an Iceberg table, and its data version.

    Args:
        connection: The Ibis connection to DuckDB.
        who: Who asks.
        name: What to call the table.
        ref: The reference.
        path: Address of the metadata file, where no catalog is named.
        order: Columns that the rows are numbered by.

    Raises:
        InputError: The package is missing, no such table, or it has no rows yet.
    """
    try:
        from pyiceberg.catalog import load_catalog
        from pyiceberg.table import StaticTable
    except ImportError as error:
        raise _no_package(who, "pyiceberg", "an Iceberg table") from error
    try:
        table = (
            load_catalog(ref.catalog).load_table(ref.table)
            if ref.catalog
            else StaticTable.from_metadata(path)
        )
        snapshot = table.current_snapshot()
        reader = table.scan().to_arrow_batch_reader()
    except Exception as error:  # any catalog's client raises its own
        raise _unreadable(who, error) from error
    version = f"{table.metadata.table_uuid}@{snapshot.snapshot_id if snapshot else 0}"
    return copy_stream(connection, name, reader, order), _digest(version)


def _digest(version: str) -> str:
    return hashlib.blake2b(version.encode(), digest_size=16).hexdigest()


def _no_package(who: str, package: str, what: str) -> InputError:
    return InputError(
        who,
        found=f"no package {package}",
        expected=f"it, to read {what}",
        fix=f"pip install 'dq_pipeline[lake]' ({package})",
    )


def _unreadable(who: str, error: Exception) -> InputError:
    said = without_secrets((str(error).splitlines() or [type(error).__name__])[0])[:200]
    return InputError(
        who, found=said, expected="a table that can be read", fix="look at `table` and `catalog`"
    )
