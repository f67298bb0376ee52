"""Ratios of shares: published intervals, exact tests, and what holds of any counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlog1py, xlogy
from scipy.stats import chi2_contingency, false_discovery_control, fisher_exact

from dq_pipeline.measures.discoveries import discoveries
from dq_pipeline.measures.representation import more_common, share_ratios


def one(x, m, y, n):
    return share_ratios(np.array([x]), m, np.array([y]), n)[0]


@pytest.mark.parametrize(
    ("counts", "ratio", "low", "high"),
    [
        ((36, 40, 16, 80), 4.5, 2.94, 7.15),  # Koopman 1984; Gart & Nam 1988, table 3
        ((16, 80, 36, 40), 1 / 4.5, 1 / 7.15, 1 / 2.94),
    ],
)
def test_koopmans_example(counts, ratio, low, high):
    estimate = one(*counts)
    assert estimate.value == pytest.approx(ratio)
    assert estimate.low == pytest.approx(low, rel=0.002)
    assert estimate.high == pytest.approx(high, rel=0.002)


@pytest.mark.parametrize(
    "counts",
    [(36, 40, 16, 80), (5, 1000, 3, 800), (200, 10_000, 100, 25_000), (7, 9, 30, 31), (5, 15, 0, 15)],
)
def test_at_its_ends_pearsons_statistic_of_the_likeliest_shares_is_the_quantile(counts):
    x, m, y, n = counts
    estimate = one(*counts)

    def statistic(ratio):
        def unlikely(q):
            return -(xlogy(x, ratio * q) + xlog1py(m - x, -ratio * q) + xlogy(y, q) + xlog1py(n - y, -q))

        q = minimize_scalar(
            unlikely, bounds=(1e-12, min(1, 1 / ratio) - 1e-12), method="bounded", options={"xatol": 1e-13}
        ).x
        p = ratio * q
        return (x - m * p) ** 2 / (m * p * (1 - p)) + (y - n * q) ** 2 / (n * q * (1 - q))

    for end in (estimate.low, estimate.high):
        assert end is None or statistic(end) == pytest.approx(3.841458820694124, rel=1e-4)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_interval_holds_the_ratio_and_1_just_when_pearsons_chi_square_does_not_reject(data):
    m, n = data.draw(st.integers(1, 400)), data.draw(st.integers(1, 400))
    x, y = data.draw(st.integers(0, m)), data.draw(st.integers(0, n))
    estimate = one(x, m, y, n)
    if x + y == 0:
        assert (estimate.value, estimate.status) == (None, "empty")
        return
    if y == 0:
        assert (estimate.value, estimate.high, estimate.status) == (None, None, "no_overlap")
    else:
        assert estimate.low <= estimate.value <= estimate.high
    if x + y < m + n:
        chi2 = chi2_contingency([[x, m - x], [y, n - y]], correction=False).statistic
        within = estimate.low <= 1 and (estimate.high is None or estimate.high >= 1)
        assert within == (chi2 <= 3.841458820694124) or abs(chi2 - 3.841458820694124) < 1e-6


def test_without_rows_there_is_no_ratio():
    assert one(0, 0, 5, 10).status == one(5, 10, 0, 0).status == "empty"


@pytest.mark.parametrize(
    ("x", "m", "y", "n"), [(5, 1000, 0, 1000), (20, 980, 4, 996), (0, 10, 3, 7), (7, 9, 30, 31)]
)
def test_the_p_value_is_fishers(x, m, y, n):
    expected = fisher_exact([[x, m - x], [y, n - y]], alternative="greater").pvalue
    assert more_common(np.array([x]), m, np.array([y]), n)[0] == pytest.approx(expected, rel=1e-9)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_what_stands_is_what_scipys_benjamini_hochberg_lets_stand(p_values):
    found = discoveries(np.array(p_values))
    expected = false_discovery_control(p_values) <= 0.05
    near = np.abs(false_discovery_control(p_values) - 0.05) < 1e-12
    assert ((found == expected) | near).all()


def test_no_test_is_no_discovery():
    assert discoveries(np.array([])).tolist() == []
