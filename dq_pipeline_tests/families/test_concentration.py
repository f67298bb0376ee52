"""Concentration: the essay's hospital, what is left without it, unknown and misspelled sources."""

from __future__ import annotations

import pytest

from dq_pipeline.counts import coding
from dq_pipeline_tests.families.judging import Judged, write


def judged(folder, rows, header=("source",), checks=None, **items):
    """Rows are (source, more columns)."""
    write(folder / "items.csv", ("id", *header), [(f"i{at}", *row) for at, row in enumerate(rows)])
    roles = {"table": "items.csv", "id": "id", "source": "source", **items}
    return Judged(folder, {"items": roles, "checks": {"concentration": checks or {}}}, "concentration")


@pytest.fixture(scope="module")
def hospital(tmp_path_factory):
    names = ["main"] * 900 + [f"branch {number}" for number in range(10) for _ in range(10)]
    sick = {at for at in range(900) if at % 9 == 0} | {900}
    rows = [
        (name, "sick" if at in sick else "well", ("AP", "PA")[at % 2], f"2026-0{1 + (at >= 890)}-05")
        for at, name in enumerate(names)
    ]
    header = ("source", "label", "view", "at")
    return judged(
        tmp_path_factory.mktemp("hospital"), rows, header, label="label", conditions=["view"], time="at"
    )


def test_nine_tenths_of_one_hospital_and_ten_of_a_hundredth_are_blocked(hospital):
    assert hospital.value("hhi") == pytest.approx(0.811)
    assert hospital.value("effective_sources") == pytest.approx(1.23, abs=0.004)
    assert hospital.value("distinct_sources") == 11
    check = hospital.verdicts["concentration_largest_share"]
    assert (check.verdict, check.value, check.n) == ("block", 0.9, 1000)
    assert check.low < 0.9 < check.high
    assert check.remedy == "Collect 125 items from sources other than 'main', or train on fewer of its 900."
    assert 900 / 1125 <= 0.8 < 900 / 1124
    assert hospital.said()["concentration_hhi"] == "warn"


def test_it_is_told_by_label_by_condition_and_by_month(hospital):
    assert hospital.value("largest_share", "label", "sick") == 100 / 101
    assert hospital.value("effective_sources", "view", "AP") == pytest.approx(1 / (0.81 + 10 * 0.01**2))
    assert hospital.value("largest_share", "time", "2026-01") == 1
    assert hospital.value("largest_share", "time", "2026-02") == pytest.approx(10 / 110)
    assert hospital.measures["largest_share", "time", "2026-02"].n == 110
    check = hospital.verdicts["concentration_largest_share_by_label"]
    assert (check.verdict, check.key) == ("warn", "sick")
    assert check.remedy.startswith("Collect 24 rows of label 'sick' from other sources")


def test_what_is_left_of_each_label_without_the_largest_source_is_told(hospital):
    assert hospital.value("rows_without_largest_source", "label", "sick") == 1
    assert hospital.value("rows_without_largest_source", "label", "well") == 99


def test_shares_are_judged_unrounded_and_bounds_are_inclusive(tmp_path):
    half = judged(tmp_path, [("alpha",)] * 5 + [("beta",)] * 3 + [("gamma",)] * 2)
    assert half.said()["concentration_largest_share"] == "clear"
    more = judged(tmp_path, [("alpha",)] * 5001 + [("beta",)] * 3000 + [("gamma",)] * 1999)
    assert more.value("largest_share") == 0.5001
    assert more.said()["concentration_largest_share"] == "warn"


