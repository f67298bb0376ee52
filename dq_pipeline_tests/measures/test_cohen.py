"""Cohen's kappa of every two annotators at once is that of each two alone, and scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics import cohen_kappa_score

from dq_pipeline.measures import cohen
from dq_pipeline.measures.cohen import Cohen, pairwise_kappa
from dq_pipeline.measures.weights import agreement_weights

TABLES = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3)
WEIGHTS = {None: np.eye(3)} | {
    name: agreement_weights(np.arange(3.0), name) for name in ("linear", "quadratic")
}


def gram(tables, annotators, labels):
    """The pairs of votes of annotators whose confusions are given."""
    matrix = np.zeros((annotators * labels, annotators * labels), np.int64)
    for (a, b), table in tables.items():
        matrix[a * labels : (a + 1) * labels, b * labels : (b + 1) * labels] = table
        matrix[b * labels : (b + 1) * labels, a * labels : (a + 1) * labels] = np.transpose(table)
    return sparse.csr_matrix(matrix)


def test_a_textbook_pair_has_its_published_kappa():
    # Fleiss, Levin & Paik 2003, Statistical Methods for Rates and Proportions, table 18.1: kappa .68, standard error .087
    found = pairwise_kappa(gram({(0, 1): [[75, 1, 4], [5, 4, 1], [0, 0, 10]]}, 2, 3), 3).estimate(0)
    assert (found.value, found.n) == (pytest.approx(0.676, abs=5e-4), 100)
    low, high = np.arctanh([found.low, found.high])
    assert (high - low) / 2 / 1.96 * (1 - found.value**2) == pytest.approx(0.0877, rel=0.05)


@settings(max_examples=60)
@given(TABLES, st.sampled_from(list(WEIGHTS)))
def test_it_is_scikit_learns_kappa_with_the_interval_of_the_two_alone(rows, weighting):
    table = np.array(rows)
    found = pairwise_kappa(gram({(0, 1): table}, 2, 3), 3, None if weighting is None else WEIGHTS[weighting])
    if not table.sum():
        assert len(found.value) == 0
        return
    alone = Cohen(WEIGHTS[weighting]).estimate(table)
    assert found.estimate(0).status == alone.status
    if alone.value is None:
        assert (table > 0).sum() == 1
        return
    first, second = (np.repeat(axis.ravel(), table.ravel()) for axis in np.indices(table.shape))
    of_sklearn = cohen_kappa_score(first, second, labels=range(3), weights=weighting)
    assert found.estimate(0).value == pytest.approx(of_sklearn, abs=1e-12)
    assert found.estimate(0).low == pytest.approx(alone.low, abs=1e-9)
    assert found.estimate(0).high == pytest.approx(alone.high, abs=1e-9)


@pytest.mark.parametrize("cells", [1, 1 << 20])
def test_every_pair_is_as_it_is_alone_and_those_who_share_few_items_are_left_out(cells, monkeypatch):
    monkeypatch.setattr(cohen, "CELLS", cells)
    random = np.random.default_rng(5)
    tables = {
        (0, 1): random.integers(1, 9, (4, 4)),
        (0, 2): random.integers(1, 9, (4, 4)),
        (2, 4): np.eye(4, dtype=int),
    }
    found = pairwise_kappa(gram(tables, 5, 4), 4, least=5)
    assert list(zip(found.first, found.second, strict=True)) == [(0, 1), (0, 2)]
    for place, pair in enumerate([(0, 1), (0, 2)]):
        alone = Cohen(np.eye(4)).estimate(tables[pair])
        assert found.estimate(place).value == pytest.approx(alone.value)
        assert found.estimate(place).low == pytest.approx(alone.low)
        assert found.estimate(place).n == alone.n


def test_annotators_who_share_nothing_have_no_pair():
    assert len(pairwise_kappa(sparse.csr_matrix((0, 0), dtype=np.int64), 0).value) == 0
    assert len(pairwise_kappa(sparse.csr_matrix((6, 6), dtype=np.int64), 3).value) == 0
