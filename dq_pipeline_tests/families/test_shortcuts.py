"""Shortcuts: two hospitals with their own prevalence are blocked, honest ones are clear, and what to collect is told."""

from __future__ import annotations

import numpy as np
import pytest

from dq_pipeline.counts import coding
from dq_pipeline_tests.families.judging import Judged, write

ITEMS = {"table": "items.csv", "id": "id", "source": "source", "label": "label"}


def judged(folder, rows, header=("source", "label"), checks=None, items=None, **more):
    write(folder / "items.csv", ("id", *header), [(f"i{at}", *row) for at, row in enumerate(rows)])
    spec = {"items": items or ITEMS, "checks": {"shortcuts": checks or {}}, **more}
    return Judged(folder, spec, "shortcuts")


def two_sources(first=(900, 90), second=(100, 80)):
    """Rows of two sources, each (rows, sick)."""
    return [
        (name, "sick" if at < sick else "well")
        for name, (rows, sick) in {"A": first, "B": second}.items()
        for at in range(rows)
    ]


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return judged(tmp_path_factory.mktemp("planted"), two_sources())


def test_two_sources_at_90_and_10_with_prevalence_10_and_80_percent_are_blocked(planted):
    check = planted.verdicts["shortcuts_cramers_v_source_label"]
    assert (check.verdict, check.by, check.n) == ("block", "source,label", 1000)
    assert check.value == pytest.approx(0.5584, abs=1e-4)
    assert "rows of label 'sick' come from 'B' 19.53 times as often as other rows do" in check.sentence
    assert check.remedy.startswith("Collect 700 rows of other labels from 'B'")
    auc = planted.verdicts["shortcuts_source_only_auc"]
    assert (auc.verdict, auc.bound) == ("block", "<= 0.7")
    assert auc.value == pytest.approx(0.7232, abs=1e-4)


def test_where_the_label_is_one_of_annotations_votes_are_counted_and_called_so(tmp_path):
    write(tmp_path / "votes.csv", ("id", "who", "label"), [
        (f"i{at}", who, label) for at, (_, label) in enumerate(two_sources()) for who in ("ana", "bo")
    ])  # fmt: skip
    items = {key: value for key, value in ITEMS.items() if key != "label"}
    votes = {"table": "votes.csv", "item": "id", "annotator": "who", "label": "label"}
    found = judged(tmp_path, two_sources(), items=items, annotations=votes)
    check = found.verdicts["shortcuts_cramers_v_source_label"]
    assert (check.verdict, check.n) == ("block", 2000)
    assert (
        ", 2,000 votes); the limit is <= 0.3: votes of label 'sick' come from 'B' 19.53 times"
        in check.sentence
    )
    assert check.remedy.startswith("Collect 1,400 votes of other labels from 'B'")
    assert not [one for one in found.verdicts.values() if " rows" in f"{one.sentence} {one.remedy}"]


def test_it_is_told_which_label_comes_from_which_source(planted):
    assert planted.value("cell_count", "source,label", "B|sick") == 80
    assert planted.value("rows_to_even", "source,label", "B|sick") == 700
    assert planted.handouts["label_sources.csv"].rows[0][:3] == ("B", "sick", 80)
    assert planted.value("source_only_auc", "label", "sick") == pytest.approx(
        planted.value("source_only_auc")
    )


def test_sources_with_one_prevalence_are_clear(tmp_path):
    found = judged(tmp_path, two_sources((900, 90), (100, 10)))
    assert set(found.said().values()) == {"clear"}
    assert found.value("cramers_v", "source,label") == 0
    assert found.handouts["label_sources.csv"].rows == ()


def test_one_rare_label_from_one_source_is_told_by_its_own_auc(tmp_path):
    chance = np.random.default_rng(1)
    rows = (
        [("AB"[chance.random() < 0.5], f"l{at % 9}") for at in range(3600)]
        + [("C", "rare")] * 60
        + [("C", "l1")] * 2
    )
    found = judged(tmp_path, rows)
    assert found.said()["shortcuts_source_only_auc"] == "clear"
    check = found.verdicts["shortcuts_source_only_auc_by_label"]
    assert (check.verdict, check.key) == ("warn", "rare")
    assert "'rare' come from 'C'" in check.sentence


