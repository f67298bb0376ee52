"""Charts of falls: the moments are the hypergeometric ones, another mix of labels or harder items are no fall, a fall is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dq_pipeline.measures.falls import Part, Series, change, chart, spread_of, standardised, steps_of
from dq_pipeline.measures.page import limit_for


def part(votes, agreeing, votes_of_others=0.0, agreeing_of_others=0.0, first=0):
    """A stretch, one number a label each."""
    arrays = [
        np.atleast_1d(np.asarray(one, float))
        for one in (votes, agreeing, votes_of_others, agreeing_of_others)
    ]
    shape = arrays[0].shape
    return Part(first, first, *(np.broadcast_to(one, shape).copy() for one in arrays))


def simulated(random, *, windows, right, votes=60, others=400, mix=None, hardness=None):
    """A series of votes against gold: `right` and everybody else's .8, by window or constant; `hardness` takes off both."""
    shares = np.broadcast_to([0.6, 0.3, 0.1] if mix is None else mix, (windows, 3))
    off = np.zeros(windows) if hardness is None else np.asarray(hardness)
    n = np.array([random.multinomial(votes, share) for share in shares])
    m = np.array([random.multinomial(others, share) for share in shares]) if others else np.zeros_like(n)
    easier = np.array([0.05, 0.0, -0.15])
    p = (np.broadcast_to(right, windows) - off)[:, None] + easier
    q = (0.8 - off)[:, None] + easier
    return Series(
        np.arange(windows), *(x.astype(float) for x in (n, random.binomial(n, p), m, random.binomial(m, q)))
    )


def drawn(series, limit=5.0, least=20):
    """The chart of a series."""
    return chart(steps_of(series, least), limit)


@given(st.integers(2, 40), st.integers(2, 40), st.data())
def test_one_labels_moments_are_those_of_the_hypergeometric_distribution(n, m, data):
    y, x = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    z = standardised(part(m, x), part(n, y))
    if y + x in {0, n + m}:
        assert z == 0.0
        return
    exact = stats.hypergeom(n + m, y + x, n)
    chances = exact.pmf(np.arange(n + 1))
    off = np.arange(n + 1) - exact.mean()
    skew = float(chances @ off**3) / exact.std() ** 3
    plain = (y - exact.mean()) / exact.std()
    if abs(skew) < 1e-3:
        assert z == pytest.approx(plain, abs=0.01)
    else:  # Wilson & Hilferty's transform
        assert z == pytest.approx(6 / skew * (np.cbrt(max(1 + skew * plain / 2, 0)) - 1) + skew / 6, abs=1e-6)


def test_a_stretch_that_shares_no_label_with_what_was_before_says_nothing():
    before, since = part([50, 0], [40, 0]), part([0, 50], [0, 10])
    assert standardised(before, since) == 0.0
    assert change(before, since).status == "no_overlap"


def test_the_change_is_the_difference_at_the_same_mix_of_labels():
    before, since = part([900, 100], [810, 50]), part([100, 900], [90, 450])
    found = change(before, since)
    assert found.value == pytest.approx(0.0)  # though the share fell from .86 to .54
    assert found.low < 0 < found.high
    assert found.n == 1000


def test_what_happens_to_everybody_is_taken_off():
    before, since = part(200, 160, 2000, 1600), part(200, 120, 2000, 1200)
    assert change(before, since).value == pytest.approx(0.0)
    assert standardised(before, since) == pytest.approx(0.0, abs=0.02)
    alone = change(part(200, 160), part(200, 120))
    assert alone.value == pytest.approx(-0.2)
    assert alone.high < 0


def test_a_change_between_two_shares_has_the_interval_of_a_difference_of_shares():
    found = change(part(1000, 800), part(1000, 700))
    half = 1.96 * np.sqrt(0.75 * 0.25 * 2 / 1000)
    assert (found.low, found.high) == pytest.approx((-0.1 - half, -0.1 + half), abs=1e-3)


