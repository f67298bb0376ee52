"""Several Parquet files as one table: what differs between them, and what would be lost in it."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv
from upath import UPath

from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.tables import Tables, engine_errors

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
        said = path.partition("light=")[2].partition("/")[0]
        columns = {"id": [f"i{place}"]} | ({"light": [said or f"own{place}"]} if own else {})
        pq.write_table(pa.table(columns), file)
    keys = {**KEYS, "items": {**KEYS["items"], "table": "items/**/*.parquet"}}
    with Tables(spec_from(keys, base=tmp_path)[0]) as tables:
        rows = tables["items"].expr.to_pyarrow().to_pylist()
        apart = [tables.of_files("items", [place]).expr.to_pyarrow().to_pylist() for place in range(2)]
    assert sorted(map(str, rows)) == sorted(str(row) for part in apart for row in part)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize(
    ("folders", "own", "hides"),
    [
        (["light=03", "light=4"], ["03", "4"], None),
        (["light=03", "light=4"], ["03", "5"], "4"),
        (["light=a%20b", "light=__HIVE_DEFAULT_PARTITION__"], ["a b", None], None),
        (["light=day", "light=__HIVE_DEFAULT_PARTITION__"], ["day", "night"], "None"),
        (["light=day"], ["night"], "day"),
        (["other=day"], ["night"], None),
    ],
)
def test_a_folder_that_says_another_value_than_its_file_is_refused(ending, folders, own, hides, tmp_path):
    for folder, light in zip(folders, own, strict=True):
        (tmp_path / "items" / folder).mkdir(parents=True)
        table = pa.table({"id": [folder], "light": pa.array([light], pa.string())})
        write = pq.write_table if ending == "parquet" else csv.write_csv
        write(table, tmp_path / "items" / folder / f"a.{ending}")
    keys = {**KEYS, "items": {**KEYS["items"], "table": f"items/*/*.{ending}"}}
    spec = spec_from(keys, base=tmp_path)[0]
    if hides is None:
        with Tables(spec) as tables:
            assert sorted(tables["items"].expr.to_pyarrow()["light"].to_pylist(), key=str) == sorted(
                own, key=str
            )
        return
    with pytest.raises(InputError) as raised:
        Tables(spec)
    assert f"the folder says light={hides}, and the file's own column 'light' holds {own[-1]!r}" in str(
        raised.value
    )


def test_numbers_and_days_in_files_are_those_of_their_folders(tmp_path):
    folder = tmp_path / "items" / "light=03" / "day=2026-01-01"
    folder.mkdir(parents=True)
    days = pa.array([datetime(2026, 1, 1)], pa.timestamp("us"))  # noqa: DTZ001 - as files have them
    pq.write_table(pa.table({"id": ["a"], "light": [3], "day": days}), folder / "a.parquet")
    keys = {**KEYS, "items": {**KEYS["items"], "table": "items/**/*.parquet", "conditions": ["light", "day"]}}
    with Tables(spec_from(keys, base=tmp_path)[0]) as tables:
        assert tables["items"].rows == 1


@pytest.mark.parametrize("address", ["", "memory://dq_markers/"])
def test_what_spark_leaves_beside_its_files_is_passed_over(address, tmp_path):
    root = UPath(address or tmp_path)
    for name in (
        "_SUCCESS",
        "_committed_1",
        ".part-0.parquet.crc",
        "part-0.parquet.crc",
        "_temporary/0/a.parquet",
    ):
        (root / "items" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "items" / name).write_bytes(b"" if name == "_SUCCESS" else b"x")
    for place in range(2):
        with (root / "items" / f"part-{place}.parquet").open("wb") as file:
            pq.write_table(pa.table({"id": [f"i{place}"], "light": ["day"]}), file)
    for pattern in ("items/*", "items/*/*/*", "items/_temporary/*/*"):
        keys = {**KEYS, "items": {**KEYS["items"], "table": f"{address}{pattern}"}}
        if pattern == "items/*":
            with Tables(spec_from(keys, base=tmp_path)[0]) as tables:
                assert ids(tables) == ["i0", "i1"]
            continue
        # In a folder of markers there is nothing, unless the glob names the folder.
        with pytest.raises(InputError, match="no file at" if pattern == "items/*/*/*" else "a.parquet"):
            Tables(spec_from(keys, base=tmp_path)[0])


def test_of_several_files_the_one_with_a_damaged_page_is_named(tmp_path):
    (tmp_path / "items").mkdir()
    for place in range(3):
        table = pa.table(
            {"id": [f"i{place}{n}" for n in range(2000)], "light": [f"l{n % 60}" for n in range(2000)]}
        )
        pq.write_table(table, tmp_path / "items" / f"{place}.parquet", compression="none")
    file = tmp_path / "items" / "1.parquet"
    chunk = pq.read_metadata(file).row_group(0).column(1)
    stored = bytearray(file.read_bytes())
    end = chunk.dictionary_page_offset + chunk.total_compressed_size
    stored[end - 200 : end] = b"\xff" * 200
    file.write_bytes(stored)
    spec = spec_from(KEYS, base=tmp_path)[0]
    with (
        pytest.raises(InputError, match=r"items/1\.parquet: damaged bytes within a Parquet file"),
        Tables(spec) as tables,
        engine_errors("items"),
    ):
        tables["items"].expr.light.nunique().execute()
