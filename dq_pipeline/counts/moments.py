"""Moments of the items' votes: what agreement rests on where there are too many labels to tell patterns apart.

An item's votes come to a few numbers that add up over items, such as sum_c n_uc (n_uc - 1) / (m_u - 1) or the sum and the sum
of squares of its ratings. Their totals give every coefficient, and the totals of their products how each varies from item
to item, since a small change of an item's weight changes a coefficient by a sum of the same numbers. No array has more cells
than labels, whatever the items; thousands of labels are fine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from dq_pipeline.counts.on_scale import Level, OnScale
    from dq_pipeline.tables import Tables

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

NAMES = (
    "items", "pairable", "votes", "agreeing_of_votes", "agreeing_of_pairs", "towards_labels", "towards_shares",
    "within", "towards_within", "first", "second",
)  # fmt: skip
"""What is summed of an item u with m votes, m >= 2 unless said:

- items: 1, of items with one vote too; pairable: 1; votes: m.
- agreeing_of_votes: sum_c n_uc (n_uc - 1) / (m - 1); agreeing_of_pairs: the same / m.
- towards_labels: sum_c n_uc t_c, what it adds to sum_ck n_c n_k d_ck, on an ordinal scale to that divided by 2 n.
- towards_shares: sum_c n_uc r_c / m, half of what it adds to the sum of squared shares, of items with one vote too.
- within: sum_ck n_uc n_uk d_ck / (m - 1), its observed disagreement at the level of measurement.
- towards_within: what it adds to the observed disagreement of others by moving the mid-ranks of an ordinal scale.
- first, second: sum and sum of squares of its numbers on an interval scale, from their middle.
"""


@dataclass(frozen=True)
class Moments:
    """Sums over items and over their products; n_c counts the votes for label c on items with two votes or more.

    Attributes:
        labels: The K labels: declared ones in their order, then others that were seen, sorted.
        level: Their level of measurement.
        shared: float [K], n_c.
        shares: float [K], r_c = sum_u n_uc / m_u over all items.
        same: float [K], ordered pairs of votes that both give the label.
        named: float [K], ordered pairs of votes whose first gives it.
        coincident: float [K], o_cc = sum_u n_uc (n_uc - 1) / (m_u - 1).
        sums: float [Q], the sums of NAMES.
        products: float [Q, Q], the sums of their products.
    """

    labels: tuple[str, ...]
    level: Level
    shared: Floats
    shares: Floats
    same: Floats
    named: Floats
    coincident: Floats
    sums: Floats
    products: Floats


def count_moments(tables: Tables, scale: OnScale, level: Level) -> Moments:
    """Go over the ballots in blocks: once for the sums, once more for the products.

    Args:
        tables: The tables.
        scale: The labels whose votes count; numbers, for an interval or ratio scale.
        level: Their level of measurement.
    """
    if tables.by_query:
        from dq_pipeline.counts.moments_in_engine import moments_in_engine

        return moments_in_engine(tables, scale, level)
    ballots = tables.ballots
    own = scale.places(ballots.labels)

    def blocks() -> Iterator[Block]:
        for block in ballots.blocks():
            codes = own[block.codes % len(own)]
            counts, starts = codes >= 0, block.starts
            sizes = np.add.reduceat(counts.astype(np.int64), starts)
            yield Block(sizes[sizes > 0], codes[counts], len(scale.labels))

    return summed_up(scale.labels, level, blocks)


def summed_up(labels: tuple[str, ...], level: Level, blocks: Callable[[], Iterator[Block]]) -> Moments:
    """The moments of blocks of items, which are gone over several times."""
    total = _Totals(len(labels))
    for block in blocks():
        total.add(block)
    scale = _scale(labels, level, total.shared, blocks)
    sums, products = np.zeros(len(NAMES)), np.zeros((len(NAMES), len(NAMES)))
    for block in blocks():
        moments = _moments(block, total, scale)
        sums += moments.sum(axis=0)
        products += moments.T @ moments
    return Moments(
        labels, level, total.shared, total.shares, total.same, total.named, total.coincident, sums, products
    )


class Block:
    """Whole items: how many of their votes each label has.

    Attributes:
        m: float [I], votes of an item.
        item: int64 [N], the item of each pair of item and label.
        label: int64 [N], its label.
        v: float [N], its votes.
    """

    def __init__(self, lengths: Ints, codes: Ints, labels: int) -> None:
        from scipy import sparse

        starts = np.concatenate([[0], np.cumsum(lengths)])
        votes = sparse.csr_matrix((np.ones(len(codes)), codes.copy(), starts), (len(lengths), labels))
        votes.sum_duplicates()
        self.m = lengths.astype(np.float64)
        self.item = np.repeat(np.arange(len(lengths)), np.diff(votes.indptr))
        self.label, self.v = votes.indices.astype(np.int64), votes.data

    def by_item(self, numbers: Floats) -> Floats:
        """The sums of numbers [N] over the labels of each item, float [I]."""
        return np.bincount(self.item, numbers, len(self.m)).astype(np.float64)

    @property
    def several(self) -> Floats:
        """1 of items with two votes or more, else 0; float [I]."""
        return (self.m > 1).astype(np.float64)

    @property
    def others(self) -> Floats:
        """M - 1, and 1 of items with one vote."""
        return np.maximum(self.m - 1, 1)


class _Totals:
    """Sums by label."""

    def __init__(self, labels: int) -> None:
        self.shared, self.shares, self.same, self.named, self.coincident = np.zeros((5, labels))

    def add(self, block: Block) -> None:
        """Add whole items."""
        m, others, several = block.m[block.item], block.others[block.item], block.several[block.item]
        pairs = block.v * (block.v - 1)
        self.shared += self._by_label(block, block.v * several)
        self.shares += self._by_label(block, block.v / m)
        self.same += self._by_label(block, pairs)
        self.named += self._by_label(block, block.v * (m - 1))
        self.coincident += self._by_label(block, pairs / others)

    def _by_label(self, block: Block, numbers: Floats) -> Floats:
        return np.bincount(block.label, numbers, len(self.shared)).astype(np.float64)


@dataclass(frozen=True)
class _Scale:
    """Where the labels lie.

    Attributes:
        within: Gives sum_ck n_uc n_uk d_ck of each item, float [I].
        places: float [K], numbers from their middle on an interval scale, else zeros.
        towards: float [K], t_c: what one more vote for the label adds to the expected disagreement.
        moved: float [K], by how much a vote for the label changes others' observed disagreement.
    """

    within: Callable[[Block], Floats]
    places: Floats
    towards: Floats
    moved: Floats


def _scale(
    labels: tuple[str, ...], level: Level, shared: Floats, blocks: Callable[[], Iterator[Block]]
) -> _Scale:
    places, towards = places_and_pull(labels, level, shared)
    none = np.zeros(len(labels))
    if level == "nominal":
        within = lambda block: block.m**2 - block.by_item(block.v**2)  # noqa: E731 - as the others are made
        return _Scale(within, none, towards, none)
    if level == "ordinal":
        return _Scale(_squares(places), none, towards, _moved(places, blocks))
    if level == "interval":
        return _Scale(_squares(places), places, towards, none)
    return _Scale(_ratios(places), none, towards, none)


def places_and_pull(labels: tuple[str, ...], level: Level, shared: Floats) -> tuple[Floats, Floats]:
    """Where each label lies, float [K], and t_c: what one more vote for it adds to the expected disagreement, float [K].

    Nominal labels lie nowhere, ordinal ones at their mid-ranks and numbers of an interval scale at themselves, both from
    their middle, numbers of a ratio scale at themselves.
    """
    n = float(shared.sum())
    if level == "nominal":
        return np.zeros(len(labels)), 2 * (n - shared)
    if level == "ordinal":
        # sum_c n_c place_c^2 = (n^3 - sum_c n_c^3) / 12
        return np.cumsum(shared) - shared / 2 - n / 2, (n**2 - shared**2) / 4
    values = np.array([float(label) for label in labels])
    if level == "interval":
        return values - (float(shared @ values) / n if n else 0.0), shared
    towards = 2 * np.concatenate(
        [
            _ratio(values[start : start + 512, None], values[None, :]) @ shared
            for start in range(0, len(values), 512)
        ]
    )
    return values, towards


def _squares(places: Floats) -> Callable[[Block], Floats]:
    """sum_ij (x_i - x_j)^2 over the ordered pairs of an item's votes."""

    def within(block: Block) -> Floats:
        # About the item's own mean: an item of one mind adds next to nothing, however far from the middle.
        mean = block.by_item(block.v * places[block.label]) / block.m
        return 2 * block.m * block.by_item(block.v * (places[block.label] - mean[block.item]) ** 2)

    return within


