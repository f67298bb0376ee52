"""The alphas of real sets, computed apart from this project (DQ_REAL_DATA names the folder; skipped without it)."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from dq_pipeline.contracts.of_tables import contracts_of
from dq_pipeline.counts import Patterns, SlicedPatterns, collect
from dq_pipeline.families.agreement_rows import numbers_of
from dq_pipeline.measures.alpha import krippendorff_alpha
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables

DATA = Path(os.environ.get("DQ_REAL_DATA", ""))
pytestmark = pytest.mark.skipif(
    "DQ_REAL_DATA" not in os.environ, reason="DQ_REAL_DATA names no folder of real sets"
)
SEVERITY = ("-3", "-2", "-1", "0", "1")
"""From strongly abusive to not abusive at all."""


def annotations(table, item="item", annotator="annotator", label="label"):
    return {"table": table, "item": item, "annotator": annotator, "label": label}


def spec_of(folder, table, **more):
    return spec_from({"dataset": folder, "annotations": annotations(table), **more}, base=DATA / folder)[0]


def convabuse():
    return spec_from(
        {
            "dataset": "convabuse",
            "annotations": annotations("annotations.csv.gz", "item_id", "annotator_id", "severity"),
            "items": {"table": "items.csv.gz", "id": "item_id", "source": "source"},
        },
        base=DATA / "convabuse",
    )[0]


def counted(spec, *requests):
    with Tables(spec) as tables:
        states = collect(tables, requests)
    return [states[request] for request in requests]


def alpha(state, level="nominal"):
    return krippendorff_alpha(state.vectors, state.items, level, numbers_of(state.labels, level)).value


@pytest.mark.parametrize(
    ("folder", "table", "known", "digits"),
    [
        ("weather_sentiment", "annotations_crowdflower.csv", 0.5768, 4),
        ("music_genre", "annotations.csv", 0.301, 3),
        ("sentiment_polarity", "annotations.csv.gz", 0.4276, 4),
    ],
)
def test_alpha_of_a_crowd_is_the_known_one(folder, table, known, digits):
    (state,) = counted(spec_of(folder, table), Patterns())
    assert round(alpha(state), digits) == known


def test_five_repeats_counted_as_pairs_would_raise_the_alpha_of_the_second_crowd(tmp_path):
    (state,) = counted(spec_of("weather_sentiment", "annotations_mturk.csv"), Patterns())
    assert round(alpha(state), 4) == 0.5209
    # The known .5212 has them all: here the row's number stands for the annotator.
    rows = (DATA / "weather_sentiment" / "annotations_mturk.csv").read_text().splitlines()
    numbered = [f"{line.split(',')[0]},{place},{line.split(',')[2]}" for place, line in enumerate(rows)]
    (tmp_path / "all.csv").write_text("\n".join(["item,annotator,label", *numbered[1:]]) + "\n")
    spec = spec_from({"dataset": "crowd", "annotations": annotations("all.csv")}, base=tmp_path)[0]
    (state,) = counted(spec, Patterns())
    assert round(alpha(state), 4) == 0.5212


def test_alpha_of_convabuse_is_the_known_one_at_every_level():
    levels = {"nominal": 0.437, "ordinal": 0.660, "interval": 0.734}
    requests = [Patterns(SEVERITY, level) for level in levels]
    states = counted(convabuse(), *requests)
    found = {level: round(alpha(state, level), 3) for level, state in zip(levels, states, strict=True)}
    assert found == levels
    abusive = np.array([float(label) < 0 for label in states[0].labels])
    vectors = np.column_stack(
        [states[0].vectors[:, abusive].sum(axis=1), states[0].vectors[:, ~abusive].sum(axis=1)]
    )
    assert round(krippendorff_alpha(vectors, states[0].items).value, 3) == 0.652


def test_the_repeats_of_convabuse_are_reported():
    spec = convabuse()
    repeats = next(contract for contract in contracts_of(spec) if contract.check == "contract_repeats")
    with Tables(spec) as tables:
        verdict, _ = repeats.run(tables, None)
    assert verdict.sentence.startswith("345 pairs of item and annotator are labelled more than once")


def test_the_sources_of_convabuse_hold_all_its_items_between_them():
    overall, by_source = counted(convabuse(), Patterns(), SlicedPatterns(Patterns(), ("source",)))
    assert {key[0] for key in by_source.keys} == {"E.L.I.Z.A.", "CarbonBot"}
    assert by_source.items.sum() == overall.items.sum() == 4185
