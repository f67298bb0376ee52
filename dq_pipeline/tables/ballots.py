"""All votes as small numbers, item by item, in files of the engine's scratch folder: read from the table once.

An item's votes together are its ballot. DuckDB sorts the votes by 96 bits of two hashes of the item's id, which costs what
one grouping by item does, spills what memory does not hold, and needs no table of ids: of a billion items two would share
these bits once in 10^11 tables. Whatever is counted item by item then goes over the ballots in blocks.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.tables.builtin import hashed
from dq_pipeline.tables.columns import Column, Files
from dq_pipeline.tables.duck import literal, quoted
from dq_pipeline.tables.votes import labelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

AT_ONCE = 1 << 18
"""Votes that the engine hands over at a time."""
LOOKED_UP = 64
"""Values up to which a place is looked up in a list; more are an enum of the engine's."""
LOOKED_UP_IN_PARQUET = 256
"""The same of Parquet, where a value is looked up once for each of a file's dictionary and not once a row."""
ITEMS = 1 << 18
"""Items of a block."""
HIGH, LOW = "key|high", "key|low"
"""The columns of a key, named as no condition of a user's is."""
MOST_VOTES = 1 << 22
"""Votes of a block, but for an item that has more."""
KEY = np.dtype([("high", np.uint64), ("low", np.uint32)])
"""What an item's id is told by."""


@dataclass(frozen=True)
class Block:
    """Whole items of a table, one after the other.

    Attributes:
        first: The place of the first of them among all items.
        sizes: int64 [B], votes of each; an item has one at least.
        codes: int64 [V], annotator x K + label of each vote, an item's by annotator and then by label.
    """

    first: int
    sizes: Ints
    codes: Ints

    @property
    def starts(self) -> Ints:
        """int64 [B], where each item's votes begin."""
        return np.cumsum(self.sizes) - self.sizes


@dataclass(frozen=True)
class Ballots:
    """The N items with a vote, in the order of their keys, and their M votes.

    Attributes:
        annotators: The A annotators that they have, sorted.
        labels: The K labels that annotations have, sorted.
        items: N.
        votes: M, of an annotator's several on one item each.
        extra: Votes beyond one of each annotator and item, which do not count where each counts once.
        most: The most votes that an item has.
        repeated: int64 [A], items that an annotator labelled more than once.
        same: int64 [A], those of them to which he or she gave one label throughout.
    """

    annotators: tuple[str, ...]
    labels: tuple[str, ...]
    items: int
    votes: int
    extra: int
    most: int
    repeated: Ints
    same: Ints
    _files: Files

    def blocks(self, *, once: bool = True) -> Iterator[Block]:
        """The items, at most ITEMS of them and MOST_VOTES votes at a time.

        Args:
            once: Whether of an annotator's several votes on one item one counts, the first or the last as the spec says.
        """
        first = at = 0
        while first < self.items:
            sizes = self._files.column("sizes")[first : first + ITEMS].astype(np.int64)
            sizes = sizes[: max(int(np.searchsorted(np.cumsum(sizes), MOST_VOTES, "right")), 1)]
            items, votes = len(sizes), int(sizes.sum())
            codes = self._files.column("codes")[at : at + votes]
            if once and self.extra:
                stands = self._files.column("stands")[at : at + votes]
                starts = np.cumsum(sizes) - sizes
                sizes, codes = np.add.reduceat(stands.astype(np.int64), starts), codes[stands]
            yield Block(first, sizes, codes.astype(np.int64))
            first, at = first + items, at + votes

    @property
    def keys(self) -> Column:
        """The keys of the items, of the type KEY, rising."""
        return self._files.column("keys")

    @property
    def rows(self) -> Column:
        """The place in annotations of a vote of each item, int64."""
        return self._files.column("rows")

    def find(self, high: NDArray[np.uint64], low: NDArray[np.uint32]) -> Ints:
        """The place among the items of each key, int64, -1 where nobody voted; the keys sorted."""
        found = np.full(len(high), -1, np.int64)
        for first in range(0, self.items, ITEMS):
            own = self.keys[first : first + ITEMS]
            bounds = (
                np.searchsorted(high, own["high"][0], "left"),
                np.searchsorted(high, own["high"][-1], "right"),
            )
            some = slice(*bounds)
            at = np.searchsorted(own["high"], high[some])
            while True:
                inside = at < len(own)
                place = np.where(inside, at, 0)
                same = inside & (own["high"][place] == high[some])
                hit = same & (own["low"][place] == low[some])
                found[some][hit] = first + at[hit]
                if not (same & ~hit).any():
                    break
                at += same & ~hit
        return found

    @property
    def dropped(self) -> Ints:
        """The places in annotations of the votes that do not count where each annotator counts once."""
        return self._files.column("dropped")[:]


def key_columns(item: Any) -> dict[str, Any]:
    """An item's key on DuckDB, HIGH and LOW, of the expression of its id; another start makes another hash."""
    import ibis

    again = hashed(ibis.literal("x") + item) & ibis.literal(0xFFFFFFFF, "uint64")
    return {HIGH: hashed(item), LOW: again.cast("uint32")}


