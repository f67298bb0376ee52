"""The CSVs of work to hand out: whole, harmless in a spreadsheet, and gone when the work is done."""

from __future__ import annotations

import csv

from dq_pipeline.audit.outputs import hand_out
from dq_pipeline.families.handout import Handout


def read(folder, file):
    with (folder / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_a_handout_is_a_csv_with_its_header(tmp_path):
    hand_out(Handout("calibration.csv", ("annotator", "days"), (("ana, b", 3), ('q"x', None))), tmp_path)
    assert read(tmp_path, "calibration.csv") == [["annotator", "days"], ["ana, b", "3"], ['q"x', ""]]
    assert [file.name for file in tmp_path.iterdir()] == ["calibration.csv"]


def test_a_name_that_starts_like_a_formula_stays_a_text_and_a_number_stays_a_number(tmp_path):
    names = ("=1+1", "+cmd", "-x", "@sum", "-1", "+2.5e3", -4, "a=b")
    hand_out(Handout("a.csv", ("name",), tuple((name,) for name in names)), tmp_path)
    told = [row[0] for row in read(tmp_path, "a.csv")[1:]]
    assert told == ["'=1+1", "'+cmd", "'-x", "'@sum", "-1", "+2.5e3", "-4", "a=b"]


def test_a_handout_without_rows_takes_the_earlier_one_away(tmp_path):
    hand_out(Handout("a.csv", ("name",), (("ana",),)), tmp_path)
    hand_out(Handout("a.csv", ("name",), ()), tmp_path)
    assert list(tmp_path.iterdir()) == []
