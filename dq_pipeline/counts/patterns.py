"""The pattern histogram: how many items got which votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class PatternHistogram:
    """Label-count vectors of items and how many items have each.

    Attributes:
        labels: The K labels: declared ones in their order, then others that were seen.
        vectors: int64 [P, K], votes for each label.
        items: int64 [P], items with that vector.
    """

    labels: tuple[str, ...]
    vectors: NDArray[np.int64]
    items: NDArray[np.int64]


@dataclass(frozen=True)
class Patterns:
    """Count the items by the votes they got.

    Attributes:
        declared: The declared labels, in order; none for those seen.
    """

    declared: tuple[str, ...] = ()

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Patterns]) -> list[PatternHistogram]:
        """One grouped query a request."""
        return [_count(tables, request) for request in requests]


def _count(tables: Tables, request: Patterns) -> PatternHistogram:
    votes = tables.votes
    with engine_errors("annotations"):
        seen = sorted(votes.select("label").distinct().to_pyarrow()["label"].to_pylist())
        labels = (*request.declared, *(label for label in seen if label not in request.declared))
        columns = {
            f"n{place}": (votes.label == label).sum().cast("int64") for place, label in enumerate(labels)
        }
        if not columns:
            return PatternHistogram((), np.zeros((0, 0), np.int64), np.zeros(0, np.int64))
        by_item = votes.group_by("item").agg(**columns)
        rows = by_item.group_by(*columns).agg(items=by_item.count()).to_pyarrow()
    vectors = np.stack([rows[name].to_numpy() for name in columns], axis=1).astype(np.int64)
    return PatternHistogram(labels, vectors, rows["items"].to_numpy().astype(np.int64))
