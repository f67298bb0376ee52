"""Shares of a whole, how even they are, and how concentrated."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.wilson import wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def share(count: float, total: int) -> Estimate:
    """Count / total (a count may be of halves) with its Wilson interval at 95 %; n is the total. Status `empty` of nothing (Wilson 1927)."""
    if total == 0:
        return Estimate(None, status="empty")
    return Estimate(count / total, *wilson(count / total, total), total)


def imbalance_ratio(counts: Ints) -> Estimate:
    """n_max / n_min over a declared domain; n is the rows.

    A value that never occurs makes it infinite: the largest count is then divided by 1, which no smaller count could give,
    so that it is still judged. Status `no_variation` with fewer than two values in the domain, `empty` without rows.
    """
    total = int(counts.sum())
    if total == 0:
        return Estimate(None, status="empty")
    if len(counts) < 2:  # noqa: PLR2004 - one value has nothing to be compared with
        return Estimate(None, n=total, status="no_variation")
    return Estimate(int(counts.max()) / max(int(counts.min()), 1), n=total)


def normalised_entropy(counts: Ints) -> Estimate:
    """Pielou's evenness H / ln K over a declared domain of K values, 0 to 1; n is the rows (Pielou 1966)."""
    total = int(counts.sum())
    if total == 0:
        return Estimate(None, status="empty")
    if len(counts) < 2:  # noqa: PLR2004 - one value has no evenness
        return Estimate(None, n=total, status="no_variation")
    p = counts[counts > 0] / total
    return Estimate(max(float(-(p * np.log(p)).sum()), 0.0) / math.log(len(counts)), n=total)


def largest_share(counts: Ints, more_rows: int = 0) -> Estimate:
    """The largest count's share with its Wilson interval; n is the rows, `more_rows` of smaller counts among them."""
    return share(int(counts.max(initial=0)), int(counts.sum()) + more_rows)


def hhi(counts: Ints, more_rows: int = 0, more_squares: float = 0.0) -> Estimate:
    """The Herfindahl-Hirschman index sum s_i^2, from 1 / K to 1; n is the rows.

    Args:
        counts: int64 [K], rows of each source.
        more_rows: Rows of sources that are not among them.
        more_squares: The sum of the squares of those sources' rows.
    """
    total = int(counts.sum()) + more_rows
    if total == 0:
        return Estimate(None, status="empty")
    return Estimate(float(((counts / total) ** 2).sum()) + more_squares / total / total, n=total)


def effective_number(counts: Ints, more_rows: int = 0, more_squares: float = 0.0) -> Estimate:
    """1 / HHI: how many even sources would be as concentrated; n is the rows."""
    index = hhi(counts, more_rows, more_squares)
    return Estimate(None, status="empty") if index.value is None else Estimate(1 / index.value, n=index.n)


def target_ratio(count: int, total: int, wanted: float) -> Estimate:
    """How many times rarer a value is than wanted: wanted / share, its interval from Wilson's; n is the rows.

    A value that never occurs would make it infinite: it is counted as one row, which no larger count could exceed, so
    that it is still judged; its interval then has no upper end.

    Args:
        count: Rows with the value.
        total: All rows.
        wanted: The share that it ought to have.
    """
    if total == 0:
        return Estimate(None, status="empty")
    low, high = wilson(count / total, total)
    return Estimate(wanted * total / max(count, 1), wanted / high, wanted / low if count else None, total)
