"""A stream of rows whose reader fails is told as that: no row of a file is to be mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pytest

from dq_pipeline.spec import InputError
from dq_pipeline.tables import engine_errors
from dq_pipeline.tables.copied import copy_stream

if TYPE_CHECKING:
    from collections.abc import Iterator


def failing(error: Exception) -> Iterator[pa.RecordBatch]:
    yield pa.record_batch({"item": ["a"]})
    raise error


@pytest.mark.parametrize(
    ("error", "found", "fix"),
    [
        (
            ValueError("no page 7\nof https://ana:s3cret@lake/x"),
            "the reader of its rows failed: ValueError: no page 7",
            "look at where the table lies",
        ),
        (
            ConnectionError("https://ana:s3cret@lake/x went away"),
            "the reader of its rows failed: ConnectionError: https://***@lake/x went away",
            "look at where the table lies",
        ),
        (OSError(28, "No space left on device"), "ran out of memory or of disk", "engine.temp_directory"),
        (MemoryError(), "ran out of memory or of disk", "raise engine.memory_limit"),
    ],
)
def test_a_reader_that_fails_is_one_error_with_its_reason(error: Exception, found: str, fix: str) -> None:
    reader = pa.RecordBatchReader.from_batches(pa.schema({"item": pa.string()}), failing(error))
    with pytest.raises(InputError) as told, engine_errors("annotations"):
        copy_stream(ibis.duckdb.connect(), "votes", reader, ("item",))
    assert found in told.value.found
    assert fix in told.value.fix
    assert "s3cret" not in str(told.value)
