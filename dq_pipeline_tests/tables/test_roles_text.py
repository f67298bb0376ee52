"""A column as text: the same whatever type its numbers came in."""

from __future__ import annotations

import ibis
import pyarrow as pa
import pytest

from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables, text


def test_a_float_of_any_size_becomes_text_and_nan_is_missing() -> None:
    table = ibis.memtable(pa.table({"x": [1.0, 2.5, -3.0, 1e20, 1e300, float("nan"), float("inf"), None]}))
    found = table.select(x=text(table.x)).to_pyarrow()["x"].to_pylist()
    assert found == ["1", "2.5", "-3", "1e+20", "1e+300", None, "inf", None]


def test_a_csv_keeps_the_order_of_its_rows_however_large(tmp_path):
    lines = [f"item {n:07},annotator {n % 17},{'abc'[n % 3]},{'x' * 40}" for n in range(400_000)]
    (tmp_path / "a.csv").write_text("item,annotator,label,more\n" + "\n".join(lines) + "\n")
    spec, _ = spec_from(
        {
            "dataset": "d",
            "annotations": {"table": "a.csv", "item": "item", "annotator": "annotator", "label": "label"},
        },
        base=tmp_path,
    )
    with Tables(spec) as tables:
        rows = tables["annotations"].expr
        told = rows.agg(wrong=(rows.row != rows.item[5:].cast("int64")).sum(), n=rows.count()).to_pyarrow()
    assert told.to_pylist() == [{"wrong": 0, "n": 400_000}]


@pytest.mark.parametrize("level", ["interval", "ratio"])
def test_ratings_are_spelled_one_way_and_the_declared_way(tmp_path, level):
    (tmp_path / "a.csv").write_text(
        "item,annotator,label\n1,a,7\n1,b,7.0\n1,c,+7.00\n2,a,2.50\n2,b,high\n2,c,93723560864298497951\n2,d,1_000\n3,a,1e400\n"
    )
    annotations = {"table": "a.csv", "item": "item", "annotator": "annotator", "label": "label"}

    def labels(**declared):
        written = {"dataset": "d", "annotations": annotations, "labels": {"level": level, **declared}}
        with Tables(spec_from(written, base=tmp_path)[0]) as tables:
            return tables["annotations"].expr.order_by("row").to_pyarrow()["label"].to_pylist()

    rest = ["high", "93723560864298497951", "1_000", "1e400"]
    assert labels() == ["7", "7", "7", "2.5", *rest]
    assert labels(values=["7.0", "2.50"]) == ["7.0", "7.0", "7.0", "2.50", *rest]
