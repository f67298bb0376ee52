"""Files behind a table: found, refused early when they cannot be read, and fingerprinted."""

from __future__ import annotations

import csv
import glob
import gzip
import hashlib
import io
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.written import written
from dq_pipeline.tables.markers import is_marker
from dq_pipeline.tables.remote import is_address, mark_of, remote_files
from dq_pipeline.tables.signature import no_csv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from upath import UPath

SUFFIXES = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".tsv": "csv", ".txt": "csv"}
JSON = {".json", ".jsonl", ".ndjson"}
DELIMITERS = ",;\t|"
_HEAD = 1 << 20
_CHUNK = 1 << 22


def find_files(who: str, table: str, base: Path) -> Sequence[Path | UPath]:
    """The files that a path, an address or a glob names, in order.

    Raises:
        InputError: Nothing there, a directory, or a file that is empty.
    """
    if is_address(table):
        return remote_files(who, table)
    pattern = str(base / Path(table).expanduser())
    # A file that is there is meant, whatever `[`, `*` or `?` its name holds.
    named = Path(pattern).exists() or not glob.has_magic(pattern)
    files = [Path(pattern)] if named else _without_markers(pattern)
    if not files or not files[0].exists():
        near = sorted(p.name for p in base.glob("*") if p.suffix in {*SUFFIXES, ".gz", ".json", ".xml"})[:5]
        there = f"the folder holds {', '.join(near)}" if near else "the folder holds no table"
        raise InputError(
            who,
            found=f"no file at {table!r}",
            expected="a Parquet or CSV file, an export, or a glob",
            fix=f"mend the path ({there})",
        )
    for file in files:
        if file.is_dir():
            raise InputError(
                who,
                found=f"{table!r} is a directory",
                expected="a file or a glob",
                fix=f"write `table: {table.rstrip('/')}/*.parquet`",
            )
        if file.stat().st_size == 0:
            raise InputError(
                who,
                found=f"{file.name} is empty (0 bytes)",
                expected="a header and rows",
                fix="export it again",
            )
    return files


def names_apart(files: Sequence[Path | UPath]) -> tuple[str, ...]:
    """Names that tell files apart: each without the folders that all of them lie in."""
    parts = [str(file).split("/") for file in files]
    same = 0
    while len({tuple(one[: same + 1]) for one in parts}) == 1:
        same += 1
    return tuple("/".join(one[same:]) for one in parts)


def _without_markers(pattern: str) -> list[Path]:
    """What a glob finds, in order, but for what writers leave beside their files."""
    found = sorted(map(Path, glob.glob(pattern, recursive=True)))
    return [path for path in found if not is_marker(str(path), pattern)]


def kind_of(who: str, file: Path | UPath) -> str:
    """Whether the file is "parquet" or "csv", by its ending.

    Raises:
        InputError: Neither.
    """
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() != ".gz"]
    kind = SUFFIXES.get(suffixes[-1]) if suffixes else None
    if kind is None and suffixes and suffixes[-1] in JSON:
        tools = "of a labelling tool's export `format: label_studio` or coco; else "
        raise InputError(
            who,
            found=f"{file.name}, JSON",
            expected=f"one of {', '.join(SUFFIXES)} (CSV also .gz)",
            fix=f"{tools if suffixes[-1] == '.json' else ''}{_to_parquet(file)}",
        )
    if kind is None:
        raise InputError(
            who,
            found=f"{file.name}, an ending that says nothing",
            expected=f"one of {', '.join(SUFFIXES)} (CSV also .gz)",
            fix="name the file by what it holds; of a labelling tool's export say `format: label_studio`, argilla, coco or cvat",
        )
    return kind


def _to_parquet(file: Path | UPath) -> str:
    """The command that writes a file of JSON, one record a line or a list of them, as Parquet beside it."""
    path = str(file)
    plain = path.removesuffix(".gz")
    written_to = plain[: len(plain) - len(Path(plain).suffix)] + ".parquet"
    read, write = ("'" + name.replace("'", "''") + "'" for name in (path, written_to))
    code = f'import duckdb; duckdb.sql("COPY (FROM read_json({read}, sample_size=-1)) TO {write}")'
    return f"python -c {shlex.quote(code)}, and name the Parquet file"