def test_unknown_sources_are_one_of_their_own_however_they_are_written(tmp_path):
    rows = [("alpha",)] * 6 + [("beta",)] * 3 + [("",), ("Unknown",), ("n/a",), ("?",), (" na ",), ("NULL",)]
    found = judged(tmp_path, rows)
    assert found.value("share", "source", "(missing)") == 0.4
    assert found.value("hhi") == pytest.approx((6**2 + 3**2 + 6**2) / 15**2)
    check = found.verdicts["concentration_unknown_share"]
    assert (check.verdict, check.value) == ("warn", 0.4)
    assert check.sentence.startswith("6 of 15 items (0.4) have no source (1 empty, ")
    assert "1 as ' na '" in check.sentence
    assert check.remedy == (
        "Find out the source of 6 items; a text that names a source is taken out of `items.missing_values`."
    )
    empty = judged(tmp_path, [("alpha",)] * 6 + [("",)] * 4)
    assert empty.verdicts["concentration_unknown_share"].remedy == "Find out the source of 4 items."
    one = judged(tmp_path, [("alpha",)] * 6 + [("",)]).verdicts["concentration_unknown_share"]
    assert one.sentence.startswith("1 of 7 items (0.1429) has no source (1 empty)")
    assert one.remedy == "Find out the source of 1 item."


def test_the_texts_read_as_no_source_are_counted_and_the_user_can_keep_them_as_names(tmp_path):
    rows = [("EU",)] * 6 + [("NA",)] * 4
    found = judged(tmp_path, rows)
    assert found.value("missing_count", "source", "'NA'") == 4
    kept = judged(tmp_path, rows, missing_values=[""])
    assert kept.value("share", "source", "NA") == 0.4
    assert kept.value("unknown_share") == 0


def test_spellings_of_one_source_are_suspected_and_handed_out(tmp_path):
    rows = (
        [("St. Mary",)] * 40
        + [("st mary",)] * 5
        + [("Northern",)] * 30
        + [("Northren",)]
        + [("site 1",), ("site 2",)]
    )
    found = judged(tmp_path, rows)
    check = found.verdicts["concentration_suspected_spellings"]
    assert (check.verdict, check.value) == ("warn", 2)
    assert check.sentence == (
        "2 names of sources are likely others spelled differently: 'st mary' (5 items) for 'St. Mary', "
        "'Northren' (1 item) for 'Northern'; the limit is <= 0."
    )
    assert found.handouts["source_spellings.csv"].rows == (
        ("St. Mary", "st mary", 40, 5, "case, blanks or punctuation"),
        ("Northern", "Northren", 30, 1, "letters"),
    )
    off = judged(tmp_path, rows, checks={"spellings": None})
    assert "concentration_suspected_spellings" not in off.verdicts


def test_more_sources_than_are_listed_still_have_their_exact_hhi(tmp_path, monkeypatch):
    monkeypatch.setattr(coding, "VALUES", 4)
    sizes = [30, 20, 10, 9, 8, 2, 1]
    rows = [(f"s{number}", "ab"[at % 2]) for number, size in enumerate(sizes) for at in range(size)]
    found = judged(tmp_path, rows, ("source", "label"), label="label")
    assert found.value("hhi") == pytest.approx(sum(size**2 for size in sizes) / 80**2)
    assert found.value("largest_share") == 30 / 80
    assert found.value("distinct_sources") == 7
    assert found.value("share", "source", "(3 others)") == 11 / 80
    assert not [row for row in found.rows if row.by == "label"]


def test_without_items_there_is_nothing_to_say(tmp_path):
    found = judged(tmp_path, [])
    assert found.said()["concentration_largest_share"] == "insufficient"
    assert found.verdicts["concentration_largest_share"].remedy == "Name the source of the items."


def test_with_more_sources_than_are_told_apart_that_is_why_nothing_is_known_by_label(tmp_path, monkeypatch):
    monkeypatch.setattr(coding, "VALUES", 5)
    rows = [(f"s{at % 40}", ("car", "bike")[at % 2]) for at in range(400)]
    found = judged(tmp_path, rows, ("source", "label"), label="label")
    check = found.verdicts["concentration_largest_share_by_label"]
    assert check.verdict == "insufficient"
    assert check.sentence.startswith(
        "The items come from 40 sources. Within a label only so many are told apart"
    )
    assert ", 5, so whose the rows of a label are is not known." in check.sentence
    assert check.remedy.startswith("Name a coarser source, of at most 5 values")
    assert found.said()["concentration_largest_share"] == "clear"
