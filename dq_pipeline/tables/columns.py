"""Columns of numbers in files: written a piece at a time, read from any place, gone with the folder that they lie in."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np

from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray


class Files:
    """Columns in a folder.

    Args:
        folder: The folder; it is made.
        kinds: NumPy's type of each column.
    """

    def __init__(self, folder: Path, kinds: Mapping[str, Any]) -> None:
        self._folder = folder
        self._kinds = {name: np.dtype(kind) for name, kind in kinds.items()}
        self._open: dict[str, BinaryIO] = {}
        with self._errors():
            # One that an earlier attempt left half written.
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    def write(self, **columns: NDArray[Any]) -> None:
        """Add to the ends of columns.

        Raises:
            InputError: The disk is full.
        """
        with self._errors():
            for name, values in columns.items():
                if name not in self._open:
                    self._open[name] = (self._folder / name).open("wb")
                told = np.ascontiguousarray(values, self._kinds[name])
                self._open[name].write(told.tobytes())

    def close(self) -> None:
        """Write no more.

        Raises:
            InputError: The disk is full.
        """
        with self._errors():
            for file in self._open.values():
                file.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(
                "engine.temp_directory",
                found=f"{self._folder.parent}: {error.strerror or error}",
                expected="a disk with room for about 14 bytes an annotation",
                fix="point engine.temp_directory at a larger disk",
            ) from error

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
