"""Arrays that are kept from night to night, with a sum of their bytes: what a disk changed is not read."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.tables import whole

if TYPE_CHECKING:
    from pathlib import Path


def write_arrays(path: Path, **arrays: Any) -> None:
    """Write arrays by name, whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    with whole(path) as unfinished, unfinished.open("wb") as file:
        np.savez(file, **arrays)


def read_arrays(path: Path, *names: str) -> tuple[Any, ...] | None:
    """The arrays of these names; None where a file is not there or is damaged."""
    try:
        with zipfile.ZipFile(path) as kept:
            return tuple(_array(kept.read(f"{name}.npy")) for name in names)
    # The archive's own words may be damaged so that it seems encrypted, or packed by what there is not: RuntimeError.
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile):
        return None


def _array(data: bytes) -> Any:
    """An array in the bytes that NumPy writes, read-only: NumPy itself reads an archive in small pieces."""
    stream = io.BytesIO(data)
    np.lib.format.read_magic(stream)
    shape, _, kind = np.lib.format.read_array_header_1_0(stream)
    return np.frombuffer(data, kind, offset=stream.tell()).reshape(shape)
