"""Items that an annotator labelled more than once: how often with one and the same label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts.additive import Additive, at, summed_rows
from dq_pipeline.counts.places import places
from dq_pipeline.tables import engine_errors, labelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Signed
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class Repeated:
    """Repeats of the annotators who have any.

    Attributes:
        annotators: The annotators, sorted; A of them.
        items: int64 [A], items that each labelled more than once.
        same: int64 [A], those of them to which each gave one label throughout.
        extra: Annotations beyond one of each annotator and item.
    """

    annotators: tuple[str, ...]
    items: NDArray[np.int64]
    same: NDArray[np.int64]
    extra: int


@dataclass(frozen=True)
class Repeats(Additive):
    """Count the items that each annotator labelled more than once."""

    beside = False

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Repeats]) -> list[Repeated]:
        """Found while the ballots are read; by query one grouped one."""
        with engine_errors("annotations"):
            state = _grouped(tables) if tables.by_query else _read(tables)
        return [state] * len(requests)

    def added(self, spec: Spec, states: Sequence[Signed]) -> Repeated:  # noqa: ARG002 - as Additive has it
        """The repeats of all parts."""
        annotators = tuple(sorted({name for _, state in states for name in state.annotators}))
        who, counts = summed_rows(
            [at(state.annotators, annotators)[:, None] for _, state in states],
            [sign * np.stack([state.items, state.same], axis=1) for sign, state in states],
        )
        extra = sum(sign * state.extra for sign, state in states)
        return Repeated(tuple(annotators[place] for place in who[:, 0]), counts[:, 0], counts[:, 1], extra)


def _read(tables: Tables) -> Repeated:
    ballots = tables.ballots
    there = np.flatnonzero(ballots.repeated)
    annotators = tuple(ballots.annotators[place] for place in there)
    return Repeated(annotators, ballots.repeated[there], ballots.same[there], ballots.extra)


def _grouped(tables: Tables) -> Repeated:
    votes = labelled(tables["annotations"].expr)
    by_item = votes.group_by("item", "annotator").agg(
        times=votes.count(), same=(votes.label.min() == votes.label.max()).cast("int64")
    )
    repeated = by_item.filter(by_item.times > 1)
    rows = (
        repeated.group_by("annotator")
        .agg(
            items=repeated.count(),
            same=repeated.same.sum().cast("int64"),
            extra=(repeated.times - 1).sum().cast("int64"),
        )
        .order_by("annotator")
        .to_pyarrow()
    )
    annotators, _ = places(rows["annotator"])
    items, same, extra = (rows[name].to_numpy().astype(np.int64) for name in ("items", "same", "extra"))
    return Repeated(annotators, items, same, int(extra.sum()))