def test_a_label_from_one_source_alone_asks_for_others(tmp_path):
    found = judged(tmp_path, two_sources((300, 0), (300, 300)))
    check = found.verdicts["shortcuts_cramers_v_source_label"]
    assert check.value == pytest.approx(1, abs=0.01)
    assert "and other rows never do" in check.sentence
    assert check.remedy.startswith(
        "Collect rows of label 'well' from sources other than 'A': there are none."
    )


def test_two_hundred_rows_are_needed_to_say_anything(tmp_path):
    few = judged(tmp_path, two_sources((150, 15), (49, 40)))
    assert set(few.said().values()) == {"insufficient"}
    assert few.verdicts["shortcuts_source_only_auc"].remedy.startswith("Have 1 more rows")
    assert judged(tmp_path, two_sources((150, 15), (50, 40))).said()["shortcuts_source_only_auc"] == "block"


def test_one_source_gives_nothing_away(tmp_path):
    found = judged(tmp_path, [("A", "sick"), ("A", "well")] * 200)
    check = found.verdicts["shortcuts_cramers_v_source_label"]
    assert check.verdict == "insufficient"
    assert (
        check.sentence
        == "Cramer's V of source and label cannot be told: there is only one source or one label (400 rows)."
    )


def test_annotators_that_are_assigned_by_label_or_by_source_are_told(tmp_path):
    chance = np.random.default_rng(2)
    labels = [("sick", "well")[chance.random() < 0.5] for _ in range(600)]
    write(tmp_path / "votes.csv", ("item", "who", "label"), [
        (f"i{at}", {"sick": "ana", "well": "ben"}[label] if chance.random() < 0.9 else "cyd", label)
        for at, label in enumerate(labels)
    ])  # fmt: skip
    annotations = {"table": "votes.csv", "item": "item", "annotator": "who", "label": "label"}
    items = {key: ITEMS[key] for key in ("table", "id", "source")}
    rows = [("AB"[chance.random() < 0.5],) for _ in labels]
    found = judged(tmp_path, rows, ("source",), items=items, annotations=annotations)
    check = found.verdicts["shortcuts_cramers_v_annotator_label"]
    assert (check.verdict, check.table) == ("warn", "annotations")
    assert check.value > 0.9
    assert check.remedy.startswith("Assign items to annotators at random, whatever their label")
    assert found.value("annotator_only_auc") > 0.9
    assert found.said()["shortcuts_cramers_v_annotator_source"] == "clear"
    assert found.said()["shortcuts_cramers_v_source_label"] == "clear"


def test_of_items_with_several_labels_each_is_judged_against_the_items_without_it(tmp_path):
    rows = [("A", "edema|mass"), ("A", "none"), ("B", "mass"), ("B", "none|cough")] * 100 + [
        ("A", "edema")
    ] * 50
    found = judged(tmp_path, rows, labels={"separator": "|"})
    edema = found.measures["source_only_auc", "label", "edema"]
    assert edema.n == 450
    assert edema.value == pytest.approx((150 * 200 + (150 * 100) / 2) / (150 * 300), abs=2e-3)
    assert found.value("cramers_v", "source,label", "mass") < 0.2
    check = found.verdicts["shortcuts_cramers_v_source_label"]
    assert check.key in {"edema", "cough"}


