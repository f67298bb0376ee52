"""Cells that a spreadsheet would run stay text, and give the text back."""

from __future__ import annotations

import csv

import duckdb
import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.contracts.failing_rows import write_ids
from dq_pipeline.tables.spreadsheet import STARTS, from_cell, to_cell, to_cells

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=5)


@given(texts)
def test_every_text_comes_back(text):
    assert from_cell(to_cell(text)) == text


@given(texts, texts)
def test_two_texts_never_share_a_cell(one, other):
    assert (to_cell(one) == to_cell(other)) == (one == other)


@given(st.sampled_from("=+-@\t\r\n＝＋－＠"), texts)  # noqa: RUF001 - full width is what is tested
def test_no_cell_starts_a_formula(first, rest):
    cell = to_cell(first + rest)
    assert cell[0] == "'" or float(cell) == float(first + rest)


@settings(deadline=None)
@given(st.lists(st.none() | st.text(st.sampled_from(STARTS + "a😀1."), max_size=4)))
def test_an_array_is_treated_as_its_texts_are(values):
    expected = [None if value is None else to_cell(value) for value in values]
    assert to_cells(pa.array(values, pa.string())).to_pylist() == expected


@pytest.mark.parametrize("name", ["item", "=HYPERLINK(1)"])
def test_failing_ids_can_be_opened_in_a_spreadsheet_and_read_back(tmp_path, name):
    ids = [
        "=cmd|' /C calc'!A0",
        "-5",
        "+1",
        "-5+1",
        "-5\n",
        "@x",
        "\tx",
        "'quoted",
        "plain",
        'a,"b";=c',
        "two\nlines",
        "😀",
    ]
    rows = ibis.memtable(pa.table({name: ids}))
    written = write_ids(tmp_path / "failing.csv", [name], [("=rule", "-column", rows)])
    with (tmp_path / "failing.csv").open(newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    assert written == len(ids)
    risky = {cell for line in [header, *lines] for cell in line if cell[0] in "=+-@\t\r\n"}
    assert risky <= {"-5", "+1"}
    assert sorted(from_cell(line[0]) for line in lines) == sorted(ids)
    assert from_cell(header[0]) == name
    assert {from_cell(line[1]) for line in lines} == {"=rule"}
    assert duckdb.sql(f"from '{tmp_path / 'failing.csv'}'").fetchall()
