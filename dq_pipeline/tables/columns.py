"""Columns of numbers in files: written a piece at a time, read from any place, gone with the folder that they lie in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray


class Files:
    """Columns in a folder.

    Args:
        folder: The folder; it is made.
        kinds: NumPy's type of each column.
    """

    def __init__(self, folder: Path, kinds: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._kinds = {name: np.dtype(kind) for name, kind in kinds.items()}
        self._open: dict[str, BinaryIO] = {}

    def write(self, **columns: NDArray[Any]) -> None:
        """Add to the ends of columns."""
        for name, values in columns.items():
            if name not in self._open:
                self._open[name] = (self._folder / name).open("wb")
            np.ascontiguousarray(values.astype(self._kinds[name], copy=False)).tofile(self._open[name])

    def close(self) -> None:
        """Write no more."""
        for file in self._open.values():
            file.close()

    def read(self, name: str, first: int, count: int) -> NDArray[Any]:
        """The `count` numbers of a column from the `first` on, or as many as there are."""
        kind, path = self._kinds[name], self._folder / name
        if not path.exists():
            return np.zeros(0, kind)
        return np.fromfile(path, kind, count, offset=first * kind.itemsize)

    def mapped(self, name: str) -> NDArray[Any]:
        """A whole column, mapped rather than read."""
        kind, path = self._kinds[name], self._folder / name
        return np.memmap(path, kind, "r") if path.exists() and path.stat().st_size else np.zeros(0, kind)
