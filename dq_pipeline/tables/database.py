"""Tables of a database, read in one query through its ADBC driver: Arrow batches straight into the embedded engine."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.secrets import from_environment, without_secrets
from dq_pipeline.tables.copied import copy_stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.spec.roles import TableRef

DRIVERS = {
    "postgresql": "adbc_driver_postgresql",
    "postgres": "adbc_driver_postgresql",
    "sqlite": "adbc_driver_sqlite",
    "snowflake": "adbc_driver_snowflake",
}
"""Scheme of an address to the package that reads it."""


def open_database(connection: Any, who: str, name: str, ref: TableRef, order: Sequence[str]) -> Any:
    """Copy a table, or what a query gives, into the embedded engine.

    Raises:
        InputError: No driver for the address, no connection, or a query that the database refuses. It never shows the
            user, the password or a value of a row.
    """
    address = from_environment(ref.database or "", who)
    driver = _driver(who, address)
    sql = ref.query.rstrip().rstrip(";") if ref.query else f"SELECT * FROM {_quoted_path(ref.table)}"
    errors = import_module("adbc_driver_manager").Error
    try:
        with driver.connect(_uri(address)) as session, session.cursor() as cursor:
            cursor.execute(sql)
            return copy_stream(connection, name, cursor.fetch_record_batch(), order)
    except errors as error:
        raise InputError(
            who,
            found=_said(error, address),
            expected="a table that the database lets one read",
            fix="look at `database`, `table` and the rights of its user",
        ) from None


def _driver(who: str, address: str) -> Any:
    scheme = address.partition(":")[0].partition("+")[0].lower()
    if "://" not in address or scheme not in DRIVERS:
        raise InputError(
            who,
            found=f"a database address that starts with {scheme!r}"
            if "://" in address
            else "no address of a database",
            expected=f"one of {', '.join(f'{known}://' for known in DRIVERS)}",
            fix="database: postgresql://${PGUSER}:${PGPASSWORD}@host/name",
        )
    try:
        return import_module(f"{DRIVERS[scheme]}.dbapi")
    except ImportError as error:
        package = DRIVERS[scheme].replace("_", "-")
        raise InputError(
            who,
            found=f"no package {package}",
            expected=f"it, to read {scheme}://",
            fix=f"pip install {package}",
        ) from error


def _uri(address: str) -> str:
    """The address as the driver takes it: SQLite's takes a path."""
    return re.sub(r"^(\w+)\+\w+://", r"\1://", address).removeprefix("sqlite:///")


def _quoted_path(table: str) -> str:
    """`schema.table` as SQL writes it, each part quoted unless it is already."""
    parts = re.findall(r'"(?:[^"]|"")*"|[^.]+', table)
    return ".".join(part if part.startswith('"') else '"' + part.replace('"', '""') + '"' for part in parts)


def _said(error: Any, address: str) -> str:
    """The database's first words, without secrets; what may hold a row's value is left out."""
    state = getattr(error, "sqlstate", None) or ""
    if state.startswith("22"):
        return f"a value that the query cannot convert (SQLSTATE {state})"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return without_secrets((lines or [type(error).__name__])[0], address)[:300]
