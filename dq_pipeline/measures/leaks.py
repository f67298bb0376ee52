"""How much something gives a label away, from 0 (nothing) to 1 (all)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def uncertainty_coefficient(joint: Ints, value: Ints, label: Ints) -> Estimate:
    """The share of the label's entropy that a value takes away: 1 when it determines the label (Theil 1970).

    Each entropy is corrected for the cells that it is spread over (Miller 1955), so that many values do not look telling.

    Args:
        joint: int64 [S, 2], sizes of the cells of value and label, and how many cells have each.
        value: int64 [S, 2], the same of the values alone.
        label: int64 [S, 2], the same of the labels alone.

    Returns:
        Status `empty` without rows, `no_variation` with one label; n is the rows.

    >>> cells = np.array([[5, 2]])  # two values, five rows each, one label each
    >>> uncertainty_coefficient(cells, cells, cells).value
    1.0
    """
    rows = int((label[:, 0] * label[:, 1]).sum())
    if not rows:
        return Estimate(None, status="empty")
    of_label = _entropy(label, rows)
    if label[:, 1].sum() < 2:  # noqa: PLR2004 - one label has no entropy
        return Estimate(None, n=rows, status="no_variation")
    known = of_label + _entropy(value, rows) - _entropy(joint, rows)
    return Estimate(min(max(known / of_label, 0.0), 1.0), n=rows)


def _entropy(sizes: Ints, rows: int) -> float:
    size, cells = sizes[:, 0], sizes[:, 1]
    p = size / rows
    return float(-(cells * p * np.log(p)).sum()) + (int(cells.sum()) - 1) / (2 * rows)


def found_in_text(hits: int, by_chance: int, rows: int) -> Estimate:
    """How far the share of rows whose text holds their label exceeds what drawing any row's label would find.

    (o - e) / (1 - e), as in Cohen's kappa: 0 at chance, 1 when every text holds its own label and not all of them.

    Args:
        hits: Rows whose text holds their own label.
        by_chance: Pairs of a row and any row's label that its text holds.
        rows: Rows, n of the estimate.
    """
    if not rows:
        return Estimate(None, status="empty")
    observed, expected = hits / rows, by_chance / rows**2
    if expected >= 1:
        return Estimate(None, n=rows, status="no_variation")
    return Estimate((observed - expected) / (1 - expected), n=rows)
