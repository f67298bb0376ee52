"""Accuracy of votes that go together by item, and gold that confident votes contradict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.shares import share
from dq_pipeline.measures.wilson import wilson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def accuracy(votes: Ints, right: Ints, items: Ints) -> Estimate:
    """The share of votes that are right, with Wilson's interval for as many votes as they are worth; n is the votes.

    Votes on one item go together, so that they are worth fewer: at least the number of items, at most the number of votes,
    by the variance of the ratio over items (Korn & Graubard 1998, Surv Methodol 24, 193-201). Status `empty` without votes.

    Args:
        votes: int64 [P], votes on an item.
        right: int64 [P], those that are right.
        items: int64 [P], items of that kind.

    >>> import numpy as np
    >>> accuracy(np.array([3]), np.array([3]), np.array([20]))
    Estimate(value=1.0, low=0.8388748419471806, high=1.0, n=60, status='ok')
    """
    n, units = int(votes @ items), int(items.sum())
    if not n:
        return Estimate(None, status="empty")
    value = int(right @ items) / n
    worth = float(units)
    if units > 1 and 0 < value < 1:
        variance = units / (units - 1) * float(items @ (right - value * votes) ** 2) / n**2
        worth = min(max(value * (1 - value) / variance, units), n) if variance > 0 else float(n)
    return Estimate(value, *wilson(value, worth), n)


def suspect_gold(
    votes: Ints, against: Ints, items: Ints, *, least: int = 3, confident: float = 0.8
) -> Estimate:
    """The share of gold items on which confident votes stand for one other label, with Wilson's interval.

    n is the gold items with enough votes. Status `too_few_units` without any (Northcutt et al. 2021).

    Args:
        votes: int64 [P], votes on an item.
        against: int64 [P], votes for the label that most gave of those that are not gold's.
        items: int64 [P], items of that kind.
        least: Fewest votes on an item to be confident.
        confident: The share of votes from which on they are.
    """
    enough = votes >= least
    n = int(items[enough].sum())
    if not n:
        return Estimate(None, status="too_few_units")
    return share(int(items[enough & (against >= confident * votes)].sum()), n)
