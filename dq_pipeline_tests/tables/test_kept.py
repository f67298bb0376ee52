"""A table kept for a block of code is gone after it, however the block ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables

if TYPE_CHECKING:
    from pathlib import Path


def test_a_kept_table_is_gone_when_its_block_ends_and_when_it_raises(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("id,label\na,x\nb,y\n", encoding="utf-8")
    items = {"table": "items.csv", "id": "id", "label": "label"}
    with Tables(spec_from({"dataset": "pets", "items": items}, base=tmp_path)[0]) as tables:
        before = set(tables.connection.list_tables())
        with tables.kept(tables["items"].expr) as kept:
            assert kept.count().to_pyarrow().as_py() == 2
        assert set(tables.connection.list_tables()) == before
        with pytest.raises(RuntimeError, match="full"), tables.kept(tables["items"].expr):
            raise RuntimeError("the disk is full")
        assert set(tables.connection.list_tables()) == before
