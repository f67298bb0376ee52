"""Who labelled how much on which day, and by which guideline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts.additive import Additive, at, summed_rows
from dq_pipeline.counts.days import day_of
from dq_pipeline.counts.places import places
from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Signed
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class Days:
    """Annotations by annotator, day and guideline; N combinations that occur, in the order of annotator and day.

    Attributes:
        annotators: The annotators, sorted.
        annotator: int64 [N], places in `annotators`.
        day: int64 [N], days since 1970.
        guideline: The guideline's version, [N]; "" where there is none.
        annotations: int64 [N].
        undated: Annotations by a named annotator whose time is missing or cannot be read.
    """

    annotators: tuple[str, ...]
    annotator: NDArray[np.int64]
    day: NDArray[np.int64]
    guideline: tuple[str, ...]
    annotations: NDArray[np.int64]
    undated: int


@dataclass(frozen=True)
class Activity(Additive):
    """Count every annotation by annotator, day and guideline; repeats count too, they are work done.

    The state is bounded by annotators x days x versions of the guideline.
    """

    beside = False

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Activity]) -> list[Days]:
        """One grouped query."""
        table = tables["annotations"].expr
        with engine_errors("annotations"):
            named = table.filter(table.annotator.notnull())
            guideline = {"guideline": named.guideline.fill_null("")} if "guideline" in named.columns else {}
            dated = named.select("annotator", day=day_of(named.time), **guideline)
            rows = dated.group_by(*dated.columns).agg(n=dated.count()).to_pyarrow()
        n = rows["n"].to_numpy().astype(np.int64)
        undated = int(n[rows["day"].is_null().to_numpy(zero_copy_only=False)].sum())
        rows = rows.filter(rows["day"].is_valid())
        annotators, annotator = places(rows["annotator"])
        day = rows["day"].to_numpy().astype(np.int64)
        versions = rows["guideline"].to_pylist() if guideline else [""] * len(day)
        order = np.lexsort((day, annotator))
        state = Days(
            annotators,
            annotator[order],
            day[order],
            tuple(versions[place] for place in order),
            rows["n"].to_numpy().astype(np.int64)[order],
            undated,
        )
        return [state] * len(requests)

    def added(self, spec: Spec, states: Sequence[Signed]) -> Days:  # noqa: ARG002 - as Additive has it
        """The days of all parts."""
        annotators = tuple(sorted({name for _, state in states for name in state.annotators}))
        versions = tuple(sorted({version for _, state in states for version in state.guideline}))
        keys, n = summed_rows(
            [
                np.stack(
                    [
                        at(state.annotators, annotators)[state.annotator],
                        state.day,
                        at(state.guideline, versions),
                    ],
                    axis=1,
                )
                for _, state in states
            ],
            [sign * state.annotations for sign, state in states],
        )
        undated = sum(sign * state.undated for sign, state in states)
        return Days(
            annotators, keys[:, 0], keys[:, 1], tuple(versions[place] for place in keys[:, 2]), n, undated
        )
