"""Standings: a session counts on its last day and not on the next, a new guideline ends it, grace lengthens it."""

from __future__ import annotations

import numpy as np
import pytest

from dq_pipeline.measures.calibration import Rules, standing

PLAIN = Rules(90, 0, (), np.array([], dtype=np.int64))
VERSIONED = Rules(90, 0, ("v1", "v2"), np.array([100, 150]))


def stands(days, sessions, rules=PLAIN, versions=None):
    """Who labels one item on each of the days."""
    day = np.array(days)
    return standing(day, versions or [""] * len(day), np.ones(len(day), np.int64), sessions, rules)


@pytest.mark.parametrize(
    ("last", "overdue"),
    [(100, 0), (190, 0), (191, 1), (220, 30)],
)
def test_a_session_counts_from_its_day_to_its_last(last, overdue):
    found = stands([100, last], [(100, "")])
    assert (found.until, found.days_overdue) == (190, overdue)
    assert found.since == found.uncalibrated == (overdue > 0)


def test_labels_before_the_first_session_are_uncalibrated_and_not_overdue():
    found = stands([95, 99, 100], [(100, "")])
    assert (found.uncalibrated, found.days_overdue, found.first) == (2, 0, 95)


def test_who_was_never_calibrated_is_overdue_from_the_first_day():
    found = stands([100], [])
    assert (found.session, found.days_overdue, found.since, found.uncalibrated) == (None, 1, 1, 1)


def test_a_gap_between_two_sessions_is_uncalibrated_and_over():
    found = stands([100, 195, 205], [(100, ""), (200, "")])
    assert (found.uncalibrated, found.days_overdue, found.since) == (1, 0, 0)
    assert (found.session, found.until) == (200, 290)


def test_who_was_calibrated_after_the_last_label_is_not_overdue():
    assert stands([100, 195], [(100, ""), (200, "")]).days_overdue == 0


@pytest.mark.parametrize(("grace", "until"), [(0, 149), (7, 156)])
def test_a_newer_guideline_ends_what_a_session_on_the_older_one_counts_for(grace, until):
    rules = Rules(90, grace, VERSIONED.versions, VERSIONED.in_force)
    assert stands([100, 160], [(100, "v1")], rules).until == until
    assert stands([100, 160], [(100, "")], rules).until == until  # v1 was in force that day
    assert stands([100, 160], [(100, "v2")], rules).until == 190 + grace  # held ahead of its guideline
    assert stands([100, 160], [(90, "")], rules).until == 99 + grace  # before any version
    assert stands([100, 160], [(150, "")], rules).until == 240 + grace


@pytest.mark.parametrize(("grace", "old"), [(0, 2), (1, 1), (10, 0)])
def test_labels_by_an_older_guideline_than_the_one_in_force_are_counted(grace, old):
    rules = Rules(90, grace, VERSIONED.versions, VERSIONED.in_force)
    found = stands([99, 149, 150, 151, 151], [], rules, ["v1", "v1", "v1", "v1", "v2"])
    assert (found.old_version, found.known_version) == (old, 5)


def test_unknown_versions_are_neither_old_nor_known():
    found = stands([160, 160, 160], [], VERSIONED, ["", "V2", "v2"])
    assert (found.old_version, found.known_version) == (0, 1)


def test_a_session_on_a_version_that_nobody_knows_counts_by_its_day():
    assert VERSIONED.counts_until(120, "v9") == VERSIONED.counts_until(120, "") == 149
