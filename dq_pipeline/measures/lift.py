"""Which source feeds which label: cells of a cross-table that hold more rows than chance, false discoveries controlled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.representation import share_ratios

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dq_pipeline.measures.estimate import Estimate

    Ints = NDArray[np.int64]

DISCOVERIES = 0.05
"""The share of false ones among the cells that are told (Benjamini & Hochberg 1995)."""
LARGE = 500
"""Expected rows from which on the hypergeometric distribution is taken for a normal one."""
TESTED = 100_000
"""Cells that are tested; of larger tables those with most rows."""


@dataclass(frozen=True, slots=True)
class Fed:
    """A label that comes from a source more often than other labels do.

    Attributes:
        source: Its place.
        label: Its place.
        rows: Rows of the label from the source.
        lift: The source's share of the label's rows over its share of all other rows, with Koopman's interval.
        q: The share of false discoveries that telling it accepts.
        evening: Other labels' rows from the source that would bring the label's share there down to its share elsewhere;
            None where the label comes from nowhere else.
    """

    source: int
    label: int
    rows: int
    lift: Estimate
    q: float
    evening: int | None


def fed(held: Ints, rows: Ints, total: int) -> list[Fed]:
    """The cells that hold more rows than chance gives them, the largest lift for sure first.

    Each is tested by the hypergeometric distribution, one-sided (by the normal one where LARGE rows are expected), and Benjamini-Hochberg's procedure bounds the share of
    false ones among them. The tests choose what is told; nothing is judged by them.

    Args:
        held: int64 [S, K], rows of each source with each label.
        rows: int64 [S], all rows of each source.
        total: All rows.
    """
    from scipy.stats import false_discovery_control

    having = held.sum(axis=0)
    order = np.argsort(-held, axis=None, kind="stable")[:TESTED]
    sources, labels = (places[held.ravel()[order] > 0] for places in np.unravel_index(order, held.shape))
    if not len(sources):
        return []
    seen, of_source, of_label = held[sources, labels], rows[sources], having[labels]
    q = false_discovery_control(by_chance(seen, of_source, of_label, total))
    told = q <= DISCOVERIES
    made = []
    for label in np.unique(labels[told]).tolist():
        at = np.flatnonzero(told & (labels == label))
        n = int(having[label])
        lifts = share_ratios(seen[at], n, of_source[at] - seen[at], total - n)
        made += [
            Fed(
                int(sources[cell]),
                label,
                int(seen[cell]),
                lift,
                float(q[cell]),
                _evening(int(seen[cell]), int(of_source[cell]), n, total),
            )
            for cell, lift in zip(at.tolist(), lifts, strict=True)
        ]
    return sorted(made, key=lambda one: (-(one.lift.low or 0.0), one.source, one.label))


def by_chance(seen: Ints, of_source: Ints, of_label: Ints, total: int) -> NDArray[np.float64]:
    """The probability of as many rows or more in each cell if source and label had nothing to do with each other."""
    from scipy.stats import hypergeom, norm

    expected = of_source / total * of_label
    spread = np.sqrt(expected * (1 - of_source / total) * (1 - of_label / total) * total / max(total - 1, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = norm.sf((seen - 0.5 - expected) / spread)
    # Where a source or a label has all rows there is no other way.
    chance = np.where(spread > 0, chance, 1.0)
    few = expected < LARGE
    chance[few] = hypergeom.sf(seen[few] - 1, total, of_label[few], of_source[few])
    return np.asarray(chance)


def _evening(seen: int, of_source: int, of_label: int, total: int) -> int | None:
    outside = of_label - seen
    if outside == 0:
        return None
    return max(-(-seen * (total - of_source) // outside) - of_source, 0)