def _moved(places: Floats, blocks: Callable[[], Iterator[Block]]) -> Floats:
    """By how much one more vote for each label changes the observed disagreement of the items, float [K].

    The mid-ranks of the labels above it rise by one and its own by a half, which stretches or shrinks what lies between.
    """
    pull = np.zeros(len(places))
    for block in blocks():
        total = block.by_item(block.v * places[block.label])
        apart = block.v * (block.m[block.item] * places[block.label] - total[block.item])
        pull += np.bincount(block.label, (apart / block.others[block.item]), len(places))
    return moved_by(pull)


def moved_by(pull: Floats) -> Floats:
    """By how much one more vote for each label changes others' observed disagreement, float [K].

    Args:
        pull: float [K], the sum over the votes for each label of (m x place - sum of the item's places) / (m - 1).
    """
    above = pull.sum() - np.cumsum(pull)
    moved: Floats = 4 * (above + pull / 2)
    return moved


def _ratio(first: Floats, second: Floats) -> Floats:
    total = first + second
    with np.errstate(divide="ignore", invalid="ignore"):
        distance: Floats = np.where(total == 0, 0.0, ((first - second) / total) ** 2)
    return distance


def _ratios(values: Floats) -> Callable[[Block], Floats]:
    """sum_ij ((x_i - x_j) / (x_i + x_j))^2 over the ordered pairs of an item's votes."""

    def within(block: Block) -> Floats:
        made = np.zeros(len(block.m))
        kinds = np.bincount(block.item, minlength=len(block.m))
        starts = np.concatenate([[0], np.cumsum(kinds)])
        for count in np.unique(kinds[kinds > 1]):
            items = np.flatnonzero(kinds == count)
            at = starts[items][:, None] + np.arange(count)
            numbers, votes = values[block.label[at]], block.v[at]
            for first in range(count):
                for second in range(first + 1, count):
                    made[items] += (
                        2 * votes[:, first] * votes[:, second] * _ratio(numbers[:, first], numbers[:, second])
                    )
        return made

    return within


def _moments(block: Block, total: _Totals, scale: _Scale) -> Floats:
    """The numbers of NAMES, float [I, Q]."""
    several, v, label = block.several, block.v, block.label
    agreeing = block.by_item(v * (v - 1)) / block.others
    places = scale.places[label]
    columns = (
        np.ones(len(block.m)),
        several,
        block.m * several,
        agreeing,
        agreeing / block.m,
        block.by_item(v * scale.towards[label]) * several,
        block.by_item(v * total.shares[label]) / block.m,
        scale.within(block) / block.others * several,
        block.by_item(v * scale.moved[label]) * several,
        block.by_item(v * places) * several,
        block.by_item(v * places**2) * several,
    )
    return np.column_stack(columns)
