"""The nights are appended one by one, and survive a kill."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dq_pipeline.report import history
from dq_pipeline_tests.report.world import WHEN, measure, nights, subject, verdicts


def test_nights_come_back_as_they_went(tmp_path):
    told = nights(5, verdicts())
    for night in told:
        history.append(tmp_path, night)
    assert history.read(tmp_path) == told
    assert history.read(tmp_path, last=2) == told[-2:]
    assert history.read(tmp_path, last=0) == ()


def test_a_folder_without_history_has_no_nights(tmp_path):
    assert history.read(tmp_path) == ()


@pytest.mark.parametrize("kept", [0, 1, 10, 150])
def test_a_line_cut_short_by_a_kill_costs_that_night_only(tmp_path, kept):
    first, second, third = nights(3, verdicts())
    history.append(tmp_path, first)
    history.append(tmp_path, second)
    file = tmp_path / history.FILE
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[1][:kept])
    assert history.read(tmp_path) == (first,)
    history.append(tmp_path, third)
    assert history.read(tmp_path) == (first, third)


def test_lines_that_are_something_else_are_passed_over(tmp_path):
    (tmp_path / history.FILE).write_bytes(b'[1]\n{"when": "never"}\n\xff\xfe\nnull\n{"numbers": 3}\n')
    assert history.read(tmp_path) == ()


def test_a_night_holds_the_overall_numbers_that_are_followed():
    rows = (
        measure("agreement", "krippendorff_alpha", 0.5),
        measure("agreement", "krippendorff_alpha", 0.4, "weather", "fog"),
        measure("agreement", "gwet_ac1", 0.6),
    )
    night = history.night_of(subject(measures=rows), run="r", when=WHEN)
    assert night.numbers == {"krippendorff_alpha": history.Number(0.5, 0.46, 0.54, 1000)}
    assert night.checks["agreement_krippendorff_alpha"] == "block"
    assert not night.waived, "another check blocked all the same"


def test_a_night_is_waived_where_a_waiver_let_it_pass_and_not_where_another_check_blocked(tmp_path):
    blocked, passed = (
        history.night_of(replace(subject(), verdict=overall), run=overall, when=WHEN)
        for overall in ("block", "warn")
    )
    assert (blocked.waived, passed.waived) == (False, True)
    history.append(tmp_path, replace(blocked, waived=True))  # as older lines say it
    history.append(tmp_path, passed)
    assert [night.waived for night in history.read(tmp_path)] == [False, True]


def test_a_night_follows_the_label_and_not_the_last_of_the_conditions():
    told = [
        ("balance", "imbalance_ratio", by, 7.0 + at) for at, by in enumerate(("label", "weather", "light"))
    ]
    told += [
        ("shortcuts", "cramers_v", by, 0.3 - at / 10)
        for at, by in enumerate(("source,label", "annotator,label", "annotator,source"))
    ]
    rows = tuple(measure(family, name, value, by) for family, name, by, value in told)
    night = history.night_of(subject(measures=rows), run="r", when=WHEN)
    assert {name: number.value for name, number in night.numbers.items()} == {
        "imbalance_ratio": 7.0,
        "cramers_v": 0.3,
    }


def test_only_the_last_nights_of_a_long_history_are_read(tmp_path):
    (night,) = nights(1, verdicts())
    for day in range(30):
        history.append(tmp_path, replace(night, run=f"r{day}", when=WHEN + timedelta(days=day)))
    assert [one.when for one in history.read(tmp_path, last=3)] == [
        WHEN + timedelta(days=day) for day in (27, 28, 29)
    ]


def test_of_a_run_that_tells_its_night_again_the_last_word_stands(tmp_path):
    first, second, third = nights(3, verdicts())
    for night in (first, second, third, replace(second, verdict="warn")):
        history.append(tmp_path, night)
    assert history.read(tmp_path) == (first, third, replace(second, verdict="warn"))
