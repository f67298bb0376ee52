"""The tables of a spec, opened on its engine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.duck import ROW, connect, engine_errors, open_files
from dq_pipeline.tables.files import find_files, fingerprint
from dq_pipeline.tables.predicate import check_predicate
from dq_pipeline.tables.roles import check_columns, with_roles

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from dq_pipeline.spec.model import Spec
    from dq_pipeline.spec.roles import TableRef

TABLES = ("items", "annotations", "gold", "production")


@dataclass(frozen=True)
class Table:
    """One table: `expr` holds the role columns and `row`, `raw` all columns as they are, and `row`."""

    name: str
    expr: Any
    raw: Any
    files: tuple[Path, ...]
    roles: dict[str, str]

    @cached_property
    def data_version(self) -> str:
        """The fingerprint of the content."""
        return fingerprint(list(self.files))

    @cached_property
    def rows(self) -> int:
        """How many rows there are."""
        with engine_errors(self.name):
            return int(self.expr.count().execute())


class Tables:
    """The tables of one spec on one connection; close it, or use it in a `with` statement.

    Args:
        spec: What to open.
        only: The names of the tables to open; all that the spec names unless said.

    Raises:
        InputError: A file or column that is not there or cannot be read.
    """

    def __init__(self, spec: Spec, only: tuple[str, ...] = TABLES) -> None:
        self.spec = spec
        self.connection, self._spill = connect(spec.engine)
        self._tables: dict[str, Table] = {}
        try:
            for name in only:
                ref = getattr(spec, name)
                if ref is not None:
                    self._tables[name] = self._open(name, ref)
        except BaseException:
            self.close()
            raise

    def _open(self, name: str, ref: TableRef) -> Table:
        roles = _roles(self.spec, name)
        who = f"{self.spec.dataset}, {name}: {ref.table}"
        files = find_files(who, ref.table, self.spec.base)
        raw = open_files(self.connection, who, name, files, set(roles.values()), ref.delimiter)
        check_columns(who, raw, roles)
        if name == "items":
            for case in self.spec.edge_cases:
                asks = f"{self.spec.dataset}, edge_cases.{case.name}.where"
                check_predicate(asks, raw, case.predicate, (ROW,), roles)
        return Table(name, with_roles(raw, roles), raw, tuple(files), roles)

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def __contains__(self, name: str) -> bool:
        return name in self._tables

    def __iter__(self) -> Any:
        return iter(self._tables.values())

    @property
    def data_version(self) -> str:
        """The fingerprint of all the tables together."""
        parts = "".join(f"{table.name}={table.data_version};" for table in self)
        return hashlib.blake2b(parts.encode(), digest_size=16).hexdigest()

    @cached_property
    def votes(self) -> Any:
        """The annotations that count: labelled, by a named annotator, each annotator once an item (first or last).

        Columns `item`, `annotator`, `label`.
        """
        table = self["annotations"].expr
        kept = table.drop_null(["item", "annotator", "label"])
        last = self.spec.annotations is not None and self.spec.annotations.repeats == "last"
        label = kept.label.argmax(kept.row) if last else kept.label.argmin(kept.row)
        return kept.group_by("item", "annotator").agg(label=label)

    def close(self) -> None:
        """Close the connection and remove what it spilled."""
        self.connection.disconnect()
        self._spill.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _roles(spec: Spec, name: str) -> dict[str, str]:
    if name == "production":
        production = spec.production
        conditions = spec.items.conditions if spec.items else ()
        if production is None or not conditions:
            raise InputError(
                f"{spec.dataset}, production",
                found="no items.conditions",
                expected="conditions to compare",
                fix="name items.conditions",
            )
        named = {"label": production.label, "time": production.time}
        return {role: column for role, column in named.items() if column} | {
            c.name: c.column for c in conditions
        }
    return dict(getattr(spec, name).roles())
