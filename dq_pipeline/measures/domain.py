"""How well a classifier tells two samples apart by their conditions: for information, deaf to what is rare."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.jackknife import Z_95

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FOLDS = 5
SEED = 7


def domain_auc(
    keys: Sequence[tuple[str | None, ...]], reference: NDArray[np.int64], target: NDArray[np.int64]
) -> Estimate:
    """The area under the ROC curve, out of fold, of a logistic regression on one-hot conditions; .5 is no difference.

    The interval is Hanley & McNeil's (1982); n is the rows of both samples.

    Args:
        keys: Cells, each a tuple of values.
        reference: int64 [C], rows of each in the reference.
        target: int64 [C], rows of each in the target.

    Returns:
        Status `empty` without rows, `too_few_units` with fewer than FOLDS rows of either.

    Raises:
        ModuleNotFoundError: scikit-learn is not installed.
    """
    ours, theirs = int(reference.sum()), int(target.sum())
    if not ours or not theirs:
        return Estimate(None, n=ours + theirs, status="empty")
    if min(ours, theirs) < FOLDS:
        return Estimate(None, n=ours + theirs, status="too_few_units")
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    cells = np.array([["" if value is None else f"={value}" for value in key] for key in keys], dtype=object)
    rows = np.concatenate([np.repeat(cells, reference, axis=0), np.repeat(cells, target, axis=0)])
    side = np.repeat([0, 1], [ours, theirs])
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression(max_iter=1000))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    # The mean of the folds' areas: pooled scores of models without a signal would lie below .5.
    area = float(cross_val_score(model, rows, side, cv=folds, scoring="roc_auc").mean())
    spread = _spread(area, theirs, ours)
    return Estimate(area, max(area - Z_95 * spread, 0.0), min(area + Z_95 * spread, 1.0), ours + theirs)


def _spread(area: float, positive: int, negative: int) -> float:
    """Hanley & McNeil's standard error of an area."""
    one, other = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (positive - 1) * (one - area**2) + (negative - 1) * (other - area**2)
    return math.sqrt(max(spread, 0.0) / (positive * negative))
