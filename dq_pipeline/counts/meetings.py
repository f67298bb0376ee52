"""Which groups of files have an item in common, as bits: told once of each two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts.kept_arrays import read_arrays, write_arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]


class Meetings:
    """Groups against groups.

    Args:
        path: Where it is kept; a file that is not there or is damaged knows nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: tuple[str, ...] = ()
        self._columns: tuple[str, ...] = ()
        self._known: Bools = np.zeros((0, 0), bool)
        self._met: Bools = np.zeros((0, 0), bool)
        kept = read_arrays(path, "rows", "columns", "known", "met")
        if kept is None:
            return
        self._rows, self._columns = (tuple(names.tolist()) for names in kept[:2])
        shape = (len(self._rows), len(self._columns))
        bits = (np.unpackbits(packed, count=shape[0] * shape[1]).astype(bool) for packed in kept[2:])
        self._known, self._met = (told.reshape(shape) for told in bits)

    def spread(self, rows: Sequence[str], columns: Sequence[str]) -> None:
        """Keep to these groups."""
        own = {name: place for place, name in enumerate(self._rows)}
        others = {name: place for place, name in enumerate(self._columns)}
        row = np.array([own.get(name, -1) for name in rows], np.int64)
        column = np.array([others.get(name, -1) for name in columns], np.int64)
        known, met = np.zeros((2, len(rows), len(columns)), bool)
        there = np.ix_(row >= 0, column >= 0)
        from_there = np.ix_(row[row >= 0], column[column >= 0])
        known[there], met[there] = self._known[from_there], self._met[from_there]
        self._rows, self._columns, self._known, self._met = tuple(rows), tuple(columns), known, met

    def of(self, row: int, columns: int, tell: Callable[[int], bool]) -> NDArray[np.int64]:
        """The places below `columns` of groups that meet one; `tell` says of another, of which nothing is known."""
        for column in np.flatnonzero(~self._known[row, :columns]).tolist():
            self._met[row, column], self._known[row, column] = tell(column), True
        return np.flatnonzero(self._met[row, :columns])

    def keep(self) -> None:
        """Write it.

        Raises:
            OSError: It cannot be written.
        """
        write_arrays(
            self._path,
            rows=np.array(self._rows, "U32"),
            columns=np.array(self._columns, "U32"),
            known=np.packbits(self._known),
            met=np.packbits(self._met),
        )
