"""Columns of numbers in files: written a piece at a time, read from any place, gone with the folder that they lie in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np

from dq_pipeline.spec.errors import InputError

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
        """Add to the ends of columns.

        Raises:
            InputError: The disk is full.
        """
        try:
            for name, values in columns.items():
                if name not in self._open:
                    self._open[name] = (self._folder / name).open("wb")
                np.ascontiguousarray(values.astype(self._kinds[name], copy=False)).tofile(self._open[name])
        except OSError as error:
            raise InputError(
                "temporary files",
                found=f"{self._folder.parent}: {error.strerror or error}",
                expected="room for about 14 bytes an annotation",
                fix="point engine.temp_directory at a larger disk",
            ) from error

    def close(self) -> None:
        """Write no more."""
        for file in self._open.values():
            file.close()

    def column(self, name: str) -> Column:
        """A column, to be read."""
        return Column(self._folder / name, self._kinds[name])


class Column:
    """A column of numbers in a file, read like an array; nothing of it stays in memory.

    Args:
        path: The file; none is a column of no numbers.
        kind: NumPy's type of the numbers.
    """

    def __init__(self, path: Path, kind: np.dtype[Any]) -> None:
        self._path, self._kind = path, kind
        self._length = path.stat().st_size // kind.itemsize if path.exists() else 0

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, places: slice | NDArray[np.int64]) -> NDArray[Any]:
        if not isinstance(places, slice):
            found: NDArray[Any] = self._mapped()[places]
            return found
        first, last, _ = places.indices(self._length)
        if last <= first:
            return np.zeros(0, self._kind)
        return np.fromfile(self._path, self._kind, last - first, offset=first * self._kind.itemsize)

    def search(self, number: Any, side: Literal["left", "right"]) -> int:
        """Where a number would be put in, of a column that rises."""
        return int(np.searchsorted(self._mapped(), number, side))

    def _mapped(self) -> NDArray[Any]:
        return np.memmap(self._path, self._kind, "r") if self._length else np.zeros(0, self._kind)
