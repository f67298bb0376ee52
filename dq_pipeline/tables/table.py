"""One table of a spec, opened, and what names its content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.duck import FILE_BITS
from dq_pipeline.tables.engine import engine_errors
from dq_pipeline.tables.files import file_version, version_of_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from dq_pipeline.tables.place import Opened

TABLES = ("items", "annotations", "gold", "production", "calibration")


@dataclass(frozen=True)
class Table:
    """One table: `expr` holds the role columns and `row`, `raw` all columns as they are, and PLACE.

    Items have a role `split` whether or not a column of theirs plays it.
    """

    name: str
    expr: Any
    opened: Opened
    roles: dict[str, str]
    version_of: Callable[[Path], str] = file_version

    def hold(self) -> None:
        """Refuse files that changed since they were opened: what was counted would be half old, half new.

        Raises:
            InputError: Their content is another.
        """
        try:
            same = self.opened.states() == self.opened.state or self.opened.version() == self.data_version
        except OSError as error:
            raise self._changed() from error
        if not same:
            raise self._changed()

    def _changed(self) -> InputError:
        return InputError(
            f"{self.name}: {self.opened.lies_at}",
            found="a file that changed while it was counted",
            expected="the same content from the first read to the last",
            fix="run it again when nothing writes to the file",
        )

    @property
    def raw(self) -> Any:
        """All columns as they are."""
        return self.opened.raw

    @cached_property
    def file_versions(self) -> tuple[str, ...]:
        """The fingerprint of each of the files that it is read from in place."""
        return tuple(self.version_of(file) for file in self.opened.files)

    @cached_property
    def data_version(self) -> str:
        """The fingerprint of the content."""
        with engine_errors(self.name):
            files = self.opened.files
            version = version_of_files(self.file_versions) if files else self.opened.version()
        if self.opened.states() != self.opened.state:
            raise self._changed()
        return version

    def told_place(self, place: int) -> str:
        """A row's place in words: its number from 0, behind the file's name where there are several Parquet files."""
        if not self.opened.names:
            return str(place)
        return f"{self.opened.names[place >> FILE_BITS]}:{place % (1 << FILE_BITS)}"

    def told_places(self, place: Any) -> Any:
        """The same of a column of places, numbers or texts of them, as text."""
        import ibis

        if not self.opened.names:
            return place.cast("string")
        place = place.cast("int64")
        within = (place % (1 << FILE_BITS)).cast("string")
        file = (place // (1 << FILE_BITS)).cast("int32")
        return ibis.array(list(self.opened.names))[file] + ":" + within

    @cached_property
    def rows(self) -> int:
        """How many rows there are."""
        with engine_errors(self.name):
            return int(self.expr.count().execute())


def version_of_all(versions: Mapping[str, str]) -> str:
    """The data version of a dataset, 32 hexadecimal digits, from the fingerprint of each table that its spec names.

    Args:
        versions: By table; a training set is made from the others and does not count.
    """
    parts = "".join(f"{table}={versions[table]};" for table in TABLES if table in versions)
    return hashlib.blake2b(parts.encode(), digest_size=16).hexdigest()
