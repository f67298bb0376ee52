"""Files in an object store or behind any other address that fsspec knows (`s3://`, `gs://`, `abfs://`, `https://`)."""

from __future__ import annotations

import glob
import json
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.secrets import without_secrets
from dq_pipeline.tables.markers import is_marker

if TYPE_CHECKING:
    from upath import UPath

_MARKS = ("ETag", "etag", "md5", "contentHash", "mtime", "LastModified", "last_modified", "updated")
"""What file systems call their mark of a file's content, the best first."""


def is_address(table: str) -> bool:
    """Whether a table lies behind an address rather than at a path."""
    return "://" in table


def remote_files(who: str, table: str) -> list[UPath]:
    """The files that an address or a glob behind it names, in order; credentials are the environment's.

    Raises:
        InputError: No library for the address, no access, nothing there, or a file that is empty.
    """
    from upath import UPath

    try:
        named = UPath(table)
        pattern = glob.has_magic(named.path)
        found = sorted(named.fs.glob(named.path)) if pattern else [named.path]
        found = [path for path in found if not (pattern and is_marker(path, named.path))]
        files = [UPath(named.fs.unstrip_protocol(path)) for path in found]
        folder = next((file for file in files if file.is_dir()), None)
        sizes = [] if folder else [file.stat().st_size for file in files]
    except ImportError as error:
        raise InputError(
            who,
            found=f"no library for {table.partition(':')[0]}://",
            expected="the fsspec library of that address",
            fix=f"{error}".splitlines()[0],
        ) from error
    except ValueError as error:
        raise InputError(
            who,
            found=without_secrets(str(error)),
            expected="an address that fsspec knows",
            fix="look at `table`",
        ) from error
    except FileNotFoundError:
        files, sizes, folder = [], [], None
    except Exception as error:  # noqa: BLE001  # every store's client raises its own
        said = (str(error).splitlines() or [""])[0]
        raise InputError(
            who,
            found=without_secrets(f"{type(error).__name__}: {said}", table)[:200],
            expected="files that the environment's credentials let one read",
            fix="set the store's credentials and endpoint in the environment",
        ) from None
    if not files:
        raise InputError(
            who,
            found=f"no file at {table!r}",
            expected="a Parquet or CSV file, or a glob",
            fix="mend the address",
        )
    if folder is not None:
        raise InputError(
            who,
            found=f"{table!r} is a folder",
            expected="a file or a glob",
            fix=f"write `table: {table.rstrip('/')}/*.parquet`",
        )
    for file, size in zip(files, sizes, strict=True):
        if size == 0:
            raise InputError(
                who,
                found=f"{file.name} is empty (0 bytes)",
                expected="a header and rows",
                fix="export it again",
            )
    return files


def mark_of(file: UPath) -> str:
    """The store's own mark of a file's content, with its name and size."""
    info: dict[str, Any] = file.fs.info(file.path)
    mark = next((info[name] for name in _MARKS if info.get(name)), None)
    return json.dumps([file.path, info.get("size"), str(mark)])


def let_read(connection: Any, file: UPath) -> None:
    """Let the embedded engine read the files of this file's store, through fsspec: no extension is downloaded."""
    protocols = [file.fs.protocol] if isinstance(file.fs.protocol, str) else list(file.fs.protocol)
    if not any(connection.con.filesystem_is_registered(protocol) for protocol in protocols):
        connection.con.register_filesystem(file.fs)