def test_windows_with_few_votes_wait_for_the_next():
    series = Series(np.array([3, 5, 6, 9]), *(np.full((4, 1), one) for one in (8.0, 4.0, 0.0, 0.0)))
    assert [(step.first, step.last, step.votes.sum()) for step in steps_of(series, 15)] == [
        (3, 5, 16),
        (6, 9, 16),
    ]
    assert [(step.first, step.last) for step in steps_of(series, 20)] == [(3, 6)]


def test_one_stretch_has_nothing_to_be_compared_with():
    assert chart([part(50, 40)], 5.0) is None
    assert chart([], 5.0) is None


def test_a_fall_is_found_soon_and_dated_near_its_beginning():
    random = np.random.default_rng(1)
    right = np.where(np.arange(40) < 25, 0.8, 0.6)
    found = drawn(simulated(random, windows=40, right=right), limit_for(1000))
    first = next(place for place, total in enumerate(found.sums, 1) if total > limit_for(1000))
    assert 25 <= first <= 29
    assert 22 <= found.since.first <= 26
    assert found.sums[-1] > limit_for(1000)
    assert change(found.before, found.since).high < -0.1


def test_a_fall_that_lasts_is_not_taken_for_the_rule():
    random = np.random.default_rng(2)
    right = np.where(np.arange(200) < 20, 0.85, 0.65)
    found = drawn(simulated(random, windows=200, right=right), limit_for(1000))
    assert found.sums[-1] > limit_for(1000)
    assert found.before.last < 22


def test_one_who_recovers_is_clear_again():
    random = np.random.default_rng(3)
    at = np.arange(60)
    right = np.where((at >= 20) & (at < 30), 0.55, 0.8)
    found = drawn(simulated(random, windows=60, right=right), limit_for(1000))
    assert max(found.sums) > limit_for(1000)
    assert found.sums[-1] < limit_for(1000)


def test_another_mix_of_labels_is_no_fall():
    random = np.random.default_rng(4)
    mix = np.where(np.arange(40)[:, None] < 20, [0.8, 0.15, 0.05], [0.2, 0.2, 0.6])
    found = drawn(simulated(random, windows=40, right=0.8, mix=mix), limit_for(200))
    share = [one.rate().value for one in (found.steps[5], found.steps[-5])]
    assert share[1] < share[0]
    assert max(found.sums) <= limit_for(200)


def test_harder_items_are_no_fall_of_one_annotator_but_one_of_all():
    hardness = np.where(np.arange(40) < 20, 0.0, 0.15)
    mine = drawn(
        simulated(np.random.default_rng(5), windows=40, right=0.8, hardness=hardness), limit_for(200)
    )
    assert max(mine.sums) <= limit_for(200)
    alone = simulated(np.random.default_rng(5), windows=40, right=0.8, hardness=hardness, others=0)
    assert drawn(alone, limit_for(200)).sums[-1] > limit_for(200)


def test_a_clean_crowd_raises_false_alarms_as_seldom_as_is_stated():
    random = np.random.default_rng(6)
    limit, windows, alarms, z = limit_for(100), 0, 0, []
    for _ in range(90):
        series = simulated(random, windows=50, right=0.8, votes=40)
        found = drawn(series, limit)
        first = next((place for place, total in enumerate(found.sums, 1) if total > limit), None)
        windows += first or len(found.sums)
        alarms += first is not None
        z += drawn(series, np.inf).z
    assert np.mean(z) == pytest.approx(0.0, abs=0.03)
    assert np.std(z) == pytest.approx(1.0, abs=0.04)
    assert 80 <= windows / alarms <= 145


def test_votes_that_go_together_by_window_widen_the_spread_and_a_lasting_fall_does_not():
    random = np.random.default_rng(7)
    wobble = np.clip(0.8 + random.normal(0, 0.12, 80), 0, 0.94)
    unsteady = [drawn(simulated(random, windows=80, right=wobble, others=0), np.inf)]
    assert spread_of(unsteady) > 1.5
    right = np.where(np.arange(80) < 40, 0.8, 0.6)
    assert spread_of([drawn(simulated(random, windows=80, right=right, others=0), np.inf)]) < 1.25


def test_a_spread_is_told_from_enough_windows_only():
    random = np.random.default_rng(8)
    assert spread_of([drawn(simulated(random, windows=10, right=0.8), np.inf)]) == 1.0
