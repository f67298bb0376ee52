"""A slice in which annotators agree less is told from chance, however many slices are looked at."""

from __future__ import annotations

import numpy as np

from dq_pipeline.measures.alpha import Nominal
from dq_pipeline.measures.slice_gaps import gap, told_apart

VECTORS = np.array([[3, 0], [2, 1], [1, 2], [0, 3]])


def nominal(_vectors, _items):
    return Nominal()


def crowd(random, items, sure):
    """Items by their votes, each of three annotators right so often."""
    truth = random.integers(0, 2, items)
    right = (random.random((items, 3)) < sure).sum(axis=1)
    ones = np.where(truth == 0, right, 3 - right)
    return np.array([(ones == 3 - place).sum() for place in range(4)])


def gaps_of(slices):
    everything = np.sum(slices, axis=0)
    return [gap(place, nominal, VECTORS, items, everything) for place, items in enumerate(slices)]


def test_the_worse_slice_stands_out_with_its_gap():
    random = np.random.default_rng(1)
    slices = [crowd(random, 300, 0.95) for _ in range(9)] + [crowd(random, 300, 0.8)]
    found = told_apart(gaps_of(slices))
    assert found[9].low > 0.15
    assert all(estimate.low < 0 for estimate in found[:9])
    assert found[9].n == 300


def test_among_many_alike_slices_hardly_ever_one_is_found_worse():
    random = np.random.default_rng(2)
    false = sum(
        any(estimate.low > 0 for estimate in told_apart(gaps_of([crowd(random, 80, 0.9) for _ in range(20)])))
        for _ in range(60)
    )
    assert false <= 6


def test_what_cannot_be_told_has_no_gap():
    everything = np.array([10, 5, 5, 10])
    assert gap(0, nominal, VECTORS, np.array([4, 0, 0, 0]), everything) is None
    assert gap(0, nominal, VECTORS, everything, everything) is None
