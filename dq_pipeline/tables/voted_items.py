"""The rows of the items table beside the ballots: both are sorted by the items' keys, so that they are merged a block at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.tables.ballots import AT_ONCE, HIGH, KEY, LOW, key_columns, place_among
from dq_pipeline.tables.columns import Column, Files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from dq_pipeline.tables.ballots import Ballots, Block

    Ints = NDArray[np.int64]

MOST = (1 << 16) - 1
"""Values of a dimension that has codes."""


@dataclass(frozen=True)
class Beside:
    """A block of ballots with the rows of their items: an item that the table has twice is there twice, as in a join.

    Attributes:
        ballots: int64 [E], the place of each within the block.
        found: bool [E], whether the items table has it.
        codes: Dimension -> [E], the place of its value, counted from 1; 0 where it is missing.
        as_they_are: Whether each ballot of the block is there once, in its place.
    """

    ballots: Ints
    found: NDArray[np.bool_]
    codes: Mapping[str, NDArray[np.uint16]]
    as_they_are: bool


@dataclass(frozen=True)
class VotedItems:
    """The items table, sorted by key.

    Attributes:
        values: The values of each dimension that has codes, sorted.
    """

    values: Mapping[str, tuple[str, ...]]
    _ballots: Ballots
    _high: Column
    _low: Column
    _codes: Mapping[str, Column]

    def beside(self, block: Block, dims: Sequence[str] = ()) -> Beside:
        """The rows of a block's items, with their codes of some dimensions."""
        keys = self._ballots.keys[block.first : block.first + len(block.sizes)]
        some = slice(self._high.search(keys["high"][0], "left"), self._high.search(keys["high"][-1], "right"))
        high, low, codes = self._high[some], self._low[some], {dim: self._codes[dim][some] for dim in dims}
        first, last = (
            np.searchsorted(high, keys["high"], "left"),
            np.searchsorted(high, keys["high"], "right"),
        )
        alike = last - first
        ballots = np.repeat(np.arange(len(keys)), alike)
        rows = np.arange(len(ballots)) - np.repeat(np.cumsum(alike) - alike - first, alike)
        same = low[rows] == keys["low"][ballots]
        if same.all() and (alike == 1).all():
            return Beside(ballots, same, {dim: codes[dim][rows] for dim in dims}, as_they_are=True)
        ballots, rows = ballots[same], rows[same]
        lone = np.ones(len(keys), bool)
        lone[ballots] = False
        alone = np.flatnonzero(lone)
        nothing = np.zeros(len(alone), np.uint16)
        return Beside(
            np.concatenate([ballots, alone]),
            np.concatenate([np.ones(len(ballots), bool), nothing.astype(bool)]),
            {dim: np.concatenate([codes[dim][rows], nothing]) for dim in dims},
            as_they_are=False,
        )


def read_voted_items(
    connection: Any, items: Any, ballots: Ballots, dims: Sequence[str], folder: Path
) -> VotedItems:
    """Sort the items table by key, its dimensions as codes.

    Args:
        connection: DuckDB's.
        items: The items, `item` and dimensions, all of them texts.
        ballots: The ballots.
        dims: The dimensions; those of more than MOST values have no codes.
        folder: Where the files go.
    """
    known = items.filter(items.item.notnull())
    named = {f"dim{place}": known[dim] for place, dim in enumerate(dims)}
    sql = connection.compile(known.select(**named, **key_columns(known.item)))
    values: dict[str, tuple[str, ...]] = {}
    columns = []
    for column, dim in zip(named, dims, strict=True):
        seen = connection.raw_sql(f"SELECT DISTINCT {column} FROM ({sql}) LIMIT {MOST + 2}").fetchall()
        listed = sorted(value for (value,) in seen if value is not None)
        if len(listed) <= MOST:
            code = f"coalesce({place_among(connection, column, listed, sql)} + 1, 0)::USMALLINT"
            columns.append(f"{code} AS code{len(values)}")
            values[dim] = tuple(listed)
    names = ["high", "low", *(f"code{place}" for place in range(len(values)))]
    kinds = dict.fromkeys(names, np.dtype(np.uint16)) | {name: KEY[name] for name in ("high", "low")}
    files = Files(folder, kinds)
    told = ", ".join([f'"{HIGH}" AS high', f'"{LOW}" AS low', *columns])
    ordered = connection.raw_sql(f"SELECT * FROM (SELECT {told} FROM ({sql})) ORDER BY high, low")
    for batch in ordered.to_arrow_reader(AT_ONCE):
        files.write(
            **{name: np.from_dlpack(column) for name, column in zip(names, batch.columns, strict=True)}
        )
    files.close()
    high, low, *codes = (files.column(name) for name in names)
    return VotedItems(values, ballots, high, low, dict(zip(values, codes, strict=True)))
