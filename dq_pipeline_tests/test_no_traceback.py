"""Random small tables under random specs: an audit ends in verdicts or in one error in words."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dq_pipeline.audit import audit, verdicts_of
from dq_pipeline.spec import InputError, spec_from

WORDS = st.sampled_from(["", "a", "b", "nan", "NULL", "1", "2.5", "-0", "1e400", "x,y", 'q"', "😀", " a", "a\nb", "13972909329109139892"])  # fmt: skip
LEVELS = st.sampled_from(
    [
        {},
        {"values": ["a", "b", "1"]},
        {"level": "ordinal", "values": ["a", "b", "1", "2.5"]},
        {"level": "interval"},
        {"level": "ratio"},
        {"level": "interval", "values": ["1", "2.5"]},
    ]
)


def rows_of(*columns):
    return st.lists(st.tuples(*columns), max_size=12)


@st.composite
def datasets(draw):
    """A spec, and its tables as header and rows."""
    tables, spec = {}, {"dataset": "pets", "labels": draw(LEVELS)}
    parts = draw(st.sampled_from(["annotations", "items", "both"]))
    if parts != "annotations":
        tables["items"] = [("id", "source", "weather", "label"), *draw(rows_of(WORDS, WORDS, WORDS, WORDS))]
        spec["items"] = {"table": "items.csv", "id": "id"}
        if draw(st.booleans()):
            spec["items"]["source"] = "source"
        if draw(st.booleans()):
            spec["items"]["conditions"] = ["weather"]
        if parts == "items" and draw(st.booleans()):
            spec["items"]["label"] = "label"
    if parts != "items":
        tables["annotations"] = [("item", "who", "label"), *draw(rows_of(WORDS, WORDS, WORDS))]
        repeats = draw(st.sampled_from(["first", "last", "error"]))
        spec["annotations"] = {
            "table": "annotations.csv",
            "item": "item",
            "annotator": "who",
            "label": "label",
        }
        spec["annotations"]["repeats"] = repeats
    if ("annotations" in spec or "label" in spec.get("items", {})) and draw(st.booleans()):
        tables["gold"] = [("item", "label"), *draw(rows_of(WORDS, WORDS))]
        spec["gold"] = {"table": "gold.csv", "item": "item", "label": "label"}
    return spec, tables


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dataset=datasets())
def test_an_audit_of_any_table_ends_in_verdicts_or_in_words(dataset, tmp_path):
    written, tables = dataset
    for name, rows in tables.items():
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        Path(tmp_path / f"{name}.csv").write_text(text.getvalue())
    with contextlib.suppress(InputError):
        spec, source = spec_from(written, base=tmp_path)
        found = audit(spec, source, rows_to=tmp_path)
        told = json.loads(json.dumps(verdicts_of(found), allow_nan=False))
        assert told["checks"]
        assert {check["verdict"] for check in told["checks"]} <= {"clear", "warn", "block", "insufficient"}
