"""Distances between distributions: scipy's values, and what holds of any counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from dq_pipeline.measures.drift import jensen_shannon, psi

PAIRS = st.integers(1, 8).flatmap(
    lambda size: st.tuples(*[st.lists(st.integers(0, 500), min_size=size, max_size=size)] * 2)
)


@given(PAIRS)
def test_they_are_scipys(pair):
    reference, target = map(np.array, pair)
    if not reference.sum() or not target.sum():
        assert psi(reference, target).status == jensen_shannon(reference, target).status == "empty"
        return
    p, q = reference / reference.sum(), target / target.sum()
    assert jensen_shannon(reference, target).value == pytest.approx(jensenshannon(p, q, base=2), abs=1e-7)
    if (p > 0).all() and (q > 0).all():
        # The index is Jeffreys' divergence: the sum of both relative entropies.
        assert psi(reference, target).value == pytest.approx(entropy(p, q) + entropy(q, p), abs=1e-12)
    assert psi(reference, target).value == pytest.approx(psi(target, reference).value, abs=1e-12)
    assert psi(reference, reference).value == 0


def test_an_empty_cell_counts_as_one_in_ten_thousand():
    found = psi(np.array([100, 0]), np.array([99, 1])).value
    assert found == pytest.approx((0.99 - 1) * np.log(0.99) + (0.01 - 1e-4) * np.log(0.01 / 1e-4))
