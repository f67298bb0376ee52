"""Counts of tables in several files, kept from night to night, are those of the whole: whatever is added, changed or taken away."""

from __future__ import annotations

import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dq_pipeline import counts
from dq_pipeline.contracts.of_tables import contracts_of
from dq_pipeline.counts import collect, count_whole, file_groups
from dq_pipeline.counts.additive import Additive
from dq_pipeline.counts.by_parts import KeptStates
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables
from dq_pipeline_tests import awkward_tables
from dq_pipeline_tests.counts.every_request import REQUESTS
from dq_pipeline_tests.counts.oracles import ORACLES

ADDITIVE = [one for one in REQUESTS if isinstance(one, Additive) and one.source]
FEW = [
    counts.Patterns(),
    counts.SlicedPatterns(counts.Patterns(), ("light",)),
    counts.Contingency("annotations", ("annotator", "label", "split")),
    counts.Contingency("items", ("source", "split")),
]
"""For what does not depend on what is counted: alone, beside items, and of items."""
CLASSES = {name: getattr(counts, name) for name in counts.__all__}
FILES = 5
OF_ITEMS = 3


class Nights:
    """A dataset whose tables lie in several files, and what is kept of it.

    Args:
        folder: Where it lies.
        seed: Of its random rows.
        late: The share of annotations that lie in another file than the others of their item.
        numeric: Whether the labels are numbers.
    """

    def __init__(self, folder, seed, late, *, numeric=False):
        self.folder, self.numeric, self.quantiles = folder, numeric, False
        tables = awkward_tables.write(folder, seed=seed, items=80)
        self.annotations, self.items = tables["annotations"], tables["items"]
        if numeric:
            said = self.annotations["seconds"].cast("string")
            place = self.annotations.schema.get_field_index("label")
            self.annotations = self.annotations.set_column(place, "label", said)
        chance, ids = random.Random(seed), self.items["id"].to_pylist()  # noqa: S311 - no secret
        home = {item: chance.randrange(FILES - 1) for item in ids}
        self.own = [[] for _ in range(FILES)]
        for row, item in enumerate(self.annotations["id"].to_pylist()):
            at = chance.randrange(FILES) if chance.random() < late else home.get(item, 0)
            self.own[at].append(row)
        self.of_items = [
            [row for row, item in enumerate(ids) if home[item] % OF_ITEMS == at] for at in range(OF_ITEMS)
        ]
        for name in ("annotations", "items"):
            (folder / name).mkdir()

    def put(self, at, rows=()):
        pq.write_table(
            self.annotations.take(pa.array([*self.own[at], *rows], pa.int64())),
            self.folder / "annotations" / f"{at}.parquet",
        )

    def put_items(self, at, rows=None):
        rows = self.of_items[at] if rows is None else rows
        pq.write_table(self.items.take(pa.array(rows, pa.int64())), self.folder / "items" / f"{at}.parquet")

    def begin(self):
        for at in range(FILES - 2):
            self.put(at)
        for at in range(OF_ITEMS - 1):
            self.put_items(at)

    @property
    def spec(self):
        keys = awkward_tables.keys()
        keys["items"] |= {"table": "items/*.parquet"}
        if not self.quantiles:
            # They are those of all items: their edges change with every item.
            keys["items"]["conditions"] = [*keys["items"]["conditions"][:2], "size"]
        keys["annotations"] |= {"table": "annotations/*.parquet"}
        if self.numeric:
            keys["labels"] = {"level": "interval"}
            keys.pop("gold")
        return spec_from(keys, base=self.folder)[0]

    def count(self, requests=ADDITIVE):
        """Hold what is kept to a count of the whole; what was counted now of annotations and of items."""
        requests = [one for one in requests if "gold" not in repr(one).lower() or not self.numeric]
        with Tables(self.spec) as tables:
            whole = collect(tables, requests)
        kept = KeptStates(self.folder / "states", CLASSES)
        with Tables(self.spec) as tables:
            kept.count(tables, requests, count_whole)
            found = collect(tables, requests, kept.states)
            kept.keep()
        for request in requests:
            told = ORACLES[type(request)][1]
            assert told(found[request]) == told(whole[request]), request
        self.states = kept.states
        counted = {name: part.counted for name, part in kept.reused.items()}
        return counted.get("annotations", 0), counted.get("items", 0)


@pytest.mark.parametrize(("late", "rows", "asked"), [(0.02, 60, ADDITIVE), (0.5, 1 << 20, FEW)])
def test_night_after_night_the_counts_are_those_of_the_whole(late, rows, asked, tmp_path, monkeypatch):
    monkeypatch.setattr(file_groups, "ROWS", rows)
    nights = Nights(tmp_path, 0, late)
    nights.begin()
    assert nights.count(asked) == (FILES - 2, OF_ITEMS - 1)
    assert set(nights.states) == set(asked)
    assert nights.count(asked) == (0, 0)
    nights.put(FILES - 2)
    split = late < file_groups.SHARED
    assert nights.count(asked)[0] == (1 if split else FILES - 1)
    nights.put_items(OF_ITEMS - 1)
    assert nights.count(asked)[1] == 1
    nights.put(FILES - 1, nights.own[2][:3])
    assert nights.count(asked) == (1 if split else FILES, 0)
    nights.put(1, nights.own[3][:2])
    assert nights.count(asked)[1] == 0
    (tmp_path / "annotations" / "2.parquet").unlink()
    nights.count(asked)
    nights.put_items(0, nights.of_items[0][1:])
    nights.count(asked)
    assert nights.count(asked) == (0, 0)


