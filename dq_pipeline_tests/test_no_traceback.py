"""Random small tables under random specs: an audit ends in verdicts or in one error in words."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dq_pipeline.audit import Folders, audit, verdicts_of
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
SPLITS = st.sampled_from(["train", "validation", "test", "", "Train "])
HASHES = st.sampled_from(["", "00", "ff", "00ff00ff00ff00ff", "zz"])
CONTENTS = [{"content": ["text"]}, {"content": ["text", "weather"]}, {"text": "text"}, {"hash": "hash"}]
CASES = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["one", "two", "three"]),
            "where": st.sampled_from(
                [
                    "weather = 'a'",
                    "weather < 3",
                    "weather is null or source in ('a', 'b')",
                    "gone = 1",
                    "1 = 1",
                ]
            ),
        },
        optional={
            "train": st.integers(0, 5),
            "validation": st.integers(0, 5),
            "due": st.sampled_from(["2020-01-31", "2999-01-01"]),
        },
    ),
    min_size=1,
    max_size=3,
)


ITEM_COLUMNS = ("id", "source", "weather", "label", "split", "text", "hash")


def rows_of(*columns):
    return st.lists(st.tuples(*columns), max_size=12)


@st.composite
def items_roles(draw, *, labelled):
    """The items of a spec, any of their roles named or not; a label only where no annotations give it."""
    roles = [
        {"source": "source"},
        {"conditions": ["weather"]},
        {"split": "split"},
        draw(st.sampled_from(CONTENTS)),
        *([{"label": "label"}] if labelled else []),
    ]
    named = {}
    for role in roles:
        if draw(st.booleans()):
            named |= role
    return {"table": "items.csv", "id": "id", **named}


@st.composite
def datasets(draw):
    """A spec, and its tables as header and rows."""
    tables, spec = {}, {"dataset": "pets", "labels": draw(LEVELS)}
    parts = draw(st.sampled_from(["annotations", "items", "both"]))
    if parts != "annotations":
        tables["items"] = [ITEM_COLUMNS, *draw(rows_of(WORDS, WORDS, WORDS, WORDS, SPLITS, WORDS, HASHES))]
        spec["items"] = draw(items_roles(labelled=parts == "items"))
        if draw(st.booleans()):
            spec["edge_cases"] = draw(CASES)
        if draw(st.booleans()):
            tables["production"] = [("weather", "label", "at"), *draw(rows_of(WORDS, WORDS, WORDS))]
            spec["production"] = {"table": "production.csv", **draw(st.sampled_from([{}, {"time": "at"}]))}
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
        found = audit(spec, source, folders=Folders(tmp_path))
        told = json.loads(json.dumps(verdicts_of(found), allow_nan=False))
        assert told["checks"]
        assert {check["verdict"] for check in told["checks"]} <= {"clear", "warn", "block", "insufficient"}
