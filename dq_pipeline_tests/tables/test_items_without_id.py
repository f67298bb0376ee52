"""Items that have no id are told by their place in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.tables import Tables

if TYPE_CHECKING:
    from pathlib import Path


def test_a_row_is_its_own_id_where_no_column_is(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("kind\ncat\ndog\ncat\n", encoding="utf-8")
    spec, _ = spec_from({"dataset": "d", "items": {"table": "items.csv", "label": "kind"}}, base=tmp_path)
    with Tables(spec) as tables:
        ids = tables["items"].expr.item.to_pyarrow().to_pylist()
        assert tables.own_columns == ("kind",)
    assert sorted(ids) == ["0", "1", "2"]


def test_annotations_cannot_be_joined_to_items_without_ids() -> None:
    with pytest.raises(InputError, match=r"items\.id is needed"):
        spec_from(
            {
                "dataset": "d",
                "items": {"table": "items.csv"},
                "annotations": {"table": "a.csv", "item": "i", "annotator": "a", "label": "l"},
            }
        )