def read_ballots(connection: Any, annotations: Any, folder: Path, *, last: bool) -> Ballots:
    """Read all votes and write them to files.

    Args:
        connection: DuckDB's.
        annotations: `item`, `annotator`, `label` and `row`; those without an item, annotator or label are no votes.
        folder: Where the files go.
        last: Whether of an annotator's several votes on one item the last stands, and not the first.
    """
    given = connection.compile(annotations.select("annotator", "label"))
    annotators, annotator = numbered(connection, "annotator", given)
    labels, label = numbered(connection, "label", given)
    votes = labelled(annotations)
    sql = connection.compile(votes.select("annotator", "label", "row", **key_columns(votes.item)))
    most_code = max(len(annotators) * len(labels), 1)
    kinds = {"sizes": np.uint32, "codes": np.min_scalar_type(most_code), "stands": np.bool_, "keys": KEY}
    files = Files(folder, kinds | {"rows": np.int64, "dropped": np.int64})
    writer = _Writer(files, len(annotators), len(labels), last=last)
    if annotators and labels:
        kind = "UINTEGER" if most_code < 1 << 32 else "UBIGINT"
        code = f"({annotator} * {len(labels)} + {label})::{kind} AS code"
        encoded = f'SELECT "{HIGH}" AS high, "{LOW}" AS low, {code}, row FROM ({sql})'
        sorted_ = connection.raw_sql(f"SELECT * FROM ({encoded}) ORDER BY high, low, code, row")
        for batch in sorted_.to_arrow_reader(AT_ONCE):
            writer.add(*(np.from_dlpack(column) for column in batch.columns))
    writer.end()
    return Ballots(
        annotators,
        labels,
        writer.items,
        writer.votes,
        int(writer.extra),
        writer.most,
        writer.repeated,
        writer.same,
        files,
    )


def numbered(connection: Any, column: str, sql: str) -> tuple[tuple[str, ...], str]:
    """The values of a column of texts, sorted, and the SQL of their places as a BIGINT; null of null."""
    seen = connection.raw_sql(f"SELECT DISTINCT {quoted(column)} FROM ({sql})").fetchall()
    values = tuple(sorted(value for (value,) in seen if value is not None))
    return values, place_among(connection, column, values, sql)


def place_among(connection: Any, column: str, values: Sequence[str], sql: str) -> str:
    """The SQL of the place of a text among these, a BIGINT.

    Args:
        connection: DuckDB's.
        column: The column of texts.
        values: Its values, in place.
        sql: What it is a column of.
    """
    looked_up = LOOKED_UP_IN_PARQUET if "READ_PARQUET(" in sql.upper() else LOOKED_UP
    listed = ", ".join(literal(value) for value in values)
    # An enum's values are plain texts, and DuckDB's SQL ends at a NUL.
    if len(values) <= looked_up or any("\0" in value for value in values):
        places = ", ".join(map(str, range(len(values))))
        return f"map_extract_value(map([{listed}]::VARCHAR[], [{places}]::BIGINT[]), {quoted(column)})"
    kind = quoted(f"dq_{uuid.uuid4().hex}")
    connection.raw_sql(f"CREATE TEMP TYPE {kind} AS ENUM ({listed})")
    return f"enum_code({quoted(column)}::{kind})::BIGINT"


class _Writer:
    """Takes sorted votes, cuts them into items, and finds the repeats."""

    def __init__(self, files: Files, annotators: int, labels: int, *, last: bool) -> None:
        self._files, self._labels, self._last = files, labels, last
        self._annotators = annotators
        self._rest: tuple[NDArray[Any], ...] | None = None
        self.items = self.votes = self.extra = self.most = 0
        self.repeated, self.same = np.zeros(annotators, np.int64), np.zeros(annotators, np.int64)

    def add(self, *columns: NDArray[Any]) -> None:
        """Take votes: high, low, code and row of each."""
        if self._rest is not None:
            columns = tuple(np.concatenate(both) for both in zip(self._rest, columns, strict=True))
        high, low, _, _ = columns
        starts = np.flatnonzero(_differs(high) | _differs(low))
        if not len(starts):
            return
        # The last item may go on in what comes next.
        self._rest = tuple(column[starts[-1] :] for column in columns)
        self._write(starts, *(column[: starts[-1]] for column in columns))

    def end(self) -> None:
        """Take no more."""
        if self._rest is not None:
            self._write(np.array([0, len(self._rest[0])]), *self._rest)
        self._files.close()

    def _write(
        self, bounds: Ints, high: NDArray[Any], low: NDArray[Any], code: NDArray[Any], row: Ints
    ) -> None:
        starts = bounds[:-1]
        if not len(starts):
            return
        sizes = np.diff(bounds)
        keys = np.empty(len(starts), KEY)
        keys["high"], keys["low"] = high[starts], low[starts]
        self._files.write(sizes=sizes, codes=code, keys=keys, rows=row[starts])
        stands = self._stands(starts, code, row)
        self._files.write(stands=stands, dropped=row[~stands])
        self.items, self.votes = self.items + len(sizes), self.votes + len(code)
        self.most = max(self.most, int(sizes.max()))

    def _stands(self, starts: Ints, code: NDArray[Any], row: Ints) -> Bools:
        """Which votes stand, the repeats counted."""
        annotator = code // self._labels
        new = _differs(annotator)
        new[starts] = True
        if new.all():
            return new
        # Of the runs of one annotator's votes on one item, those of several votes.
        more = ~new
        within = np.flatnonzero(more | np.append(more[1:], False))
        runs = np.flatnonzero(new[within])
        ends = np.append(runs[1:], len(within)) - 1
        chosen = (np.maximum if self._last else np.minimum).reduceat(row[within], runs)
        who = annotator[within[runs]].astype(np.int64)
        alike = code[within[runs]] == code[within[ends]]
        self.repeated += np.bincount(who, minlength=self._annotators)
        self.same += np.bincount(who[alike], minlength=self._annotators)
        self.extra += int(more.sum())
        stands = new
        stands[within] = row[within] == np.repeat(chosen, ends - runs + 1)
        return stands


def _differs(values: NDArray[Any]) -> Bools:
    """Which values are other than the one before; the first is."""
    return np.concatenate([[True], values[1:] != values[:-1]]) if len(values) else np.zeros(0, bool)
