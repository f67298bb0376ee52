"""What a table's columns look like, counted where it lies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from glob import has_magic
from typing import TYPE_CHECKING, Any

from dq_pipeline.proposal import hints
from dq_pipeline.tables import PLACE, engine_errors, text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROWS = 1_000_000
"""Rows looked at: more tell no more of what a column is."""
FEW = 60
"""Values up to which a column's values are listed."""
SEPARATORS = ("|", ";")
OTHER_TIME = (
    r"^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}([ T,].*)?$|^[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}([ T,].*)?$|"
    r"^[0-9]{1,2}[ .-]+[A-Za-z]{3,9}[ .,-]+[0-9]{4}([ T,].*)?$|^[A-Za-z]{3,9} [0-9]{1,2},? +[0-9]{4}([ T,].*)?$"
)
"""Dates that a person reads and the engine does not: 31/12/2024 09:30, 31.12.2024, 12/31/24, 31 Dec 2024, December 31, 2024."""
NEARLY = 0.9
"""The share of a column's values that are dates, where it holds dates."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: Its name.
        rows: Rows looked at.
        filled: Of these, those with a value.
        distinct: Different values.
        numbers: Filled values that read as numbers.
        whole: Of these, whole ones.
        times: Filled values that read as a date or a time of one.
        length: Mean characters of a value.
        nested: Whether its values are lists or records.
        values: Its values and their rows, most first, where there are at most FEW.
        parts: Separator -> different texts between it, of those separators that occur.
        hexadecimal: Filled values that are digits in hexadecimal.
        other_time: One of its values, where nearly all are dates in another order or with the month's name; else empty.
    """

    name: str
    rows: int
    filled: int
    distinct: int
    numbers: int
    whole: int
    times: int
    length: float
    nested: bool
    values: tuple[tuple[str, int], ...] = ()
    parts: tuple[tuple[str, int], ...] = ()
    hexadecimal: int = 0
    other_time: str = ""

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its name, in lower case.

        >>> sorted(Column("Reader_idNumber", 1, 1, 1, 0, 0, 0, 1.0, False).words)
        ['id', 'number', 'reader']
        """
        return words(self.name)

    @property
    def is_unique(self) -> bool:
        """Whether each row has a value of its own."""
        return self.rows > 0 and self.filled == self.distinct == self.rows

    @property
    def is_number(self) -> bool:
        """Whether every value reads as a number."""
        return 0 < self.filled == self.numbers

    @property
    def is_whole(self) -> bool:
        """Whether every value reads as a whole number."""
        return self.is_number and self.whole == self.numbers

    @property
    def is_hexadecimal(self) -> bool:
        """Whether every value is written in hexadecimal, and so many differ that they are no words such as bad or cafe."""
        return 0 < self.filled == self.hexadecimal and self.distinct > FEW

    @property
    def is_time(self) -> bool:
        """Whether every value reads as a date."""
        return 0 < self.filled == self.times and not self.is_number


@dataclass(frozen=True)
class Profile:
    """A table and its columns.

    Attributes:
        path: The file.
        rows: Rows looked at.
        columns: The columns, in order.
        format: The format of an export and what tells it; None of a plain table.
        questions: The labelling questions of an export.
        gold: Labels of an export that are marked as ground truth.
        item: The item's column of a wide table.
        annotators: The annotators' columns of a wide table.
        seen: The rows looked at, while the engine is open.
    """

    path: Path
    rows: int
    columns: tuple[Column, ...]
    format: tuple[str, str] | None = None
    questions: tuple[str, ...] = ()
    gold: int = 0
    item: str = ""
    annotators: tuple[str, ...] = ()
    seen: Any = field(default=None, repr=False, compare=False)

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def column_words(self) -> frozenset[str]:
        """The words of all columns' names, in lower case."""
        return frozenset[str]().union(*(column.words for column in self.columns))

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the file's name, in lower case; of its folder's where it is told by a glob."""
        name = self.path.name.partition(".")[0]
        return words(f"{self.path.parent.name} {name}" if has_magic(name) else name)

    @property
    def shown(self) -> str:
        """What a message calls it: a glob says little without its folder."""
        return str(self.path) if has_magic(self.path.name) else self.path.name


def words(name: str) -> frozenset[str]:
    """The words of a name written in any case, an id's name told apart from what is behind it.

    >>> sorted(words("patientid")), sorted(words("Class_Name")), sorted(words("filename"))
    (['id', 'patient'], ['class', 'name'], ['filename'])
    """
    parts = [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)]
    return frozenset(word for part in parts for word in _split(part))


def _split(word: str) -> tuple[str, ...]:
    """A word, or the two that it is made of where a role is followed by what it is told by, as in raterid."""
    for end in ("id", "name"):
        start = word.removesuffix(end)
        if start != word and start in hints.ROLES and word not in hints.ROLES:
            return (start, end)
    return (word,)


def profile(connection: Any, path: Path, table: Any, alias: str) -> Profile:
    """Look at a table that was opened: one aggregate over all its columns, then the values of those that have few.

    Args:
        connection: The Ibis connection.
        path: The file it came from.
        table: The table as opened.
        alias: What no other table that is looked at is called.
    """
    with engine_errors(str(path)):
        seen = connection.create_table(f"dq_seen_{alias}", table.drop(PLACE).limit(ROWS), temp=True)
        aggregates: dict[str, Any] = {"rows": seen.count()}
        for place, name in enumerate(seen.columns):
            aggregates |= _aggregates(place, seen[name])
        found = seen.aggregate(**aggregates).to_pyarrow().to_pylist()[0]
        columns = [_column(seen, place, name, found) for place, name in enumerate(seen.columns)]
    return Profile(path, int(found["rows"]), tuple(columns), seen=seen)


def _aggregates(place: int, column: Any) -> dict[str, Any]:
    if column.type().is_nested():
        return {f"filled_{place}": column.count()}
    value = text(column).strip().nullif("")
    number = value.try_cast("float64")
    return {
        f"filled_{place}": value.count(),
        f"distinct_{place}": value.nunique(),
        f"numbers_{place}": number.count(),
        f"whole_{place}": (number % 1.0 == 0).sum(),
        f"times_{place}": value.try_cast("timestamp").count(),
        f"length_{place}": value.length().mean(),
        f"others_{place}": value.re_search(OTHER_TIME).sum(),
        f"other_{place}": value.re_search(OTHER_TIME).ifelse(value, None).max(),
        f"hexadecimal_{place}": value.re_search("^[0-9a-fA-F]+$").sum(),
        **{f"mark_{place}_{i}": value.contains(mark).sum() for i, mark in enumerate(SEPARATORS)},
    }


def _column(seen: Any, place: int, name: str, found: dict[str, Any]) -> Column:
    def count(what: str) -> int:
        return int(found.get(f"{what}_{place}") or 0)

    nested = f"distinct_{place}" not in found
    distinct = count("distinct")
    value = None if nested else text(seen[name]).strip().nullif("")
    values = _values(seen, value) if value is not None and distinct <= FEW else ()
    marks = [mark for i, mark in enumerate(SEPARATORS) if found.get(f"mark_{place}_{i}")]
    return Column(
        name,
        int(found["rows"]),
        count("filled"),
        distinct,
        count("numbers"),
        count("whole"),
        count("times"),
        float(found.get(f"length_{place}") or 0.0),
        nested,
        values,
        tuple((mark, _parts(seen, value, mark)) for mark in marks),
        count("hexadecimal"),
        str(found[f"other_{place}"]) if count("others") > NEARLY * count("filled") else "",
    )


def _values(seen: Any, value: Any) -> tuple[tuple[str, int], ...]:
    counted = seen.select(value=value).drop_null("value").group_by("value").agg(n=lambda table: table.count())
    rows: Sequence[dict[str, Any]] = counted.to_pyarrow().to_pylist()
    return tuple(sorted(((row["value"], row["n"]) for row in rows), key=lambda pair: (-pair[1], pair[0])))


def _parts(seen: Any, value: Any, mark: str) -> int:
    return int(seen.select(part=value.split(mark).unnest()).part.nunique().to_pyarrow().as_py())
