"""Ballots hold every vote, item by item, however they are cut; equal hashes of ids alone make no item."""

from __future__ import annotations

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables
from dq_pipeline.tables import ballots as module
from dq_pipeline.tables.ballots import read_ballots


def read(folder, rows, *, last=False):
    names = ("item", "annotator", "label", "row")
    columns = {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    connection = ibis.duckdb.connect()
    kinds = dict.fromkeys(names[:3], "string") | {"row": "int64"}
    table = connection.create_table("votes", ibis.memtable(columns, schema=kinds))
    return read_ballots(connection, table, folder, last=last)


def by_item(ballots, rows, *, once):
    """{item: its (annotator, label), sorted}."""
    ids = {row: item for item, _, _, row in rows}
    firsts, found = ballots.rows[:].tolist(), {}
    for block in ballots.blocks(once=once):
        for place, (start, size) in enumerate(zip(block.starts, block.sizes, strict=True)):
            who, label = np.divmod(block.codes[start : start + size], len(ballots.labels))
            votes = [(ballots.annotators[a], ballots.labels[k]) for a, k in zip(who, label, strict=True)]
            found[ids[firsts[block.first + place]]] = sorted(votes)
    return found


def looped(rows, *, once, last):
    kept = {}
    for item, annotator, label, row in sorted(rows, key=lambda vote: vote[3], reverse=not last):
        key = (item, annotator) if once else (item, annotator, row)
        kept[key] = (item, annotator, label)
    found = {}
    for item, annotator, label in kept.values():
        found.setdefault(item, []).append((annotator, label))
    return {item: sorted(votes) for item, votes in found.items()}


def votes_of(seed, many=9000, annotators=7):
    random = np.random.default_rng(seed)
    rows = random.permutation(many * 3)[:many].tolist()
    return [
        (
            f"i{random.integers(many // 3)}é",
            f"a{random.integers(annotators)}",
            "xyz "[random.integers(4)],
            row,
        )
        for row in rows
    ]


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("annotators", [7, 400])
def test_cut_anywhere_they_are_what_a_loop_finds(tmp_path, monkeypatch, last, annotators):
    rows = votes_of(annotators, annotators=annotators)
    whole = read(tmp_path / "whole", rows, last=last)
    monkeypatch.setattr(module, "AT_ONCE", 2048)
    monkeypatch.setattr(module, "ITEMS", 100)
    cut = read(tmp_path / "cut", rows, last=last)
    for once in (False, True):
        expected = looped(rows, once=once, last=last)
        assert by_item(whole, rows, once=once) == by_item(cut, rows, once=once) == expected
    votes = looped(rows, once=False, last=last)
    standing = {row for *_, row in rows} - set(cut.dropped.tolist())
    assert (cut.items, cut.votes, cut.extra) == (len(votes), len(rows), len(rows) - len(standing))
    assert cut.most == max(map(len, votes.values()))
    assert cut.keys[:].tolist() == whole.keys[:].tolist() == sorted(whole.keys[:].tolist())


def test_keys_are_found_where_they_lie_and_strange_ones_are_not(tmp_path, monkeypatch):
    ballots = read(tmp_path / "b", votes_of(1))
    keys = ballots.keys[:]
    other = keys[::7].copy()
    other["low"] += 1
    both = np.sort(np.concatenate([keys, other]))
    monkeypatch.setattr(module, "ITEMS", 11)
    found = ballots.find(both["high"], both["low"])
    assert found[found >= 0].tolist() == list(range(ballots.items))
    assert (found < 0).sum() == len(other)


def test_ids_that_share_a_hash_are_told_apart_by_the_other(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "key_columns", lambda item: {module.HIGH: item.length().cast("uint64"), module.LOW: (item == "bb").cast("uint32")})  # fmt: skip
    rows = [("aa", "x", "p", 0), ("bb", "x", "q", 1), ("aa", "y", "p", 2)]
    ballots = read(tmp_path / "b", rows)
    assert by_item(ballots, rows, once=True) == {"aa": [("x", "p"), ("y", "p")], "bb": [("x", "q")]}
    assert ballots.find(np.array([2, 2], np.uint64), np.array([0, 1], np.uint32)).tolist() == [0, 1]


@pytest.mark.parametrize("many", [module.LOOKED_UP, 100, module.LOOKED_UP_IN_PARQUET, 300])
def test_places_are_looked_up_in_more_values_where_a_file_has_a_dictionary_and_are_the_same(tmp_path, many):
    said = [f"l{at % many:03}'" for at in range(3000)]
    given = {"table": "votes", "item": "item", "annotator": "who", "label": "said"}
    votes = pa.table({"item": [f"i{at}" for at in range(3000)], "who": ["a"] * 3000, "said": said})
    pq.write_table(votes, tmp_path / "votes.parquet")
    csv.write_csv(votes, tmp_path / "votes.csv")
    places, enums = {}, {}
    for kind in ("parquet", "csv"):
        named = given | {"table": f"votes.{kind}"}
        with Tables(spec_from({"dataset": "pets", "annotations": named}, base=tmp_path)[0]) as tables:
            connection = tables.connection
            sql = connection.compile(tables["annotations"].expr.select("row", "label"))
            values, place = module.numbered(connection, "label", sql)
            enums[kind] = "enum_code" in place
            places[kind] = connection.raw_sql(f"SELECT {place} FROM ({sql}) ORDER BY row").fetchall()
    assert len(values) == many
    assert enums == {"parquet": many > module.LOOKED_UP_IN_PARQUET, "csv": many > module.LOOKED_UP}
    assert places["parquet"] == places["csv"] == [(at % many,) for at in range(3000)]
