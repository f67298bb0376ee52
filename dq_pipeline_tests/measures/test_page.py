"""Page's sum: published run lengths, and false alarms as far apart as is stated when nothing falls."""

from __future__ import annotations

import numpy as np
import pytest

from dq_pipeline.measures.page import average_run_length, cusum, limit_for


@pytest.mark.parametrize(
    ("limit", "fall", "published"),
    [  # one-sided, allowance .5: Montgomery, Introduction to Statistical Quality Control, table 9.3 (two-sided ones doubled
        # where nothing falls); Hawkins & Olwell 1998, table 3.1
        (4, 0.0, 336),
        (5, 0.0, 930),
        (4, 1.0, 8.38),
        (5, 1.0, 10.4),
        (4, 2.0, 3.34),
        (5, 2.0, 4.01),
        (4, 3.0, 2.19),
        (5, 4.0, 2.01),
    ],
)
def test_run_lengths_are_those_of_the_tables(limit, fall, published):
    assert average_run_length(limit, fall=fall) == pytest.approx(published, rel=0.003)


def test_a_sum_without_room_alarms_at_the_first_window_beyond_the_allowance():
    assert average_run_length(0.0) == pytest.approx(1 / 0.3085375387259869)


@pytest.mark.parametrize("run_length", [10, 200, 1000, 40_000, 1e7])
def test_the_limit_gives_back_its_run_length(run_length):
    assert average_run_length(limit_for(run_length)) == pytest.approx(run_length, rel=1e-6)


def test_the_limit_of_a_run_length_shorter_than_any_is_nought():
    assert limit_for(1.0) == 0.0


def test_only_falls_add_up():
    assert [cusum(0.0, 3.0), cusum(0.0, -0.5), cusum(0.0, -2.0), cusum(1.5, 0.0)] == [0.0, 0.0, 1.5, 1.0]


def test_false_alarms_come_as_seldom_as_is_stated():
    random = np.random.default_rng(1954)
    limit, lengths = limit_for(60), []
    for _ in range(1500):
        total, windows = 0.0, 0
        while total <= limit:
            total, windows = cusum(total, random.standard_normal()), windows + 1
        lengths.append(windows)
    assert np.mean(lengths) == pytest.approx(60, rel=0.08)  # three standard errors
