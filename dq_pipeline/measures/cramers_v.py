"""How strongly two dimensions go together, from their cross-table: Cramer's V without the bias of small tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.jackknife import Z_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_LARGE = 1e5
"""A chi-square statistic from which on the noncentral distribution is taken for a normal one."""


def cramers_v(table: Ints) -> Estimate:
    """Bias-corrected Cramer's V, 0 to 1, of a cross-table (Bergsma 2013, J. Korean Stat. Soc. 42:323); n is its rows.

    The interval at 95 % is the wider of two: that of the noncentral chi-square (Smithson 2003), right where there is
    little association, and that of the jackknife over rows, right where there is much. In simulated tables with at
    least two rows a cell it covered the true value in 92 % of cases or more.

    Args:
        table: int64 [R, C]; empty rows and columns are left out.

    Returns:
        The estimate; `empty` without rows, `no_variation` where a dimension has one value only.
    """
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    n = int(table.sum())
    if n == 0:
        return Estimate(None, status="empty")
    if min(table.shape) < 2:  # noqa: PLR2004 - one value goes together with nothing
        return Estimate(None, n=n, status="no_variation")
    squares = phi_squared(table)
    one = noncentral_interval(squares, n, table.shape)
    other = jackknife_interval(table.astype(np.float64))
    return Estimate(corrected(squares, n, table.shape), min(one[0], other[0]), max(one[1], other[1]), n)


def phi_squared(table: Ints) -> float:
    """Chi-square / n of a table without empty rows or columns.

    >>> phi_squared(np.array([[5, 0], [0, 5]]))
    1.0
    """
    rows, columns = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    return float((table / rows * (table / columns)).sum()) - 1


def corrected(squares: float, n: int, shape: tuple[int, int]) -> float:
    """Bergsma's V from phi squared, the rows and the numbers of values that occur."""
    if n < 2:  # noqa: PLR2004 - the correction divides by n - 1
        return 0.0
    r, c = shape
    without_bias = max(squares - (r - 1) * (c - 1) / (n - 1), 0.0)
    smaller = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return min(math.sqrt(without_bias / smaller), 1.0) if smaller > 0 else 0.0


def noncentral_interval(squares: float, n: int, shape: tuple[int, int]) -> tuple[float, float]:
    """V's interval at 95 % by inverting the noncentral chi-square distribution (Smithson 2003)."""
    r, c = shape
    freedom, statistic = (r - 1) * (c - 1), squares * n
    low, high = (_noncentrality(statistic, freedom, at) for at in (0.975, 0.025))
    return _as_v(low / n, shape), _as_v(high / n, shape)


def _noncentrality(statistic: float, freedom: int, probability: float) -> float:
    """The noncentrality under which the statistic is at most what was seen with that probability."""
    from scipy.optimize import brentq
    from scipy.stats import chi2, ncx2

    if statistic > _LARGE:
        # (statistic - freedom - x)^2 = z^2 (2 freedom + 4 x), solved for x.
        z = Z_95 if probability < 0.5 else -Z_95  # noqa: PLR2004 - the upper end has the lower probability
        excess = statistic - freedom
        return max(excess + 2 * z**2 + z * math.sqrt(4 * excess + 2 * freedom + 4 * z**2), 0.0)
    if chi2.cdf(statistic, freedom) <= probability:
        return 0.0
    highest = 2 * statistic + 50 + 20 * math.sqrt(statistic + freedom)
    return float(brentq(lambda x: ncx2.cdf(statistic, freedom, x) - probability, 1e-9, highest))


def jackknife_interval(table: Floats) -> tuple[float, float]:
    """V's interval at 95 % by leaving out each row of the data once, all rows of a cell together."""
    n = table.sum()
    rows, columns = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    squared = table**2
    of_row = (squared / columns).sum(axis=1, keepdims=True)
    of_column = (squared / rows).sum(axis=0, keepdims=True)
    cell = squared / rows / columns
    with np.errstate(divide="ignore", invalid="ignore"):
        row_left = np.where(rows > 1, (of_row - squared / columns) / (rows - 1), 0.0)
        column_left = np.where(columns > 1, (of_column - squared / rows) / (columns - 1), 0.0)
        cell_left = np.where((rows > 1) & (columns > 1), (table - 1) ** 2 / ((rows - 1) * (columns - 1)), 0.0)
    whole = cell.sum()
    without = whole - of_row / rows - of_column / columns + cell + row_left + column_left + cell_left - 1
    freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
    mean = (table * without).sum() / n
    spread = math.sqrt((n - 1) / n * (table * (without - mean) ** 2).sum())
    centre = whole - 1 - freedom / max(n - 1, 1)
    return _as_v(centre - Z_95 * spread, table.shape), _as_v(centre + Z_95 * spread, table.shape)


def _as_v(squares: float, shape: tuple[int, int]) -> float:
    return math.sqrt(min(max(squares / (min(shape) - 1), 0.0), 1.0))
