"""Apache Spark's errors in our words."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def spark_errors(who: str) -> Iterator[None]:
    """Spark's complaints about what it reads, as the one error that a user sees.

    Raises:
        InputError: In place of Spark's error.
    """
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, java_errors()) as error:
        raise _in_words(who, error) from error
    except (ConnectionError, EOFError) as error:
        raise _gone(who) from error


def java_errors() -> type[Exception]:
    """What py4j raises when the driver's Java is gone or fails in a way of its own."""
    from py4j.protocol import Py4JError

    declared: type[Exception] = Py4JError
    return declared


def cause_of(error: Exception) -> str:
    """What an error says in one line: of one of Java's what it was caused by, and not which call it ended."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    caused = next((line for line in lines if line.startswith(": ")), lines[0])
    return re.sub(r"^: ([\w$]+\.)+[\w$]+: ", "", caused)


def _gone(who: str) -> InputError:
    return InputError(
        who,
        found="a Spark that ended while it counted",
        expected="one that answers until all is counted",
        fix="look at its log and its memory (`settings: {spark.driver.memory: 4g}`), then audit again",
    )


def _in_words(who: str, error: Exception) -> InputError:
    from py4j.protocol import Py4JNetworkError

    said = str(error)
    if isinstance(error, Py4JNetworkError) or said.endswith("does not exist in the JVM"):
        return _gone(who)
    condition = re.search(r"\[([A-Z_.]+)\]", said)
    kind = condition[1] if condition else ""
    if kind.startswith(("TABLE_OR_VIEW_NOT_FOUND", "REQUIRES_SINGLE_PART_NAMESPACE", "SCHEMA_NOT_FOUND")):
        return InputError(
            who, found="no such table in Spark's catalog", expected="one", fix="mend `table`, or name a file"
        )
    if "Python worker" in said:
        lines = [
            line.strip() for line in said.splitlines() if re.match(r"\w*(Error|Exception)\b", line.strip())
        ]
        return InputError(
            who,
            found=f"the executors' Python failed: {without_secrets((lines or ['no reason told'])[-1])[:200]}",
            expected=f"Python {sys.version_info[0]}.{sys.version_info[1]} with numpy, scipy and pyarrow on every executor",
            fix="install them there and set PYSPARK_PYTHON to that Python",
        )
    if "MALFORMED" in said:
        found, fix = (
            "a line with another number of values than the header",
            "mend that row or export the file again",
        )
    elif kind in {"PATH_NOT_FOUND", "FAILED_READ_FILE.FILE_NOT_EXIST"}:
        found, fix = (
            "files that Spark's executors do not see",
            "put them where every executor sees the same path",
        )
    elif kind.startswith("PARQUET_TYPE"):
        told = re.search(r"type: (.+?)\. SQLSTATE", said)
        found = f"a column of a type that Spark does not read{f', {told[1]}' if told else ''}"
        fix = "write it as another type (times of day as text, half floats as floats), or leave it to DuckDB"
    elif "not a Parquet file" in said or kind.startswith("FAILED_READ_FILE"):
        found, fix = "a file that is no Parquet, whatever its ending says", "export it again"
    else:
        found = without_secrets(cause_of(error))[:200]
        fix = "look at Spark's log"
    return InputError(who, found=found, expected="a table that Spark can read", fix=fix)
