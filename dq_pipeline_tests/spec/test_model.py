"""What a spec cannot say is refused, with what to write instead."""

from __future__ import annotations

import math

import pytest

from dq_pipeline.families import families_of
from dq_pipeline.spec import InputError, spec_from

ITEMS = {"table": "items.csv", "id": "id", "label": "label"}


@pytest.mark.parametrize("name", ["condition", "level", "source"])
def test_a_condition_that_would_hide_another_breakdown_is_refused_with_a_name_to_write(name):
    with pytest.raises(InputError, match="which is the name of something else") as refused:
        spec_from({"dataset": "d", "items": {**ITEMS, "conditions": [name]}})
    assert f"{{name: item_{name}, column: {name}}}" in str(refused.value)


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_threshold_that_json_cannot_hold_is_refused(number):
    written = {"dataset": "d", "items": ITEMS, "checks": {"balance": {"imbalance_ratio": {"warn": number}}}}
    spec, source = spec_from(written)
    with pytest.raises(InputError, match="a finite number"):
        families_of(spec, source)


def test_labels_that_are_declared_twice_are_named_in_their_order():
    written = {"dataset": "d", "items": ITEMS, "labels": {"values": ["b", "a", "c", "b", "a"]}}
    with pytest.raises(InputError, match="found twice: a, b"):
        spec_from(written)


@pytest.mark.parametrize(
    ("table", "first", "second"),
    [
        ("annotations", "item", "annotator"),
        ("annotations", "item", "label"),
        ("annotations", "annotator", "label"),
        ("gold", "item", "label"),
        ("items", "id", "label"),
    ],
)
def test_one_column_cannot_be_two_of_item_annotator_and_label(table, first, second):
    votes = {"table": "v.csv", "item": "i", "annotator": "a", "label": "l"}
    written = {"dataset": "d", "annotations": votes, "gold": {"table": "g.csv", "item": "i", "label": "l"}}
    if table == "items":
        written = {"dataset": "d", "items": ITEMS}
    one = {first: "x", second: "x"}
    with pytest.raises(InputError) as refused:
        spec_from({**written, table: {**written[table], **one}})
    assert f"the column 'x' as {first!r} and as {second!r}" in str(refused.value)
    assert refused.value.who == f"spec, {table}.{second}"


def test_a_frame_in_place_of_a_path_is_refused_without_its_rows() -> None:
    import pandas as pd

    frame = pd.DataFrame({"image_id": ["secret"]})
    with pytest.raises(InputError) as raised:
        spec_from({"dataset": "d", "items": {"table": frame}})
    assert (raised.value.found, raised.value.fix) == (
        "a DataFrame",
        'write it to one: .to_parquet("table.parquet")',
    )
