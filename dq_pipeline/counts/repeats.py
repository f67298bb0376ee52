"""Items that an annotator labelled more than once: how often with one and the same label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts.places import places
from dq_pipeline.tables import engine_errors, labelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class Repeated:
    """Repeats of the annotators who have any.

    Attributes:
        annotators: The annotators, sorted; A of them.
        items: int64 [A], items that each labelled more than once.
        same: int64 [A], those of them to which each gave one label throughout.
    """

    annotators: tuple[str, ...]
    items: NDArray[np.int64]
    same: NDArray[np.int64]


@dataclass(frozen=True)
class Repeats:
    """Count the items that each annotator labelled more than once."""

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Repeats]) -> list[Repeated]:
        """One grouped query over the items that may hold repeats."""
        with engine_errors("annotations"):
            doubtful = labelled(tables["annotations"].expr).semi_join(tables.suspects.items, "item")
            by_item = doubtful.group_by("item", "annotator").agg(
                times=doubtful.count(), same=(doubtful.label.min() == doubtful.label.max()).cast("int64")
            )
            repeated = by_item.filter(by_item.times > 1)
            rows = (
                repeated.group_by("annotator")
                .agg(items=repeated.count(), same=repeated.same.sum().cast("int64"))
                .order_by("annotator")
                .to_pyarrow()
            )
        annotators, _ = places(rows["annotator"])
        state = Repeated(annotators, *(rows[name].to_numpy().astype(np.int64) for name in ("items", "same")))
        return [state] * len(requests)
