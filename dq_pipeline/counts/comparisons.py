"""Votes compared with a reference on the same items, by annotator, period and the reference's label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dq_pipeline.counts.additive import Additive, at, summed_rows
from dq_pipeline.counts.days import day_of, window_of
from dq_pipeline.counts.gold import on_scale, with_gold
from dq_pipeline.counts.places import places
from dq_pipeline.counts.scale import is_exact
from dq_pipeline.counts.sessions import held_in
from dq_pipeline.tables import NUMERIC, engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Signed
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables

Reference = Literal["peers", "gold"]


@dataclass(frozen=True)
class Agreements:
    """Counts of N combinations that occur.

    Each vote is compared with every vote of its peers on the item, or with gold's label: `of` such comparisons a vote.
    Divided by `of`, the counts weigh every vote 1, spread over the labels that the reference gave.

    Attributes:
        annotators: The annotators, sorted.
        labels: The reference's labels, sorted.
        annotator: int64 [N], places in `annotators`.
        period: int64 [N], the number of the window of so many days since 1970, or how many sessions had been held.
        label: int64 [N], places in `labels`.
        of: int64 [N], comparisons a vote: the item's other votes, 1 for gold.
        total: int64 [N], comparisons.
        agreeing: int64 [N], comparisons in which the vote has the reference's label.
        squares: int64 [N], the sum over votes of their agreeing comparisons squared.
    """

    annotators: tuple[str, ...]
    labels: tuple[str, ...]
    annotator: NDArray[np.int64]
    period: NDArray[np.int64]
    label: NDArray[np.int64]
    of: NDArray[np.int64]
    total: NDArray[np.int64]
    agreeing: NDArray[np.int64]
    squares: NDArray[np.int64]


@dataclass(frozen=True)
class Comparisons(Additive):
    """Count the votes that agree with a reference; votes without a time are compared with but not counted.

    Attributes:
        reference: "peers", the other annotators of the item, or "gold".
        window: Days of a window; None for the periods between calibration sessions.
    """

    reference: Reference
    window: int | None = None

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Comparisons]) -> list[Agreements]:
        """One grouped query a request."""
        return [_count(tables, request) for request in requests]

    def added(self, spec: Spec, states: Sequence[Signed]) -> Agreements | None:
        """The counts of all parts; None where a numeric scale has parts that hold several values."""
        annotators = tuple(sorted({name for _, state in states for name in state.annotators}))
        labels = tuple(sorted({name for _, state in states for name in state.labels}))
        if spec.labels.level in NUMERIC and not is_exact(labels):
            return None
        keys, counts = summed_rows(
            [
                np.stack(
                    [
                        at(state.annotators, annotators)[state.annotator],
                        state.period,
                        at(state.labels, labels)[state.label],
                        state.of,
                    ],
                    axis=1,
                )
                for _, state in states
            ],
            [sign * np.stack([state.total, state.agreeing, state.squares], axis=1) for sign, state in states],
        )
        return Agreements(annotators, labels, *keys.T, *counts.T)


def _count(tables: Tables, request: Comparisons) -> Agreements:
    import ibis

    with engine_errors("annotations"):
        compared = _with_peers(on_scale(tables)) if request.reference == "peers" else _with_gold(tables)
        dated = compared.filter(compared.time.notnull())
        dated = dated.mutate(agreeing=ibis.ifelse(dated.label == dated.reference, dated.times, 0))
        period = (
            window_of(dated.time, request.window) if request.window else _sessions_before(dated.time, tables)
        )
        rows = (
            dated.mutate(period=period)
            .group_by("annotator", "period", "reference", "of")
            .agg(
                total=dated.times.sum().cast("int64"),
                agreeing=dated.agreeing.sum().cast("int64"),
                squares=(dated.agreeing * dated.agreeing).sum().cast("int64"),
            )
            .to_pyarrow()
        )
    annotators, annotator = places(rows["annotator"])
    labels, label = places(rows["reference"])
    period, of, total, agreeing, squares = (
        rows[name].to_numpy().astype(np.int64) for name in ("period", "of", "total", "agreeing", "squares")
    )
    order = np.lexsort((of, label, period, annotator))
    keys = (column[order] for column in (annotator, period, label, of))
    return Agreements(annotators, labels, *keys, *(column[order] for column in (total, agreeing, squares)))


def _with_peers(votes: Any) -> Any:
    """Each vote beside each label of its item: how many peers gave it, and how many peers there are."""
    labels = votes.group_by("item", "label").agg(given=votes.count().cast("int64"))
    items = votes.group_by("item").agg(given_in_all=votes.count().cast("int64"))
    beside = labels.join(items.filter(items.given_in_all > 1), "item").rename(reference="label")
    pairs = votes.join(beside, "item")
    own = (pairs.label == pairs.reference).cast("int64")
    pairs = pairs.mutate(times=pairs.given - own, of=pairs.given_in_all - 1)
    return pairs.filter(pairs.times > 0)


def _with_gold(tables: Tables) -> Any:
    """Each vote on a gold item beside gold's label."""
    import ibis

    one = ibis.literal(1, "int64")
    return with_gold(tables, "annotations").rename(reference="gold").mutate(times=one, of=one)


def _sessions_before(time: Any, tables: Tables) -> Any:
    """How many days of sessions lie on or before each time."""
    import ibis

    days = sorted({held.day for held in held_in(tables)})
    day = day_of(time)
    return sum(((day >= start).cast("int64") for start in days), ibis.literal(0, "int64"))
