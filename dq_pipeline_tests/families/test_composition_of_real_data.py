"""Balance, concentration and shortcuts on real tables: numbers that were computed apart from this project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dq_pipeline_tests.families.judging import Judged

DATA = Path(os.environ.get("DQ_REAL_DATA", "/nowhere"))
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="DQ_REAL_DATA names no folder")


def test_edema_is_ten_times_as_frequent_in_films_taken_in_bed_and_hernia_is_rare():
    roles = {"id": "image_id", "label": "findings", "conditions": ["view_position"]}
    spec = {"items": {"table": "images.parquet", **roles}, "labels": {"separator": "|"}}
    found = Judged(DATA / "chest_xray", spec, "balance")
    assert found.value("label_share", "label,view_position", "Edema|AP") == pytest.approx(0.0452, abs=5e-5)
    assert found.value("label_share", "label,view_position", "Edema|PA") == pytest.approx(0.0041, abs=5e-5)
    assert found.value("share", "label", "Hernia") == 227 / 112_120
    assert found.value("imbalance_ratio", "label") == 60_361 / 227
    assert found.verdicts["balance_imbalance_ratio"].verdict == "block"


def test_accidents_hide_missing_values_and_have_two_rows_of_fog_at_night():
    conditions = [
        {"name": "light", "column": "Light_conditions"},
        {"name": "weather", "column": "Weather_conditions"},
        {"name": "casualty", "column": "Casualty_class"},
    ]
    roles = {"id": "Time", "label": "Accident_severity", "conditions": conditions}
    spec = {
        "items": {"table": "accidents.csv.gz", **roles},
        "checks": {"balance": {"cells": [["weather", "light"]]}},
    }
    found = Judged(DATA / "road_accidents", spec, "balance")
    shares = {row.key: row.estimate for row in found.rows if (row.measure, row.by) == ("share", "label")}
    assert {key: round(one.value * one.n) for key, one in shares.items()} == {
        "Slight Injury": 10_415, "Serious Injury": 1_743, "Fatal injury": 158,
    }  # fmt: skip
    night = [
        row.estimate.value
        for row in found.rows
        if row.by == "weather,light" and row.key.startswith("Fog or mist|Darkness")
    ]
    assert sum(night) == 2
    assert found.value("missing_count", "casualty", "'na'") == 4_443
    assert found.value("missing_count", "weather", "'Unknown'") == 292
    assert found.verdicts["balance_missing_share"].key == "casualty"


def test_a_source_that_tells_nothing_of_the_label_stays_quiet():
    roles = {"id": "id", "source": "SEX", "label": "employed"}
    spec = {"items": {"table": "reference.parquet", **roles}}
    shortcuts = Judged(DATA / "employment_shift", spec, "shortcuts")
    assert set(shortcuts.said().values()) == {"clear"}
    assert shortcuts.value("cramers_v", "source,label") < 0.1
    assert shortcuts.measures["source_only_auc", None, None].n == 68_785


def test_annotators_who_see_every_source_tell_nothing_of_it():
    annotations = {
        "table": "annotations.csv.gz",
        "item": "item_id",
        "annotator": "annotator_id",
        "label": "severity",
    }
    items = {"table": "items.csv.gz", "id": "item_id", "source": "source"}
    found = Judged(DATA / "convabuse", {"items": items, "annotations": annotations}, "shortcuts")
    assert found.value("cramers_v", "annotator,source") == 0
    assert found.value("cramers_v", "source,label") == pytest.approx(0.219, abs=5e-4)
    assert found.said()["shortcuts_cramers_v_source_label"] == "warn"
