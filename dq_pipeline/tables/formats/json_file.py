"""JSON read as a stream: one record is in memory at a time, whatever the file's size."""

from __future__ import annotations

import gzip
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from upath import UPath


@contextmanager
def bytes_of(who: str, file: Path | UPath) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked where it ends in .gz.

    Raises:
        InputError: It cannot be read, or is a zip archive.
    """
    try:
        with file.open("rb") as stored:
            head = stored.read(4)
            stored.seek(0)
            if head.startswith(b"PK"):
                raise InputError(
                    who,
                    found=f"{file.name} is a zip archive",
                    expected="the export within it",
                    fix=f"unzip {file.name}, and name the JSON or XML file of its annotations",
                )
            if file.suffix.lower() == ".gz":
                with gzip.GzipFile(fileobj=stored) as unpacked:
                    yield unpacked  # type: ignore[misc]
            else:
                yield stored
    except (OSError, EOFError) as error:
        raise InputError(
            who, found=f"{file.name}: {error}", expected="a readable file", fix="export it again"
        ) from error


def starts_with(who: str, file: Path | UPath) -> str:
    """The first character of a JSON file that says something."""
    with bytes_of(who, file) as stream:
        return stream.read(1 << 16).decode("utf-8-sig", errors="replace").lstrip()[:1]


def records(who: str, file: Path | UPath, path: str) -> Iterator[Any]:
    """The values at a path such as "item" (of a list) or "images.item" (of a list under a key).

    Raises:
        InputError: It is no JSON.
    """
    import ijson

    with bytes_of(who, file) as stream:
        if stream.read(3) != b"\xef\xbb\xbf":
            stream.seek(0)
        try:
            yield from ijson.items(stream, path)
        except (ijson.JSONError, UnicodeDecodeError) as error:
            said = " ".join(str(error).split("\n")[0].removeprefix("b'").split())
            raise InputError(
                who,
                found=f"{file.name} is no JSON ({said[:120]})",
                expected="the export whole, as the tool wrote it",
                fix="export it again; an interrupted download is cut short",
            ) from error
