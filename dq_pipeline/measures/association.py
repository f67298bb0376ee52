"""How far one value tells another: the bias-corrected Cramer's V of a table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray


def cramers_v(table: NDArray[np.float64] | NDArray[np.int64]) -> Estimate:
    """Cramer's V, 0 to 1, less what chance makes of it in a table of that size (Bergsma 2013, J Korean Stat Soc 42, 323-328).

    n is the sum of the table. Rows and columns without a count are left out. Status `empty` without counts, `no_variation`
    with fewer than two rows or columns.

    Args:
        table: [R, C], counts, which need not be whole.

    >>> round(cramers_v(np.array([[30, 10], [10, 30]])).value, 4)
    0.4903
    """
    counts = np.asarray(table, dtype=np.float64)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    n = float(counts.sum())
    if n <= 1:
        return Estimate(None, n=round(n), status="empty")
    rows, columns = counts.shape
    if min(rows, columns) < 2:  # noqa: PLR2004 - one value tells nothing
        return Estimate(None, n=round(n), status="no_variation")
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    phi2 = float(((counts - expected) ** 2 / expected).sum()) / n
    corrected = max(phi2 - (rows - 1) * (columns - 1) / (n - 1), 0.0)
    least = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    if least <= 0:  # more rows or columns than counts: nothing is left to tell
        return Estimate(None, n=round(n), status="too_few_units")
    return Estimate(min(math.sqrt(corrected / least), 1.0), n=round(n))
