"""Several Parquet files as one table: what differs between them, and what would be lost in it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.tables import Tables

KEYS = {"dataset": "d", "items": {"table": "items/*.parquet", "id": "id", "conditions": ["light"]}}


def opened(folder, *tables):
    (folder / "items").mkdir()
    for place, table in enumerate(tables):
        pq.write_table(pa.table(table), folder / "items" / f"{place}.parquet")
    return Tables(spec_from(KEYS, base=folder)[0])


def ids(tables):
    return sorted(tables["items"].expr.to_pyarrow()["item"].to_pylist())


@pytest.mark.parametrize(
    ("first", "second", "kinds"),
    [
        ([1, 2], ["007", "8"], ("whole numbers", "text")),
        ([1, 2], [1.5, 2.0], ("whole numbers", "numbers with fractions")),
        (["a"], [True], ("text", "BOOLEAN")),
    ],
)
def test_ids_that_the_type_of_the_first_file_would_change_are_refused(first, second, kinds, tmp_path):
    with pytest.raises(InputError) as raised:
        opened(
            tmp_path, {"id": first, "light": ["d"] * len(first)}, {"id": second, "light": ["d"] * len(second)}
        )
    assert "the column 'id' holds" in str(raised.value)
    assert all(f"{kind} in {place}.parquet" in str(raised.value) for place, kind in enumerate(kinds))


def test_types_of_one_kind_and_columns_without_a_value_are_read(tmp_path):
    small, large = pa.array([1], pa.int8()), pa.array([2**62], pa.int64())
    first = {"id": large, "light": pa.array(["day"])}
    with opened(tmp_path, first, {"id": small, "light": pa.nulls(1)}) as tables:
        assert ids(tables) == ["1", str(2**62)]


def test_a_part_of_a_nested_column_may_have_a_columns_name(tmp_path):
    nested = pa.array([{"id": 5}])
    with opened(
        tmp_path, {"id": ["a"], "light": ["d"], "more": nested}, {"id": ["b"], "light": ["d"]}
    ) as tables:
        assert tables["items"].rows == 2


FOLDERS = {
    "a folder beside a file": ("a.parquet", "light=late/b.parquet"),
    "a folder each": ("light=03/a.parquet", "light=late/b.parquet"),
    "numbers": ("light=03/a.parquet", "light=4/b.parquet"),
    "two levels": ("light=1/day=2026-01-01/a.parquet", "light=2/day=2026-01-02/b.parquet"),
}


@pytest.mark.parametrize("paths", FOLDERS.values(), ids=FOLDERS)
@pytest.mark.parametrize("own", [True, False])
def test_files_apart_are_read_as_they_are_in_the_whole(paths, own, tmp_path):
    if not own and "=" not in paths[0]:
        paths = ("light=x/a.parquet", paths[1])
    for place, path in enumerate(paths):
        file = tmp_path / "items" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        columns = {"id": [f"i{place}"]} | ({"light": [f"own{place}"]} if own else {})
        pq.write_table(pa.table(columns), file)
    keys = {**KEYS, "items": {**KEYS["items"], "table": "items/**/*.parquet"}}
    with Tables(spec_from(keys, base=tmp_path)[0]) as tables:
        rows = tables["items"].expr.to_pyarrow().to_pylist()
        apart = [tables.of_files("items", [place]).expr.to_pyarrow().to_pylist() for place in range(2)]
    assert sorted(map(str, rows)) == sorted(str(row) for part in apart for row in part)