def test_more_sources_than_are_listed_give_the_same_numbers(tmp_path, monkeypatch):
    chance = np.random.default_rng(3)
    rows = [
        (f"s{chance.integers(40)}" if chance.random() < 0.95 else "", "ab"[chance.random() < 0.3])
        for _ in range(900)
    ]
    rows = [(source, "a" if source[-1:] in {"1", "2"} else label) for source, label in rows]
    for several in ({}, {"labels": {"separator": "|"}}):
        listed = judged(tmp_path, rows, **several)
        with monkeypatch.context() as patch:
            patch.setattr(coding, "VALUES", 7)
            kinds = judged(tmp_path, rows, **several)
        for name in (("source_only_auc", None, None), ("source_only_auc", "label", "a")):
            assert kinds.value(*name) == pytest.approx(listed.value(*name))
            assert kinds.measures[name].n == listed.measures[name].n == 900
        key = ("cramers_v", "source,label", "a" if several else None)
        assert kinds.value(*key) == pytest.approx(listed.value(*key))


def test_a_source_for_each_item_gives_nothing_away(tmp_path):
    rows = [(f"s{at}", "ab"[at % 2]) for at in range(1500)]
    found = judged(tmp_path, rows)
    assert found.value("source_only_auc") == 0.5
    assert found.value("cramers_v", "source,label") == 0
    assert set(found.said().values()) == {"clear"}


@pytest.fixture(scope="module")
def probed(tmp_path_factory):
    chance = np.random.default_rng(4)
    rows = []
    for source, label in two_sources((600, 60), (400, 320)):
        mark = {"A": 0.0, "B": 1.0}[source] + chance.normal(0, 0.1)
        sign = chance.normal(0, 1) + (0.3 if label == "sick" else 0)
        rows.append((source, label, f"{mark:.6f}", f"{sign:.6f}"))
    items = ITEMS | {"features": ["mark", "sign"]}
    return judged(tmp_path_factory.mktemp("probed"), rows, ("source", "label", "mark", "sign"), items=items)


def test_the_probe_scores_side_by_side_and_tells_the_shortcuts_size(probed):
    scores = {row.key: row.estimate.value for row in probed.rows if row.measure == "probe_score"}
    assert scores["random"] > 0.8
    assert scores["source_only"] == pytest.approx(scores["random"], abs=0.06)
    assert scores["leave_one_source_out"] < 0.65
    check = probed.verdicts["shortcuts_shortcut_size"]
    assert (check.verdict, check.n) == ("warn", 1000)
    assert check.value == pytest.approx(scores["random"] - scores["leave_one_source_out"])
    assert "points of AUC (1,000 rows); the limit is <= 0.05" in check.sentence


def test_the_probe_can_be_turned_off_and_its_columns_must_be_there(tmp_path, probed):
    rows = [("A", "sick", "0.5")] * 10
    items = ITEMS | {"features": ["mark"]}
    off = judged(tmp_path, rows, ("source", "label", "mark"), {"probe": False}, items)
    assert "shortcuts_shortcut_size" not in off.verdicts
    assert "shortcuts_shortcut_size" in probed.verdicts
    with pytest.raises(Exception, match=r"a column 'mrak' for features\[0\]"):
        judged(tmp_path, rows, ("source", "label", "mark"), items=ITEMS | {"features": ["mrak"]})


def test_without_sources_and_annotations_it_is_silent(tmp_path):
    items = {"table": "items.csv", "id": "id", "label": "label"}
    assert "names no items.source" in judged(tmp_path, [("A", "a")], items=items).silent


def test_the_mean_of_aucs_that_cannot_be_told_is_not_judged(tmp_path):
    # Three rows of a label, all of one source of four: by lot that is so once in 16 times, and the mean is .876.
    rows = [(f"i{place}", f"H{place % 4}", "sick" if place in (0, 4, 8) else "well") for place in range(1200)]
    write(tmp_path / "items.csv", ("id", "site", "label"), rows)
    items = {"table": "items.csv", "id": "id", "source": "site", "label": "label"}
    found = Judged(tmp_path, {"items": items}, "shortcuts")
    overall = found.measures["source_only_auc", None, None]
    assert (overall.value, overall.status) == (pytest.approx(0.87594, abs=1e-5), "too_few_units")
    said = found.verdicts["shortcuts_source_only_auc"]
    assert said.verdict == "insufficient"
    assert said.remedy == "Have 30 rows at least of each label, and as many without it."
