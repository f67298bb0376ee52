"""Profiles are counted only where a dimension has more values than are listed, and one scan tells which."""

from __future__ import annotations

import pytest

from dq_pipeline.counts import Profiles, coding
from dq_pipeline.counts.frames import frame_of
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables


@pytest.fixture
def tables(tmp_path):
    items = ["id,site", *(f"i{at},s{at % 5}" for at in range(30))]
    votes = ["item,who,label", *(f"i{at},a{at % 2},{'cat' if at else 'dog'}" for at in range(30))]
    (tmp_path / "items.csv").write_text("\n".join(items) + "\n")
    (tmp_path / "votes.csv").write_text("\n".join(votes) + "\n")
    spec = {
        "dataset": "d",
        "items": {"table": "items.csv", "id": "id", "source": "site"},
        "annotations": {"table": "votes.csv", "item": "item", "annotator": "who", "label": "label"},
    }
    made, _ = spec_from(spec, base=tmp_path)
    with Tables(made) as opened:
        yield opened


def test_one_scan_tells_how_many_values_each_dimension_has(tables):
    found = frame_of(tables, "annotations", by_label=False).distinct(("annotator", "source", "label"))
    assert found == {"annotator": 2, "source": 6, "label": 2}  # one more, for items that the table lacks


def test_only_dimensions_of_more_values_than_are_listed_have_a_profile(tables, monkeypatch):
    asked = [Profiles("annotations", "annotator", "source"), Profiles("annotations", "annotator", "label")]
    assert Profiles.count_all(tables, asked) == [None, None]
    monkeypatch.setattr(coding, "VALUES", 4)
    of_sources, of_labels = Profiles.count_all(tables, asked)
    assert (of_sources.rows, of_sources.shape) == (30, (2, 5))
    assert of_labels is None
