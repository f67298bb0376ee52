"""Every two annotators' kappa: scikit-learn's values, and standard errors as the delta method has them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics import cohen_kappa_score

from dq_pipeline.measures.pair_kappas import pair_kappas

TABLES = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3)


def gram(tables, annotators, labels):
    """The pairs of votes of annotators whose confusions are given."""
    matrix = np.zeros((annotators * labels, annotators * labels), np.int64)
    for (a, b), table in tables.items():
        matrix[a * labels : (a + 1) * labels, b * labels : (b + 1) * labels] = table
        matrix[b * labels : (b + 1) * labels, a * labels : (a + 1) * labels] = np.transpose(table)
    return sparse.csr_matrix(matrix)


def kappa(table):
    p = table / table.sum()
    chance = p.sum(axis=0) @ p.sum(axis=1)
    return (np.trace(p) - chance) / (1 - chance)


def delta_error(table):
    """The standard error by numerical derivatives and the multinomial covariance."""
    p, n, step = table / table.sum(), table.sum(), 1e-6
    slopes = np.zeros(p.shape)
    for cell in np.ndindex(*p.shape):
        up, down = p.copy(), p.copy()
        up[cell] += step
        down[cell] -= step
        value = [np.trace(q) - q.sum(axis=0) @ q.sum(axis=1) for q in (up, down)]
        room = [1 - q.sum(axis=0) @ q.sum(axis=1) for q in (up, down)]
        slopes[cell] = (value[0] / room[0] - value[1] / room[1]) / (2 * step)
    mean = (slopes * p).sum()
    return np.sqrt(((slopes - mean) ** 2 * p).sum() / n)


def test_a_textbook_pair_has_its_published_kappa():
    # Fleiss, Levin & Paik 2003, Statistical Methods for Rates and Proportions, table 18.1: kappa .68
    found = pair_kappas(gram({(0, 1): [[75, 1, 4], [5, 4, 1], [0, 0, 10]]}, 2, 3), 3)
    assert found.kappa[0] == pytest.approx(0.676, abs=5e-4)
    assert found.error[0] == pytest.approx(0.0877, abs=5e-5)
    assert found.items.tolist() == [100]


@settings(max_examples=60)
@given(TABLES)
def test_it_is_scikit_learns_kappa_with_the_delta_methods_error(rows):
    table = np.array(rows)
    found = pair_kappas(gram({(0, 1): table}, 2, 3), 3)
    if not table.sum():
        assert len(found.kappa) == 0
        return
    first, second = (np.repeat(axis.ravel(), table.ravel()) for axis in np.indices(table.shape))
    if (table > 0).sum() == 1 and np.trace(table):
        assert np.isnan(found.kappa[0])
        assert found.interval(0) == (None, None)
        return
    assert found.kappa[0] == pytest.approx(cohen_kappa_score(first, second))
    assert found.error[0] == pytest.approx(delta_error(table), abs=1e-5)


def test_every_pair_is_as_it_is_alone_and_those_who_share_few_items_are_left_out():
    random = np.random.default_rng(5)
    tables = {
        (0, 1): random.integers(1, 9, (4, 4)),
        (0, 2): random.integers(1, 9, (4, 4)),
        (2, 4): np.eye(4, dtype=int),
    }
    found = pair_kappas(gram(tables, 5, 4), 4, least=5)
    assert list(zip(found.first, found.second, strict=True)) == [(0, 1), (0, 2)]
    assert found.kappa == pytest.approx([kappa(tables[0, 1]), kappa(tables[0, 2])])
    low, high = found.interval(0)
    assert (low + high) / 2 == pytest.approx(found.kappa[0])


def test_annotators_who_share_nothing_have_no_pair():
    assert len(pair_kappas(sparse.csr_matrix((0, 0), dtype=np.int64), 0).kappa) == 0
    assert len(pair_kappas(sparse.csr_matrix((6, 6), dtype=np.int64), 3).kappa) == 0
