"""Wilson's interval: the published examples, and its ends."""

from __future__ import annotations

import pytest

from dq_pipeline.measures.wilson import wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [  # Newcombe 1998, Stat Med 17, 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_it_gives_newcombes_examples(hits, n, low, high):
    assert wilson(hits / n, n) == pytest.approx((low, high), abs=5e-5)


def test_it_holds_the_share_and_stays_between_0_and_1():
    for hits in range(11):
        low, high = wilson(hits / 10, 10)
        assert 0 <= low <= hits / 10 <= high <= 1


def test_it_mirrors_when_hits_and_misses_change_places():
    low, high = wilson(0.3, 40)
    assert wilson(0.7, 40) == pytest.approx((1 - high, 1 - low))


def test_units_that_go_together_widen_it():
    low, high = wilson(0.8, 100)
    wider = wilson(0.8, 25)
    assert wider[0] < low < high < wider[1]
