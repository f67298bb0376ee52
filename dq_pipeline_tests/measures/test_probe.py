"""The probe: a planted shortcut has its size, and honest features have none."""

from __future__ import annotations

import numpy as np
import pytest

from dq_pipeline.measures.probe import probe

SOURCES = np.array(["a"] * 400 + ["b"] * 400 + ["c"] * 400)
SICK = {"a": 0.1, "b": 0.5, "c": 0.8}


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(0)
    truth = rng.random(1200) < np.vectorize(SICK.get)(SOURCES)
    return rng, truth, [frozenset([("healthy", "sick")[int(sick)]]) for sick in truth]


def test_a_model_that_reads_the_source_loses_its_score_where_it_never_saw_it(sample):
    rng, _, labels = sample
    mark = np.vectorize({"a": -1.0, "b": 0.0, "c": 1.0}.get)(SOURCES) + rng.normal(0, 0.1, 1200)
    found = probe(mark.reshape(-1, 1), labels, SOURCES)
    assert found.random.value > 0.75
    assert found.left_out.value == pytest.approx(0.5, abs=0.06)
    assert found.source_only.value == pytest.approx(found.random.value, abs=0.05)
    assert found.shortcut.value == pytest.approx(found.random.value - found.left_out.value)
    assert found.shortcut.n == 1200


def test_features_that_read_the_label_keep_their_score(sample):
    rng, truth, labels = sample
    sign = truth + rng.normal(0, 0.4, 1200)
    noise = rng.normal(0, 1, (1200, 2))
    noise[:50] = np.nan
    found = probe(np.column_stack([sign, noise]), labels, SOURCES)
    assert found.left_out.value > 0.9
    assert abs(found.shortcut.value) < 0.05


def test_wide_features_are_brought_down_and_groups_stay_together(sample):
    rng, truth, labels = sample
    wide = rng.normal(0, 1, (1200, 100))
    wide[:, 0] += 8 * truth
    groups = [None if at % 10 == 0 else f"p{at // 4}" for at in range(1200)]
    found = probe(wide, labels, SOURCES, groups)
    assert found.left_out.value > 0.9


def test_too_few_rows_with_a_label_are_too_few_to_say(sample):
    rng = sample[0]
    labels = [frozenset(["sick" if at % 40 == 0 else "healthy"]) for at in range(300)]
    found = probe(rng.normal(0, 1, (300, 1)), labels, SOURCES[:300])
    assert (found.shortcut.value, found.shortcut.status, found.shortcut.n) == (None, "too_few_units", 300)
    assert probe(np.zeros((0, 1)), [], []).random.status == "empty"
