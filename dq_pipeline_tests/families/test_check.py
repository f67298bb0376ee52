"""Checks: their names are plain, and each is one check's alone."""

from __future__ import annotations

from dq_pipeline.families import families_of
from dq_pipeline.families.check import Check, with_plain_names
from dq_pipeline.spec import spec_from
from dq_pipeline_tests.families.judging import Judged, write


def check(name, by=None):
    return Check(name, "balance", "items", "cell_count", "The count", "rows", by)


def test_names_are_letters_digits_and_underscores():
    assert [one.name for one in with_plain_names([check("cells_time of day"), check("cells_light")])] == [
        "cells_time_of_day",
        "cells_light",
    ]


def test_names_that_become_one_stay_apart_in_any_order():
    given = [check("cells_a b", "label,a b"), check("cells_a_b", "label,a_b"), check("cells_c")]
    found = {one.by: one.name for one in with_plain_names(given)}
    assert len(set(found.values())) == 3
    assert found[None] == "cells_c"
    assert all(name.isascii() and name.isidentifier() for name in found.values())
    assert found == {one.by: one.name for one in with_plain_names(given[::-1])}


def test_conditions_in_chinese_are_each_judged_by_their_own_cells(tmp_path):
    rows = [
        (f"i{at}", ("cat", "dog")[at % 2], "晴雨"[at // 2 % 2], "日夜"[at // 4 % 2] if at > 3 else "暮")
        for at in range(400)
    ]
    write(tmp_path / "items.csv", ("id", "label", "天气", "光线"), rows)
    items = {"table": "items.csv", "id": "id", "label": "label", "conditions": ["天气", "光线"]}
    found = Judged(tmp_path, {"items": items}, "balance").verdicts
    of_cells = {one.by: one for one in found.values() if one.measure == "cell_count"}
    assert (of_cells["label,天气"].verdict, of_cells["label,天气"].value) == ("clear", 100)
    assert (of_cells["label,光线"].verdict, of_cells["label,光线"].value) == ("warn", 2)
    assert "label x 光线 for cat|暮 is 2" in of_cells["label,光线"].sentence


def test_slices_whose_names_join_alike_are_checks_of_their_own(tmp_path):
    items = {"table": "items.csv", "id": "id", "conditions": ["a", "b", "a_b"]}
    annotations = {"table": "votes.csv", "item": "id", "annotator": "who", "label": "label"}
    asked = {"agreement": {"slices": [["a", "b"], "a_b"]}}
    spec = {"dataset": "d", "items": items, "annotations": annotations, "checks": asked}
    agreement = next(one for one in families_of(*spec_from(spec, base=tmp_path)) if one.name == "agreement")
    names = [one.name for one in agreement.checks()]
    assert len(set(names)) == len(names) == 3
