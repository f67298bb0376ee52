"""What a file's first bytes say that it is, whatever its ending says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

PARQUET = b"PAR1"
_LARGE_FILE = b"version https://git-lfs"


class Signature(NamedTuple):
    """What a file begins like.

    Attributes:
        starts: Its first bytes.
        is_a: What it is, in words.
        fix: What to do, with `{0}` where its name stands.
    """

    starts: bytes
    is_a: str
    fix: str


SIGNATURES = (
    Signature(PARQUET, "Parquet", "mv {0} {0}.parquet, and name that in `table`"),
    Signature(b"\x1f\x8b", "gzip", "mv {0} {0}.gz, and name that in `table`"),
    Signature(b"PK\x03\x04", "a zip archive, as an .xlsx is", "unzip {0}, or save the sheet as CSV"),
    Signature(_LARGE_FILE, "a pointer of Git LFS in place of the file", "git lfs pull --include {0}"),
    Signature(b"<!DOCTYPE", "a page of HTML", "download the table again: a server answered with a page"),
    Signature(b"<html", "a page of HTML", "download the table again: a server answered with a page"),
    Signature(
        b"\xff\xfe\x00\x00", "UTF-32", "iconv -f utf-32 -t utf-8 {0} > utf8_{0}, and name that in `table`"
    ),
    Signature(b"\xff\xfe", "UTF-16", "iconv -f utf-16 -t utf-8 {0} > utf8_{0}, and name that in `table`"),
    Signature(b"\xfe\xff", "UTF-16", "iconv -f utf-16 -t utf-8 {0} > utf8_{0}, and name that in `table`"),
)
"""What is handed in as a CSV and is none; of two that begin alike the longer one first."""


def no_csv(data: bytes) -> Signature | None:
    """What a file is in place of a CSV, by its first bytes; None of one that may be a CSV.

    >>> no_csv(b"PAR1....").is_a
    'Parquet'
    """
    return next((one for one in SIGNATURES if data.startswith(one.starts)), None)


def no_parquet(file: Path) -> tuple[str, str]:
    """What a local file is that the engine does not take for Parquet, and the fix."""
    with file.open("rb") as stream:
        head = stream.read(len(_LARGE_FILE))
    if head.startswith(PARQUET):
        return f"{file.name}, a Parquet file that is cut short", "export or download it again"
    told = no_csv(head)
    if told is not None and told.starts == _LARGE_FILE:
        return f"{file.name}, {told.is_a}", told.fix.format(file.name)
    return f"{file.name}, a file that is no Parquet, whatever its ending says", "export it again"
