"""A time that is a number says not in which unit: it is refused before anything is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.tables import Tables

if TYPE_CHECKING:
    from pathlib import Path


def opened(folder: Path, time: str) -> None:
    duckdb.sql(
        f"copy (select 'i' item, 'ana' who, 'cat' said, {time} as read_at) to '{folder}/votes.parquet'"
    )
    annotations = {
        "table": "votes.parquet",
        "item": "item",
        "annotator": "who",
        "label": "said",
        "time": "read_at",
    }
    spec, _ = spec_from({"dataset": "pets", "annotations": annotations}, base=folder)
    Tables(spec).close()


@pytest.mark.parametrize("time", ["1788220800", "1788220800.5"])
def test_seconds_since_1970_are_refused_with_what_to_write(tmp_path: Path, time: str) -> None:
    with pytest.raises(InputError, match=r"numbers .* in the column 'read_at'") as error:
        opened(tmp_path, time)
    assert "to_timestamp(read_at)" in error.value.fix


@pytest.mark.parametrize(
    "time", ["date '2026-01-31'", "timestamptz '2026-01-31 09:30:00+00'", "'2026-01-31'"]
)
def test_dates_timestamps_and_texts_are_read(tmp_path: Path, time: str) -> None:
    opened(tmp_path, time)
