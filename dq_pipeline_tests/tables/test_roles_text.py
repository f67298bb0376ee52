"""A column as text: the same whatever type its numbers came in."""

from __future__ import annotations

import ibis
import pyarrow as pa

from dq_pipeline.tables import text


def test_a_float_of_any_size_becomes_text_and_nan_is_missing() -> None:
    table = ibis.memtable(pa.table({"x": [1.0, 2.5, -3.0, 1e20, 1e300, float("nan"), float("inf"), None]}))
    found = table.select(x=text(table.x)).to_pyarrow()["x"].to_pylist()
    assert found == ["1", "2.5", "-3", "1e+20", "1e+300", None, "inf", None]
