"""The sample of features: bounded, the same every time, of numbers and of embeddings."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

from dq_pipeline.counts import FeatureSample, collect
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables


@pytest.fixture
def items(tmp_path):
    duckdb.execute(
        f"""COPY (SELECT 'i' || n AS id, 's' || n % 3 AS source, ['a', 'b'][1 + n % 2] AS label, n // 4 AS patient,
            n::DOUBLE AS number, CASE WHEN n = 5 THEN NULL ELSE [n, -n, 0.5]::FLOAT[] END AS embedding,
            CASE WHEN n = 7 THEN 'x' ELSE n::VARCHAR END AS text
            FROM range(200) AS t(n)) TO '{tmp_path}/items.parquet'"""
    )
    roles = {"id": "id", "source": "source", "label": "label", "group": "patient"}
    features = ["number", "embedding", "text"]
    return {"dataset": "d", "items": {"table": "items.parquet", **roles, "features": features}}, tmp_path


def sampled(items, rows, seed=7):
    spec, _ = spec_from(items[0], base=items[1])
    request = FeatureSample(spec.items.features, rows, seed)
    with Tables(spec) as tables:
        return collect(tables, [request])[request]


def test_it_holds_as_many_items_as_are_asked_for_and_always_the_same(items):
    first, again, other = sampled(items, 50), sampled(items, 50), sampled(items, 50, seed=8)
    assert first.features.shape == (50, 5)
    assert (first.features[:, 0] == again.features[:, 0]).all()
    assert set(first.features[:, 0]) != set(other.features[:, 0])
    assert sampled(items, 500).features.shape == (200, 5)


def test_each_row_keeps_its_own_values(items):
    found = sampled(items, 500)
    for numbers, label, source, group in zip(
        found.features, found.labels, found.sources, found.groups, strict=True
    ):
        n = int(numbers[0])
        assert (label, source, group) == ("ab"[n % 2], f"s{n % 3}", str(n // 4))
        assert np.isnan(numbers[1:4]).all() if n == 5 else list(numbers[1:4]) == [n, -n, 0.5]
        assert np.isnan(numbers[4]) if n == 7 else numbers[4] == n