def test_a_late_annotation_of_an_old_item_leaves_the_other_files_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setattr(file_groups, "ROWS", 1)
    nights = Nights(tmp_path, 3, late=0)
    nights.begin()
    nights.count(FEW)
    nights.put(FILES - 2)
    nights.put(FILES - 1, nights.own[0][:1])
    assert nights.count(FEW) == (2, 0)


def test_a_file_written_again_is_counted_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(file_groups, "ROWS", 1)
    nights = Nights(tmp_path, 4, late=0)
    nights.begin()
    nights.count(FEW)
    nights.put(1, nights.own[1][:2])
    assert nights.count(FEW) == (1, 0)


def test_the_file_of_today_is_counted_apart_from_those_before(tmp_path):
    nights = Nights(tmp_path, 11, late=0)
    nights.begin()
    nights.count(FEW)
    for _ in range(2):
        nights.put(0, nights.own[1][:1])
        nights.count(FEW)
        nights.put(0)
        assert nights.count(FEW) == (1, 0)


def test_edges_that_move_let_only_what_is_cut_by_them_be_counted_again(tmp_path):
    nights = Nights(tmp_path, 12, late=0)
    nights.quantiles = True
    nights.begin()
    nights.count()
    rows = nights.items.slice(0, 40)
    unvoted = rows.set_column(0, "id", pa.array([f"new{place}" for place in range(len(rows))]))
    large = pa.array([1e6] * len(rows))
    moved = unvoted.set_column(rows.schema.get_field_index("size"), "size", large)
    pq.write_table(moved, tmp_path / "items" / "9.parquet")
    by_size = [one for one in ADDITIVE if "size" in repr(one)]
    assert nights.count([one for one in ADDITIVE if one not in by_size]) == (0, 1)
    assert nights.count(by_size)[1] == OF_ITEMS


def test_a_file_that_is_taken_away_lets_nothing_be_counted_again(tmp_path, monkeypatch):
    monkeypatch.setattr(file_groups, "ROWS", 1)
    nights = Nights(tmp_path, 4, late=0)
    asked = [counts.Contingency("items", ("source", dim)) for dim in ("age", "split")]
    nights.begin()
    nights.count(asked)
    (tmp_path / "items" / "1.parquet").unlink()
    nights.put_items(OF_ITEMS - 1)
    assert nights.count(asked) == (0, 1)


def test_items_of_which_a_row_changed_let_the_files_that_speak_of_them_be_counted_again(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(file_groups, "ROWS", 1)
    nights = Nights(tmp_path, 5, late=0)
    nights.begin()
    nights.count(FEW)
    nights.put_items(0, nights.of_items[0][:-1])
    annotations, items = nights.count(FEW)
    assert 0 < annotations < FILES - 2
    assert items == 1


def test_numeric_labels_add_up_or_are_counted_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(file_groups, "ROWS", 60)
    asked = [one for one in ADDITIVE if not isinstance(one, counts.Patterns)]
    nights = Nights(tmp_path, 6, late=0.1, numeric=True)
    nights.begin()
    nights.count(asked)
    nights.put(FILES - 1)
    nights.count(asked)


def test_more_values_than_are_listed_are_counted_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(counts.coding, "VALUES", 3)
    nights = Nights(tmp_path, 7, late=0)
    nights.begin()
    nights.count()
    assert counts.Contingency("items", ("source", "split")) not in nights.states
    nights.put(FILES - 1)
    nights.count()


def test_what_is_damaged_is_counted_again(tmp_path, monkeypatch):
    monkeypatch.setattr(file_groups, "ROWS", 60)
    nights = Nights(tmp_path, 8, late=0.02)
    nights.begin()
    nights.count(FEW)
    for path in (tmp_path / "states").iterdir():
        path.write_bytes(path.read_bytes()[:9])
    nights.count(FEW)
    assert nights.count(FEW) == (0, 0)


def test_states_that_are_no_longer_of_use_are_taken_away(tmp_path, monkeypatch):
    monkeypatch.setattr(file_groups, "ROWS", 1)
    nights = Nights(tmp_path, 9, late=0)
    nights.begin()
    nights.count(FEW)
    many = len(list((tmp_path / "states").iterdir()))
    nights.put(1, nights.own[1][:2])
    nights.count(FEW)
    nights.put(1)
    nights.count(FEW)
    assert len(list((tmp_path / "states").iterdir())) == many


def test_the_states_of_a_table_that_became_one_file_are_taken_away(tmp_path, monkeypatch):
    monkeypatch.setattr(file_groups, "ROWS", 1)
    nights = Nights(tmp_path, 9, late=0)
    nights.begin()
    nights.count(FEW)
    for at in range(1, OF_ITEMS - 1):
        (tmp_path / "items" / f"{at}.parquet").unlink()
    nights.put_items(0, [row for rows in nights.of_items[: OF_ITEMS - 1] for row in rows])
    nights.count(FEW)
    states = [path.name for path in (tmp_path / "states").iterdir()]
    assert not [name for name in states if "items" in name]
    assert [name for name in states if "annotations" in name]
    assert nights.count(FEW) == (0, 0)


def test_rows_that_break_a_rule_are_counted_whole_until_they_are_mended(tmp_path, monkeypatch):
    monkeypatch.setattr(file_groups, "ROWS", 1)
    nights = Nights(tmp_path, 10, late=0)
    nights.begin()
    spec = nights.spec
    asked = [request for one in contracts_of(spec) if one.table != "training_set" for request in one.requests]
    kept = KeptStates(tmp_path / "states", CLASSES)
    with Tables(spec) as tables:
        kept.count(tables, asked, count_whole)
        rows = next(
            one for one in asked if one in set(asked) and repr(one) == "RowRules(table='annotations')"
        )
        assert rows not in kept.states
        found = collect(tables, asked, kept.states)[rows]
        assert found.failed
        assert found.write_failing_rows(tmp_path / "failing.csv") > 0
