"""An export that is being read: what is asked of it, its rows on their way into the engine, and its columns there."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.duck import PLACE, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from upath import UPath

    from dq_pipeline.spec.table_ref import TableRef

JOINED = "|"
"""What stands between the labels of an annotation that has several; they are in the order of their text, once each."""
_BATCH = 10_000
_MANY = 500
"""Keys past which an export's records are no columns."""
_LONG = 400
"""Digits past which a number is left as it was written."""


@dataclass
class Export:
    """A table of `format:`.

    Attributes:
        connection: The Ibis connection to DuckDB.
        who: Who asks.
        name: The table's name in the spec.
        ref: Its reference.
        files: The files.
        roles: Role to column, of all the columns that the spec names.
        seen: Names of what the records hold, as they are met.
        questions: The labelling questions, once they are known.
    """

    connection: Any
    who: str
    name: str
    ref: TableRef
    files: Sequence[Path | UPath]
    roles: Mapping[str, str]
    seen: set[str] = field(default_factory=set)
    questions: tuple[str, ...] = ()

    @property
    def is_votes(self) -> bool:
        """Whether the annotations are asked for, and not the items they are of."""
        return self.name == "annotations"

    @property
    def separate_items(self) -> bool:
        """Whether one row an item is asked for."""
        return self.name not in {"annotations", "gold"}

    def kept(self, record: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What a record says, as texts; of an item's all, of an annotation's what the spec names."""
        self.seen.update(record)
        wanted = set(self.roles.values())
        return [
            (key, said)
            for key, value in record.items()
            if (self.separate_items or key in wanted) and (said := text_of(value)) is not None
        ]

    def load(self, part: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> str:
        """Rows into a table of the engine, a batch in memory at a time.

        Args:
            part: What the table holds.
            columns: Name -> "text", "number", "truth" or "record".
            rows: Their values; a record is a list of (key, text).

        Returns:
            The table's quoted name.
        """
        import pyarrow as pa

        kinds = {
            "text": pa.string(),
            "number": pa.int64(),
            "truth": pa.bool_(),
            "record": pa.map_(pa.string(), pa.string()),
        }
        types = [kinds[kind] for kind in columns.values()]
        table, stream = quoted(f"{part}_{self.name}"), f"stream_{part}_{self.name}"
        made = False
        for batch in _batches(rows):
            values = zip(*batch, strict=True) if batch else [()] * len(types)
            arrays = [pa.array(list(column), kind) for column, kind in zip(values, types, strict=True)]
            self.connection.con.register(stream, pa.table(arrays, names=list(columns)))
            try:
                into = f"INSERT INTO {table}" if made else f"CREATE OR REPLACE TEMP TABLE {table} AS"
                self.connection.raw_sql(f"{into} SELECT * FROM {quoted(stream)}")
            finally:
                self.connection.con.unregister(stream)
            made = True
        return table

    def keys(self, table: str, record: str) -> list[str]:
        """The keys that occur in a column of records.

        Raises:
            InputError: More of them than a table has columns.
        """
        found = self.connection.raw_sql(f"SELECT DISTINCT unnest(map_keys({record})) FROM {table}").fetchall()
        if len(found) > _MANY:
            raise InputError(
                self.who,
                found=f"{len(found):,} different keys in the records",
                expected=f"at most {_MANY:,}, each a column",
                fix="keep what is not a column (per-item ids as keys) out of the export",
            )
        return sorted(key for (key,) in found)

    def choose(self, questions: Sequence[str]) -> str | None:
        """The question whose answer is the label; None where the spec names another column, or wants no label.

        Raises:
            InputError: There are several, and the spec does not say which.
        """
        self.questions = tuple(questions)
        column = self.roles.get("label")
        if column is None or column in questions or column != "label":
            return None
        if len(questions) == 1:
            return questions[0]
        if not questions:
            raise InputError(
                self.who,
                found="no annotation that counts"
                if self.is_votes
                else "no annotation marked as ground truth",
                expected="labels" if self.is_votes else "annotations starred as ground truth",
                fix="export the project once it has them",
            )
        shown = ", ".join(questions[:20])
        raise InputError(
            self.who,
            found=f"{len(questions)} labelling questions: {shown}",
            expected="the one to audit",
            fix=f"write `label: {questions[0]}`, or another of them",
        )

    def finish(self, query: str, columns: Mapping[str, str]) -> Any:
        """The table in its final columns, those that the spec names among them.

        Args:
            query: What follows FROM.
            columns: Name -> expression, the first to take a name has it; PLACE among them.

        Raises:
            InputError: A column that the spec names and the export has not.
        """
        for role, column in self.roles.items():
            if column not in columns and column != PLACE:
                there = [name for name in [*columns, *sorted(self.seen)] if name != PLACE]
                raise InputError(
                    self.who,
                    found=f"an export with {', '.join(dict.fromkeys(there[:30]))}",
                    expected=f"{column!r} for {role}",
                    fix=f"name what holds the {role}",
                )
        table = quoted(f"copied_{self.name}")
        chosen: dict[str, str] = {}
        for name, expression in columns.items():
            taken = {other.lower() for other in chosen}
            unique = next(
                n for n in (name, *(f"{name}_{k}" for k in range(2, _MANY))) if n.lower() not in taken
            )
            chosen[unique] = expression
        selected = ", ".join(f"{expression} AS {quoted(name)}" for name, expression in chosen.items())
        self.connection.raw_sql(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {selected} FROM {query}")
        return self.connection.sql(f"SELECT * FROM {table}")


def of_record(record: str, keys: Iterable[str]) -> dict[str, str]:
    """Columns of a record's keys."""
    return {key: f"{record}[{literal(key)}]" for key in keys}


def text_of(value: Any) -> str | None:
    """A value of JSON as text: whole numbers of any size without a point, truths as `true` and `false`.

    >>> [text_of(one) for one in (92233720368547758099, Decimal("4.0"), True, None, ["a"])]
    ['92233720368547758099', '4', 'true', None, '["a"]']
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        short = abs(value.adjusted()) < _LONG
        return str(int(value)) if short and value == value.to_integral_value() else str(value)
    return json.dumps(value, default=str, ensure_ascii=False)


def joined(labels: Iterable[str]) -> str | None:
    """The labels of one annotation as one text; None without any."""
    return JOINED.join(sorted(set(labels))) or None


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    """At least one, if an empty one."""
    left = iter(rows)
    batch = list(islice(left, _BATCH))
    yield batch
    while batch := list(islice(left, _BATCH)):
        yield batch
