"""Tables of a database, read in one query through its ADBC driver: Arrow batches straight into the embedded engine."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.part import several_times
from dq_pipeline.spec.secrets import from_environment, unfit, without_secrets
from dq_pipeline.tables.copied import copy_stream
from dq_pipeline.tables.postgres import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.spec.table_ref import TableRef

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
    _refuse_unquoted(who, address)
    # A comment in its last line would take in what the driver writes around it.
    sql = ref.query.rstrip().rstrip(";") + "\n" if ref.query else f"SELECT * FROM {_quoted_path(ref.table)}"
    errors = import_module("adbc_driver_manager").Error
    try:
        with driver.connect(_uri(address)) as session, session.cursor() as cursor:
            if driver.__name__.startswith(DRIVERS["postgresql"]):
                asked = cursor.adbc_execute_schema(sql)
                _refuse_nameless(who, asked.names)
                sql = readable(asked, sql, _quoted)
            cursor.execute(sql)
            rows = cursor.fetch_record_batch()
            _refuse_nameless(who, rows.schema.names)
            return copy_stream(connection, name, rows, order)
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


def _refuse_unquoted(who: str, address: str) -> None:
    """Refuse an address whose user or password has a character that ends it early: a driver would say the rest of it.

    Raises:
        InputError: It never shows the address.
    """
    rest = address.partition("://")[2]
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user = host.rpartition("@")[0]
    late = "@" in rest[len(host) :]
    if late or unfit(user):
        raise InputError(
            who,
            found="a database address whose user or password holds an @, /, ?, #, [, % or the like as it is",
            expected="user and password in variables of their own, or such characters as their codes",
            fix="database: postgresql://${PGUSER}:${PGPASSWORD}@host/name, or write @ as %40, / as %2F, ? as %3F, # as %23, % as %25",
        )


def _refuse_nameless(who: str, names: Sequence[str]) -> None:
    """Refuse what a query gives without columns, or with one name for two.

    Raises:
        InputError: With the columns that share a name.
    """
    doubled = several_times(names)
    if doubled or not names:
        raise InputError(
            who,
            found=f"several columns called {', '.join(doubled)}"
            if doubled
            else "a query that gives no columns",
            expected="each column named once" if doubled else "one that selects rows",
            fix=f"SELECT ... AS {doubled[0]}_2" if doubled else "query: SELECT ...",
        )


def _uri(address: str) -> str:
    """The address as the driver takes it: SQLite's takes a path."""
    return re.sub(r"^(\w+)\+\w+://", r"\1://", address).removeprefix("sqlite:///")


def _quoted_path(table: str) -> str:
    """`schema.table` as SQL writes it, each part quoted unless it is already."""
    parts = re.findall(r'"(?:[^"]|"")*"|[^.]+', table)
    return ".".join(part if part.startswith('"') else _quoted(part) for part in parts)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _said(error: Any, address: str) -> str:
    """The database's first words, without secrets; what may hold a row's value is left out."""
    state = getattr(error, "sqlstate", None) or ""
    if state.startswith("22"):
        return f"a value that the query cannot convert (SQLSTATE {state})"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return without_secrets((lines or [type(error).__name__])[0], address)[:300]
