"""Calibration: who is late is named with days and labels, old guidelines are found, sessions are told by what they did."""

from __future__ import annotations

import csv
import datetime as dt
from time import process_time

import numpy as np
import pytest

from dq_pipeline.families.calibration_words import what_to_do
from dq_pipeline.families.check import Check, Finding
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.reference import MEASURES
from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.spec.calibration import Calibration
from dq_pipeline_tests.families.crowd import FIRST, Crowd, audited, by_check, by_key

NAMES = [f"ann{who}" for who in range(4)]


def on(week):
    """The first day of a week."""
    return (FIRST + dt.timedelta(weeks=week)).isoformat()


def version(who, day):
    """The second version is in force from week 10; ann2 follows three weeks later."""
    return "v2" if day.isoformat() >= on(13 if who == 2 else 10) else "v1"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Twenty weeks of four annotators, whom the session in week 10 makes better."""
    folder = tmp_path_factory.mktemp("ledger")
    crowd = Crowd(
        annotators=4, right=lambda _who, week: 0.7 if week < 10 else 0.9, weeks=20, items=40, version=version
    )
    return crowd.write(folder), folder


def ledger(**more):
    return {
        "every": "12 weeks",
        "sessions": [{"when": on(0)}, {"when": on(10), "annotators": NAMES}],
        "guidelines": [{"version": "v1", "in_force": on(0)}, {"version": "v2", "in_force": on(10)}],
        **more,
    }


def judged(written, asked, policy=None):
    spec, folder = written
    return audited(spec | {"calibration": asked}, folder, calibration=policy or {})


def test_annotators_who_are_calibrated_pass(written):
    found = by_check(judged(written, ledger(guidelines=[])))
    assert {name: one.verdict for name, one in found.items()} == {
        "calibration_overdue": "clear",
        "calibration_uncalibrated": "clear",
    }
    assert found["calibration_overdue"].sentence == (
        f"All 4 annotators who still label are calibrated (judged as of {(FIRST + dt.timedelta(days=139)).isoformat()}); "
        f"the first to run out is ann0, after {on(22)}."
    )


def test_who_is_late_is_named_with_days_and_labels_and_what_to_do(written):
    sessions = [{"when": on(0)}, {"when": on(10), "annotators": NAMES[:3]}]
    audit = judged(written, ledger(sessions=sessions, every="10 weeks", guidelines=[]))
    verdict = by_check(audit)["calibration_overdue"]
    assert verdict.verdict == "block"  # 69 days are past the 30 at which it blocks
    assert verdict.key == "ann3"
    since = by_key(audit, "annotations_since")["ann3"].value
    assert (
        f"1 of 4 annotators who still label are past their calibration, due every 70 days: ann3 by 69 days ({since:.0f} annotations since {on(10)})"
        in verdict.sentence
    )
    assert verdict.remedy.startswith(
        "Hold a session with ann3 (calibration.csv lists who is due), and have 50 of the "
    )
    due = next(one for one in audit.handouts if one.file == "calibration.csv")
    assert [row[:2] for row in due.rows] == [("ann3", "overdue"), *((name, "due soon") for name in NAMES[:3])]
    assert due.rows[0][5] == 69
    assert by_check(audit)["calibration_uncalibrated"].verdict == "warn"


@pytest.mark.parametrize(
    ("every", "verdict"), [("69 days", "clear"), ("68 days", "warn"), ("38 days", "block")]
)
def test_a_day_late_warns_and_a_month_late_blocks(written, every, verdict):
    found = by_check(
        judged(
            written,
            ledger(every=every, guidelines=[]),
            {"days_overdue": {"warn": 0, "block": 30}},
        )
    )
    assert found["calibration_overdue"].verdict == verdict


def test_thousands_who_are_late_are_told_in_a_moment():
    n = 20_000
    numbers = {
        "days_overdue": 10.0,
        "calibrated_until": 19_990.0,
        "annotations_since": 5.0,
        "ever_calibrated": 1.0,
    }
    rows = [
        Measure("calibration", name, "annotations", Estimate(number, n=10), "annotator", f"a{place}")
        for place in range(n)
        for name, number in numbers.items()
    ]
    check = Check(
        "calibration_overdue", "calibration", "annotations", "days_overdue", "t", "annotations", "annotator"
    )
    began = process_time()
    said = what_to_do(Finding(check, "warn", rows[0], None), rows, Calibration(sessions=()))
    assert process_time() - began < 5
    assert "50 of the 100,000 labels given since" in said


def test_who_took_part_in_nothing_is_never_calibrated(written):
    audit = judged(
        written, {"sessions": [{"when": on(0), "annotators": ["ann0", "Ann 1"]}], "every": "2 years"}
    )
    sentence = by_check(audit)["calibration_overdue"].sentence
    assert sentence.startswith("3 of 4 annotators who still label are past their calibration")
    assert "ann1 never calibrated" in sentence
    assert sentence.endswith(
        "Sessions name Ann 1, who gave no annotation: is that how the annotations write it?"
    )
    nobody = by_check(judged(written, {"sessions": []}))["calibration_overdue"]
    assert nobody.sentence.startswith("4 of 4 annotators")


def test_labels_by_an_older_guideline_are_found_and_whose(written):
    audit = judged(written, ledger())
    verdict = by_check(audit)["calibration_guideline"]
    shares = by_key(audit, "old_guideline_share")
    assert [name for name, one in shares.items() if one.value] == ["ann2"]
    assert verdict.verdict == "block"
    assert (
        f"ann2 {round(shares['ann2'].value * shares['ann2'].n)} of {shares['ann2'].n} (" in verdict.sentence
    )
    assert verdict.remedy.startswith("Brief ann2 on guideline v2, and have the ")
    assert by_check(judged(written, ledger(grace="3 weeks")))["calibration_guideline"].verdict == "clear"


def test_a_version_that_nobody_declared_is_told(written):
    versions = [{"version": "v1", "in_force": on(0)}, {"version": "V2", "in_force": on(10)}]
    verdict = by_check(judged(written, {"guidelines": versions}))["calibration_guideline"]
    assert "annotations name no version that calibration.guidelines knows" in verdict.sentence
    assert verdict.verdict != "clear"


def test_a_new_guideline_asks_for_a_session_on_it(written):
    sessions = [{"when": on(0), "guideline": "v1"}, {"when": on(9), "guideline": "v1"}]
    found = by_check(judged(written, ledger(sessions=sessions)))["calibration_overdue"]
    assert found.sentence.startswith("4 of 4 annotators")
    assert "ann0 by 70 days" in found.sentence
    assert "Hold a session on guideline v2 with ann0, ann1, ann2 and ann3" in found.remedy


def test_a_session_is_told_by_the_agreement_before_and_after_it(written):
    audit = judged(written, ledger())
    before, after, change = (
        by_key(audit, f"agreement_{one}", "session")[on(10)] for one in ("before", "after", "change")
    )
    assert {row.measure for row in audit.measures if row.family == "calibration"} <= set(MEASURES)
    assert before.high < after.low
    assert change.low > 0.1
    assert change.value == pytest.approx(after.value - before.value, abs=0.05)
    assert by_key(audit, "agreement_change", "session")[on(0)].status == "too_few_units"
    told = next(one for one in audit.handouts if one.file == "calibration_sessions.csv")
    assert [row[:2] for row in told.rows] == [(on(0), "everybody"), (on(10), "ann0; ann1; ann2; ann3")]


def test_a_session_of_one_is_compared_with_those_who_stayed_away(tmp_path):
    def better(who, week):
        return 0.9 if who == 1 and week >= 10 else 0.7

    crowd = Crowd(annotators=6, right=better, weeks=20, items=60).write(tmp_path)
    audit = judged((crowd, tmp_path), {"sessions": [{"when": on(10), "annotators": "ann1"}]})
    change = by_key(audit, "agreement_change", "session")[on(10)]
    assert 0 < change.low < change.value < change.high


def test_the_day_of_judgement_can_be_said(written):
    early = by_check(judged(written, ledger(as_of=on(5), every="4 weeks", guidelines=[])))[
        "calibration_overdue"
    ]
    assert f"judged as of {on(5)}" in early.sentence
    assert "ann0 by 7 days" in early.sentence
    later = by_check(judged(written, ledger(as_of="2030-01-01", guidelines=[])))["calibration_overdue"]
    assert later.verdict == "insufficient"
    assert (
        later.sentence
        == "Calibration cannot be judged: nobody has labelled in the 30 days before the end of 2030-01-01."
    )


def test_today_is_a_day_of_judgement(tmp_path):
    now = dt.datetime.now(dt.timezone.utc).date()
    rows = [
        ("item", "who", "label", "at"),
        ("a", "ana", "cat", now.isoformat()),
        ("a", "bo", "cat", now.isoformat()),
    ]
    with (tmp_path / "a.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    spec = {
        "dataset": "pets",
        "annotations": {"table": "a.csv", "item": "item", "annotator": "who", "label": "label", "time": "at"},
    }
    sessions = {"sessions": [{"when": now.isoformat()}], "as_of": "today"}
    assert by_check(judged((spec, tmp_path), sessions))["calibration_overdue"].verdict == "clear"


def test_annotations_without_a_readable_time_cannot_be_judged(tmp_path):
    rows = [("item", "who", "label", "at"), ("a", "ana", "cat", "soon"), ("a", "bo", "cat", "")]
    with (tmp_path / "a.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    spec = {
        "dataset": "pets",
        "annotations": {"table": "a.csv", "item": "item", "annotator": "who", "label": "label", "time": "at"},
    }
    found = by_check(judged((spec, tmp_path), {"sessions": []}))["calibration_overdue"]
    assert found.verdict == "insufficient"
    assert found.sentence == "Calibration cannot be judged: no annotation has a time that can be read."


def test_a_ledger_in_a_table_judges_as_the_same_one_in_the_spec(written):
    _, folder = written
    rows = [
        ("held_on", "reader", "version"),
        *((on(10), name, "v2") for name in NAMES[:3]),
        (on(0), "ann3", "v1"),
    ]
    with (folder / "ledger.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    table = {"table": "ledger.csv", "when": "held_on", "annotator": "reader", "guideline": "version"}
    listed = [{"when": day, "annotators": [name], "guideline": said} for day, name, said in rows[1:]]
    versions = ledger()["guidelines"]
    by_table = judged(written, {**table, "guidelines": versions})
    by_spec = judged(written, {"sessions": listed, "guidelines": versions})
    assert [one.sentence for one in by_table.verdicts] == [one.sentence for one in by_spec.verdicts]
    assert by_table.data_version != by_spec.data_version


BASE = {
    "dataset": "pets",
    "annotations": {"table": "a.csv", "item": "i", "annotator": "a", "label": "l", "time": "t"},
}


@pytest.mark.parametrize(
    ("calibration", "says"),
    [
        ({}, "calibration needs `sessions`, a `table` of them, or `guidelines`"),
        ({"every": "3 moons", "sessions": []}, r"a span like 90 days or 12 weeks \(found '3 moons'\)"),
        ({"sessions": [{"when": "soon"}]}, r"a date like 2024-03-01 \(found 'soon'\)"),
        ({"sessions": [], "as_of": "now"}, r"a date like 2024-03-01 \(found 'now'\)"),
        ({"table": "s.csv"}, "needs `when`"),
        ({"table": "s.csv", "when": "d", "sessions": [{"when": "2024-01-01"}]}, "not both"),
        ({"when": "d"}, "'when' is of a table of sessions"),
        ({"guidelines": [{"version": "v1", "in_force": "2024-01-01"}]}, "annotations.guideline"),
        (
            {
                "guidelines": [
                    {"version": 1, "in_force": "2024-01-01"},
                    {"version": "1", "in_force": "2024-02-01"},
                ]
            },
            "guidelines differ in their version; found twice: 1",
        ),
        (
            {
                "sessions": [{"when": "2024-01-01", "guideline": "v3"}],
                "guidelines": [{"version": "v1", "in_force": "2024-01-01"}],
            },
            "on guideline 'v3', which `guidelines` lacks",
        ),
    ],
)
def test_a_ledger_that_says_nothing_or_too_much_is_refused(calibration, says):
    with pytest.raises(InputError, match=says):
        spec_from({**BASE, "calibration": calibration})


def test_a_ledger_needs_the_time_of_the_annotations():
    annotations = {name: column for name, column in BASE["annotations"].items() if name != "time"}
    with pytest.raises(InputError, match=r"'calibration' needs annotations\.time"):
        spec_from({"dataset": "pets", "annotations": annotations, "calibration": {"sessions": []}})


def test_the_share_of_old_labels_has_wilsons_interval(written):
    one = by_key(judged(written, ledger()), "old_guideline_share")["ann2"]
    z, n, p = 1.959964, one.n, one.value
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    assert one.high - one.low == pytest.approx(2 * half)
