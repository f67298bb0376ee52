"""How well the source alone tells a label: an area under the ROC curve that no row was scored by itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.jackknife import Z_95

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def source_only_auc(rows: Ints, positives: Ints, alike: Ints | None = None) -> Estimate:
    """The AUC of predicting a label by its share in the row's source, every pair of rows left out (Airola et al. 2011).

    Of each pair of a row with the label and one without, both are scored by the *other* rows of their source: out of
    fold as in cross-validation, with as many folds as there are pairs. So it needs no random folds, is an exact function
    of counts, and is .5 on average where the source tells nothing, however many sources there are (10 folds come to the
    same within their own noise). Rows of one source, and of sources with one row, are ties. The interval at 95 % is
    DeLong's (DeLong, DeLong & Clarke-Pearson 1988).

    Args:
        rows: int64 [S], rows of each source.
        positives: int64 [S], those with the label.
        alike: int64 [S], how many sources are like this one; 1 each unless said.

    Returns:
        The estimate, n the rows; `empty` without rows, `no_variation` with one source or where all or no rows have the label.

    >>> source_only_auc(np.array([100, 900]), np.array([80, 90])).value.__round__(3)
    0.723
    """
    times = np.ones(len(rows), np.int64) if alike is None else alike
    there = (rows > 0) & (times > 0)
    n_s, p_s, m_s = rows[there].astype(np.float64), positives[there].astype(np.float64), times[there]
    n, p = int((m_s * n_s).sum()), int((m_s * p_s).sum())
    q = n - p
    if n == 0:
        return Estimate(None, status="empty")
    if p == 0 or q == 0 or m_s.sum() < 2:  # noqa: PLR2004 - one source tells nothing apart
        return Estimate(None, n=n, status="no_variation")
    q_s = n_s - p_s
    prior = (p - 1) / (n - 2) if n > 2 else 0.5  # noqa: PLR2004 - what is left of the pair's sources and all others
    with np.errstate(divide="ignore", invalid="ignore"):
        with_label = np.where(n_s > 1, (p_s - 1) / (n_s - 1), prior)
        without_label = np.where(n_s > 1, p_s / (n_s - 1), prior)
    own = _half_or_more(with_label, without_label)
    # Of a source's rows: the share of the other side's rows that they are ranked right against, ties half.
    of_positives = (_below(with_label, without_label, m_s * q_s) + q_s * (0.5 - own)) / q
    of_negatives = (p - _below(without_label, with_label, m_s * p_s) + p_s * (0.5 - own)) / p
    auc = float((m_s * p_s * of_positives).sum() / p)
    variance = _variance(of_positives, m_s * p_s, auc, p) + _variance(of_negatives, m_s * q_s, auc, q)
    half = Z_95 * math.sqrt(variance)
    return Estimate(auc, max(auc - half, 0.0), min(auc + half, 1.0), n)


def weighted_auc(estimates: Sequence[Estimate], weights: Sequence[int]) -> Estimate:
    """The mean of one-versus-rest AUCs, each label weighing as many rows as have it (scikit-learn's `average="weighted"`).

    The half-widths of the intervals are averaged too: labels exclude each other, so their errors go together, and of two
    labels both AUCs are the same number.
    """
    defined = [(one, weight) for one, weight in zip(estimates, weights, strict=True) if one.value is not None]
    n = max((one.n for one in estimates), default=0)
    total = int(sum(weight for _, weight in defined))
    if not total:
        return Estimate(None, n=n, status="no_variation" if n else "empty")
    value, low, high = (
        math.fsum((getattr(one, name) or 0.0) * weight for one, weight in defined) / total
        for name in ("value", "low", "high")
    )
    return Estimate(value, low, high, n)


def _half_or_more(first: Floats, second: Floats) -> Floats:
    """1 where first is higher, .5 where equal, else 0."""
    return np.where(first > second, 1.0, np.where(first == second, 0.5, 0.0))


def _below(scores: Floats, others: Floats, weights: Floats) -> Floats:
    """For each score the weight of the others below it, and half of those equal to it."""
    order = np.argsort(others, kind="stable")
    ranked, running = others[order], np.concatenate([[0.0], np.cumsum(weights[order])])
    less = running[np.searchsorted(ranked, scores, side="left")]
    up_to = running[np.searchsorted(ranked, scores, side="right")]
    return np.asarray((less + up_to) / 2)


def _variance(parts: Floats, weights: Floats, mean: float, n: int) -> float:
    """The variance of a mean over n rows."""
    return float((weights * (parts - mean) ** 2).sum() / (n - 1) / n) if n > 1 else 0.0
