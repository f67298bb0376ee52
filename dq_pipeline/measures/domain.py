"""How well a classifier tells two samples apart, by conditions or features: for information, deaf to what is rare."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

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
    side = np.repeat(np.arange(2), [int(reference.sum()), int(target.sum())])
    if (few := _too_few(side)) is not None:
        return few
    from sklearn.preprocessing import OneHotEncoder

    cells = np.array([["" if value is None else f"={value}" for value in key] for key in keys], dtype=object)
    rows = np.concatenate([np.repeat(cells, reference, axis=0), np.repeat(cells, target, axis=0)])
    return _out_of_fold([OneHotEncoder(handle_unknown="ignore")], rows, side)


def domain_auc_of_features(features: NDArray[np.float64], side: NDArray[np.int64]) -> Estimate:
    """The same area of a logistic regression on standardised features; a feature without a number is its mean.

    Args:
        features: float [N, F]; NaN where there is no number.
        side: int64 [N], 1 in the target and 0 in the reference.

    Returns:
        Status as of `domain_auc`.

    Raises:
        ModuleNotFoundError: scikit-learn is not installed.
    """
    if (few := _too_few(side)) is not None:
        return few
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import StandardScaler

    finite = np.where(np.isfinite(features), features, np.nan)
    return _out_of_fold([SimpleImputer(keep_empty_features=True), StandardScaler()], finite, side)


def _too_few(side: NDArray[np.int64]) -> Estimate | None:
    """What is said of samples too small to be told apart; None of others."""
    rows = np.bincount(side, minlength=2)
    if rows.all() and rows.min() >= FOLDS:
        return None
    return Estimate(None, n=len(side), status="too_few_units" if rows.all() else "empty")


def _out_of_fold(steps: list[Any], rows: NDArray[Any], side: NDArray[np.int64]) -> Estimate:
    """The area of a logistic regression after some steps, on rows that it did not learn from."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline

    ours, theirs = np.bincount(side, minlength=2).tolist()
    model = make_pipeline(*steps, LogisticRegression(max_iter=1000))
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
