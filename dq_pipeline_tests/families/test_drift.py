"""Drift: an annotator who falls off is named with the fall, its start and what to do; a steady crowd passes."""

from __future__ import annotations

import datetime as dt

import pytest

from dq_pipeline.reference import MEASURES
from dq_pipeline_tests.families.crowd import FIRST, Crowd, audited, by_check, by_key


def falling(who, week):
    """The third annotator falls from .85 to .55 in week 20."""
    return 0.55 if who == 3 and week >= 20 else 0.85


@pytest.fixture(scope="module")
def fallen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fallen")
    return audited(Crowd(right=falling).write(folder), folder, "drift")


@pytest.fixture(scope="module")
def steady(tmp_path_factory):
    folder = tmp_path_factory.mktemp("steady")
    harder = Crowd(right=0.85, mix=lambda week: (0.6, 0.3, 0.1) if week < 15 else (0.1, 0.2, 0.7))
    return audited(harder.write(folder), folder, "drift")


def test_the_one_who_fell_is_named_with_the_fall_and_its_start(fallen):
    for check, title in (
        ("drift_agreement", "agreement with peers"),
        ("drift_gold", "accuracy against gold"),
    ):
        verdict = by_check(fallen)[check]
        assert verdict.verdict == "warn"
        assert verdict.key == "ann3"
        assert verdict.value > 200
        assert verdict.sentence.startswith(f"ann3's {title} has fallen by 0.")
        assert "at the same mix of labels, beyond that of everybody else: from 0." in verdict.sentence
        assert "the limit is once in 200." in verdict.sentence
        assert verdict.remedy.startswith(
            "Go through the guideline with ann3 on 20 items of before and after 2024-0"
        )
        assert "drop" not in verdict.remedy
    start = FIRST + dt.timedelta(weeks=20)
    found = by_key(fallen, "gold_drift_start")["ann3"].value
    assert abs(found - (start - dt.date(1970, 1, 1)).days) <= 14
    change = by_key(fallen, "gold_change")["ann3"]
    assert change.low < -0.3 < change.high < 0


def test_every_number_has_a_definition(fallen):
    assert {row.measure for row in fallen.measures if row.family == "drift"} <= set(MEASURES)


def test_nobody_else_is_named(fallen):
    for measure in ("agreement_drift", "gold_drift"):
        beyond = {who for who, found in by_key(fallen, measure).items() if found.value > 200}
        assert beyond == {"ann3"}


def test_the_steps_of_the_chart_are_handed_out(fallen):
    (handout,) = fallen.handouts
    assert handout.file == "drift.csv"
    told = {(row[0], row[1]) for row in handout.rows}
    assert ("accuracy against gold", "ann3") in told
    assert ("agreement with peers", "ann3") in told
    sums = [row[7] for row in handout.rows if row[:2] == ("accuracy against gold", "ann3")]
    assert sums[-1] > handout.rows[-1][8] > 0


def test_a_steady_crowd_passes_though_its_labels_change(steady):
    assert {check: verdict.verdict for check, verdict in by_check(steady).items()} == {
        "drift_agreement": "clear",
        "drift_agreement_of_all": "clear",
        "drift_gold": "clear",
        "drift_gold_of_all": "clear",
    }
    assert by_check(steady)["drift_gold"].sentence.startswith(
        "None of 8 annotators' accuracy against gold has fallen"
    )
    assert by_check(steady)["drift_gold_of_all"].sentence.startswith(
        "All annotators' accuracy against gold has not fallen"
    )
    assert not steady.handouts[0].rows


def test_a_fall_of_everybody_is_told_once_and_of_all(tmp_path):
    crowd = Crowd(right=lambda _who, week: 0.85 if week < 20 else 0.6, annotators=4)
    found = by_check(audited(crowd.write(tmp_path), tmp_path, "drift"))
    assert found["drift_gold"].verdict == "clear"
    assert found["drift_gold_of_all"].verdict == "warn"
    assert found["drift_gold_of_all"].sentence.startswith(
        "All annotators' accuracy against gold has fallen by 0.2"
    )
    assert found["drift_agreement_of_all"].verdict == "warn"


def test_one_window_cannot_tell(tmp_path):
    found = by_check(audited(Crowd(weeks=1).write(tmp_path), tmp_path, "drift"))
    assert {verdict.verdict for verdict in found.values()} == {"insufficient"}
    assert (
        "no annotator has two stretches of 20 votes to compare (windows of 7 days)"
        in found["drift_gold"].sentence
    )
    assert found["drift_gold"].remedy == "Give each annotator 20 gold items a window."


def test_a_policy_may_block_and_a_descriptive_dataset_never_blocks_on_agreement(tmp_path):
    written = Crowd(right=falling, weeks=26).write(tmp_path) | {"labels": {"paradigm": "descriptive"}}
    policy = {"once_in": {"warn": 50, "block": 100}}
    found = by_check(audited(written, tmp_path, drift=policy))
    assert found["drift_gold"].verdict == "block"
    assert found["drift_agreement"].verdict == "warn"


def test_without_times_it_is_silent_and_says_so(tmp_path):
    written = Crowd(weeks=1).write(tmp_path)
    del written["annotations"]["time"]
    assert audited(written, tmp_path, "drift").silent["drift"] == "the spec names no annotations.time"
