"""What the embedded engine complains of as it reads, in our words."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.secrets import without_secrets
from dq_pipeline.tables.duck import literal
from dq_pipeline.tables.signature import no_parquet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class DamagedError(InputError):
    """Bytes within a Parquet file that are no page of it; the engine does not say which of several files it was reading."""

    def of(self, connection: Any, files: Sequence[Path]) -> InputError | None:
        """The same with the file that is damaged; None where it is none of these. Each is read once more to find it."""
        file = next((file for file in files if not _can_be_read(connection, file)), None)
        if file is None:
            return None
        return InputError(self.who, found=f"{file}: {self.found}", expected=self.expected, fix=self.fix)


def _can_be_read(connection: Any, file: Path) -> bool:
    """Whether every page of a Parquet file can."""
    import duckdb

    try:
        connection.raw_sql(
            f"SELECT bit_xor(hash(COLUMNS(*))) FROM read_parquet({literal(str(file))})"
        ).fetchall()
    except duckdb.Error:
        return False
    return True


@contextmanager
def duck_errors(who: str) -> Iterator[None]:
    """DuckDB's complaints about what it reads, as the one error that a user sees.

    Raises:
        InputError: In place of the engine's error.
    """
    import duckdb

    try:
        yield
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        if "get_next failed()" in str(error):
            raise _of_stream(who, str(error)) from error
        raise _of_rows(who, str(error)) from error
    except duckdb.OutOfMemoryException as error:
        raise _no_room(who, "DuckDB") from error
    except duckdb.IOException as error:
        if "No space left" in str(error):
            raise InputError(
                who,
                found=str(error).splitlines()[0],
                expected="a disk with room",
                fix="make room there, or name another --output or engine.temp_directory",
            ) from error
        denied = "Permission denied" in str(error)
        raise InputError(
            who,
            found=str(error).splitlines()[0],
            expected="a readable file",
            fix="chmod u+r the file" if denied else "export it again",
        ) from error
    except duckdb.Error as error:
        # What its Parquet reader stumbles over in the bytes of a page has no class of its own.
        if type(error) is not duckdb.Error:
            raise
        raise DamagedError(
            who,
            found=f"damaged bytes within a Parquet file: {str(error).splitlines()[0]}",
            expected="a Parquet file as it was written",
            fix="export or download it again",
        ) from error


def _of_rows(who: str, said: str) -> InputError:
    """What is wrong with the bytes or rows of a file, with its line where it has one."""
    no_magic = re.search(
        "(?:No magic bytes found at end of f|F)ile '(.+)'(?: too small|$)", said, re.MULTILINE
    )
    if no_magic and Path(no_magic[1]).is_file():
        found, fix = no_parquet(Path(no_magic[1]))
        return InputError(who, found=found, expected="a Parquet file", fix=fix)
    line = re.search(r"CSV Error on Line: (\d+)", said)
    fix = "mend that row or export the file again" if line else "export the file again"
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", said)
    longest = re.search(r"Maximum line size of (\d+) bytes", said)
    if counts:
        values = "value" if counts[2] == "1" else "values"
        found, expected = f"{counts[2]} {values}", f"{counts[1]} values, as in the header"
    elif longest:
        found, expected = f"a row of more than {int(longest[1]):,} bytes", "rows that are shorter"
        fix = "take the long text out of the table, or write it as Parquet"
    elif "unterminated quote" in said:
        found, expected = "a quote that never closes", 'a closing ", or "" for a quote inside a quoted value'
    elif "No magic bytes" in said:
        found, expected = "a file that is no Parquet, whatever its ending says", "a Parquet file"
    elif "nicode" in said or "utf-8" in said:
        found, expected = "a byte that is not UTF-8", "UTF-8"
    else:
        found, expected = said.splitlines()[0], "rows that can be read"
    at = f", line {line[1]}" if line else ""
    return InputError(f"{who}{at}", found=found, expected=expected, fix=fix)


def _of_stream(who: str, said: str) -> InputError:
    """What a stream of rows ended in: its reader failed, and no row of a file is to be mended."""
    if "No space left" in said or "Out of memory" in said or "MemoryError" in said:
        return _no_room(who, "the reader of its rows")
    told = said.partition("get_next failed(): ")[2]
    words, _, raised = told.partition("Detail: Python exception:")
    lines = [line for line in raised.splitlines() if re.match(r"[\w.]*(Error|Exception)\b", line)]
    found = lines[-1] if lines else (words.splitlines() or ["no reason told"])[0]
    if "[libpq]" in found:  # what a database quotes may be a row's value
        found = re.sub(r'".*("|$)', '"..."', found)
    return InputError(
        who,
        found=f"the reader of its rows failed: {without_secrets(found.strip())[:200]}",
        expected="rows that come to their end",
        fix="look at where the table lies (its files, its database, the connection), then audit again",
    )


def _no_room(who: str, what: str) -> InputError:
    return InputError(
        who,
        found=f"{what} ran out of memory or of disk to spill to",
        expected="room for the counts",
        fix="raise engine.memory_limit, or point engine.temp_directory at a larger disk",
    )