def csv_dialect(
    who: str, file: Path | UPath, wanted: set[str], delimiter: str | None
) -> tuple[str, list[str]]:
    """The delimiter and the header of a CSV: the delimiter that shows most of the wanted columns.

    Raises:
        InputError: Not UTF-8, damaged, no header, a column named twice.
    """
    text = _head(who, file)
    if "\x00" in text:
        raise InputError(
            who, found=f"{file.name} holds NUL bytes", expected="text in UTF-8", fix="export it as UTF-8"
        )
    mark = delimiter or _likeliest(text, wanted)
    header = _header(text, mark)
    if delimiter and delimiter not in text.partition("\n")[0] and not wanted <= set(header):
        raise InputError(
            who,
            found=f"no {delimiter!r} in the header of {file.name}, {header[0][:80]}",
            expected="the mark that stands between the columns in `delimiter`",
            fix=f"write `delimiter: {written(_likeliest(text, wanted))}`, or leave it out",
        )
    if not any(name.strip() for name in header):
        raise InputError(
            who,
            found=f"{file.name} starts with an empty line",
            expected="a header",
            fix="delete the empty lines",
        )
    refuse_twice(who, file, header)
    return mark, _all_named(header)


def _likeliest(text: str, wanted: set[str]) -> str:
    """The delimiter that shows most of the wanted columns of a CSV, and then most columns."""
    seen = {mark: _header(text, mark) for mark in DELIMITERS}
    return max(seen, key=lambda mark: (len(wanted & set(seen[mark])), len(seen[mark])))


def _header(text: str, mark: str) -> list[str]:
    """The first line's names; of a delimiter of several characters without quotes."""
    if len(mark) > 1:
        return next(iter(text.splitlines()), "").split(mark)
    return next(csv.reader(io.StringIO(text, newline=None), delimiter=mark), [])


def refuse_twice(who: str, file: Path | UPath, header: Sequence[str]) -> None:
    """Refuse columns that are called alike, of which the engine renames all but one.

    Raises:
        InputError: There are some.
    """
    alike = [in_small_letters(name) for name in header]
    twice = [name for name, key in zip(header, alike, strict=True) if name and alike.count(key) > 1]
    if not twice:
        return
    same = header.count(twice[0])
    found = f"column {twice[0]!r} stands {same} times in the header"
    if same == 1:
        found = f"columns {twice[0]!r} and {twice[1]!r} differ in capitals only"
    raise InputError(
        who, found=f"{file.name}: {found}", expected="each column named once", fix="rename one of them"
    )


def in_small_letters(name: str) -> bytes:
    """A column's name as the engine tells it from others: it takes a to z for A to Z, and no other letter."""
    return name.encode().lower()


def _all_named(header: Sequence[str]) -> list[str]:
    """The header with a name for each column: pandas leaves out that of an index.

    >>> _all_named(["", "label"])
    ['column_1', 'label']
    """
    named: list[str] = []
    for place, name in enumerate(header, start=1):
        made = name or f"column_{place}"
        while not name and made in header:
            made += "_"
        named.append(made)
    return named


def _head(who: str, file: Path | UPath) -> str:
    try:
        with file.open("rb") as stored:
            zipped = file.suffix.lower() == ".gz"
            data = (gzip.GzipFile(fileobj=stored) if zipped else stored).read(_HEAD)
    except PermissionError as error:
        raise InputError(
            who,
            found=f"{file.name}: {error.strerror}",
            expected="a readable file",
            fix=f"chmod u+r {shlex.quote(str(file))}",
        ) from error
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise InputError(
            who, found=f"{file.name}: {error}", expected="a readable file", fix="export it again"
        ) from error
    told = no_csv(data)
    if told is not None:
        raise InputError(
            who,
            found=f"{file.name} is {told.is_a}",
            expected="a CSV in UTF-8",
            fix=told.fix.format(shlex.quote(file.name)),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4:  # a character cut in two at the end of the head
            return data[: error.start].decode("utf-8-sig")
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            who,
            found=f"{file.name}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8",
            expected="UTF-8",
            fix=f"iconv -f latin1 -t utf-8 {file.name} > utf8_{file.name}",
        ) from error


def states_of(files: Sequence[Path | UPath]) -> list[tuple[int, ...] | str]:
    """What tells without reading them that files may have changed: size, time and place of each; a remote one's own mark."""
    return [
        (stat.st_size, stat.st_mtime_ns, stat.st_ino)
        if isinstance(file, Path) and (stat := file.stat())
        else mark_of(file)
        for file in files
    ]


def fingerprint(files: Sequence[Path | UPath]) -> str:
    """The content's data version, 32 hexadecimal digits: equal bytes in equal order give the same ones."""
    return version_of_files([file_version(file) for file in files])


def version_of_files(versions: Sequence[str]) -> str:
    """The data version of a table, from that of each of its files in their order."""
    if len(versions) == 1:
        return versions[0]
    return hashlib.blake2b(";".join(versions).encode(), digest_size=16).hexdigest()


def file_version(file: Path | UPath) -> str:
    """The fingerprint of one file's content; of a file in an object store of its own mark of it (ETag), and nothing is read."""
    digest = hashlib.blake2b(digest_size=16)
    if not isinstance(file, Path):
        digest.update(mark_of(file).encode())
        return digest.hexdigest()
    digest.update(file.stat().st_size.to_bytes(8, "big"))
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
