"""Coefficients of agreement from moments, with intervals by their linearisation on the atanh scale.

A coefficient is f(totals), and each total is a sum over items. Its change with an item's weight is the gradient of f times
what the item adds, a sum of the item's moments; the products of moments give the sum of its squares (the infinitesimal
jackknife, Efron 1982).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.jackknife import on_atanh

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ROUNDING = 1e-12


class FromMoments:
    """The coefficients of one state of moments.

    Args:
        names: What was summed of each item (counts.moments.NAMES).
        sums: float [Q], their sums.
        products: float [Q, Q], the sums of their products.
        shared: float [K], votes for each label on items with two votes or more.
        shares: float [K], sum_u n_uc / m_u.
        level: The labels' level of measurement.
    """

    def __init__(
        self,
        names: Sequence[str],
        sums: Floats,
        products: Floats,
        shared: Floats,
        shares: Floats,
        level: str,
    ) -> None:
        self._place = {name: place for place, name in enumerate(names)}
        self._sums, self._products = sums, products
        self._shared, self._shares, self._level = shared, shares, level

    def krippendorff_alpha(self) -> Estimate:
        """Alpha at the level of measurement; n is the items with two votes or more."""
        n, within = self._sum("votes"), self._sum("within")
        if self._level == "interval":
            totals = [n, within, self._sum("first"), self._sum("second")]
            moved = [{"votes": 1.0}, {"within": 1.0}, {"first": 1.0}, {"second": 1.0}]

            def expected(t: Sequence[Any]) -> Any:
                spread = t[0] * t[3] - t[2] ** 2
                return 2 * spread if np.real(spread) > ROUNDING * np.real(t[0] * t[3]) else 0.0

        else:
            own = {"within": 1.0, "towards_within": 1.0}
            totals = [n, within, self._expected()]
            moved = [{"votes": 1.0}, own, {"towards_labels": 1.0}]

            def expected(t: Sequence[Any]) -> Any:
                return 2 * t[0] * t[2] if self._level == "ordinal" else t[2]

        return self._estimate(lambda t: _one_minus((t[0] - 1) * t[1], expected(t)), totals, moved)

    def _expected(self) -> float:
        """What the labels' marginals are expected to disagree, as towards_labels adds to it."""
        n = float(self._shared.sum())
        if self._level == "ordinal":
            places = np.cumsum(self._shared) - self._shared / 2 - n / 2
            return float(self._shared @ places**2)
        if self._level == "ratio":
            return self._sum("towards_labels") / 2
        return float(self._shared @ (n - self._shared))

    def percent_agreement(self) -> Estimate:
        """The mean share of agreeing pairs."""
        totals = (self._sum("agreeing_of_pairs"), self._sum("pairable"))
        moved = ({"agreeing_of_pairs": 1.0}, {"pairable": 1.0})
        return self._estimate(lambda t: t[0] / t[1], totals, moved, lowest=0.0)

    def gwet_ac1(self) -> Estimate:
        """Gwet's AC1."""
        labels = len(self._shared)
        return self._corrected(lambda squares: (1 - squares) / (labels - 1) if labels > 1 else 1.0)

    def fleiss_kappa(self) -> Estimate:
        """Fleiss' kappa; items with one vote count towards chance."""
        return self._corrected(lambda squares: squares)

    def brennan_prediger(self) -> Estimate:
        """Brennan and Prediger's kappa."""
        return self._corrected(lambda squares: 1 / len(self._shared) + 0 * squares, singles=False)

    def _corrected(self, chance: Callable[[Any], Any], *, singles: bool = True) -> Estimate:
        totals = (
            self._sum("agreeing_of_pairs"),
            self._sum("pairable"),
            self._sum("items"),
            float((self._shares**2).sum()),
        )
        moved = ({"agreeing_of_pairs": 1.0}, {"pairable": 1.0}, {"items": 1.0}, {"towards_shares": 2.0})

        def value(t: Sequence[Any]) -> Any:
            expected = chance(t[3] / t[2] ** 2)
            return _one_minus(1 - t[0] / t[1], 1 - expected)

        return self._estimate(value, totals, moved, of="items" if singles else "pairable")

    def _sum(self, name: str) -> float:
        return float(self._sums[self._place[name]])

    def _estimate(
        self,
        value: Callable[[Sequence[Any]], Any],
        totals: Sequence[float],
        moved: Sequence[Mapping[str, float]],
        lowest: float = -1.0,
        of: str = "pairable",
    ) -> Estimate:
        units, n = round(self._sum(of)), round(self._sum("pairable"))
        if not self._sum("items"):
            return Estimate(None, status="empty")
        if n == 0:
            return Estimate(None, status="no_overlap")
        point = float(np.real(value(totals)))
        if not math.isfinite(point):
            return Estimate(None, n=n, status="no_variation")
        step, weights = 1e-100, np.zeros(len(self._sums))
        for place, adds in enumerate(moved):
            along = [total + 1j * step if place == other else total for other, total in enumerate(totals)]
            slope = float(np.imag(value(along))) / step
            for name, times in adds.items():
                weights[self._place[name]] += slope * times
        if units == 1:
            return Estimate(point, n=n)
        error = math.sqrt(max(float(weights @ self._products @ weights), 0.0) * units / (units - 1))
        low, high = on_atanh(point, error)
        return Estimate(point, max(low, lowest), high, n)


def _one_minus(observed: Any, expected: Any) -> Any:
    return 1 - observed / expected if abs(expected) > 0 else math.nan
