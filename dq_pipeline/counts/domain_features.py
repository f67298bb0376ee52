"""A bounded sample of two tables in the features of their rows, from which a classifier is to tell them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.domain_sample import MOST, sampled
from dq_pipeline.counts.feature_sample import numbers, wide
from dq_pipeline.tables import PLACE, ROW, engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.joint_cells import Part
    from dq_pipeline.tables import Tables


@dataclass(frozen=True, eq=False)
class DomainFeatures:
    """The sampled rows of both tables, the reference's first.

    Attributes:
        features: float [N, F]; NaN where there is no number.
        side: int64 [N], 0 in the reference and 1 in the target.
    """

    features: NDArray[np.float64]
    side: NDArray[np.int64]


@dataclass(frozen=True)
class DomainFeatureSample:
    """Sample two tables as `DomainSample` does, with the features of their rows.

    Attributes:
        reference: The one.
        target: The other.
        features: Columns of numbers or of lists of numbers, called alike in both.
        most: Rows of each at most.
    """

    reference: Part
    target: Part
    features: tuple[str, ...]
    most: int = MOST

    @classmethod
    def count_all(
        cls, tables: Tables, requests: Sequence[DomainFeatureSample]
    ) -> list[DomainFeatures | None]:
        """Two queries a request; None where a table lacks one of the columns, or has numbers where the other has lists."""
        return [_sample(tables, request) for request in requests]


def _sample(tables: Tables, request: DomainFeatureSample) -> DomainFeatures | None:
    parts = (request.reference, request.target)
    if any(column not in tables[part.table].raw.columns for part in parts for column in request.features):
        return None
    kinds = [
        [tables[part.table].raw[column].type().is_array() for column in request.features] for part in parts
    ]
    if kinds[0] != kinds[1]:
        return None
    with engine_errors(f"{request.reference.table} and {request.target.table}"):
        sides = [_rows(tables, part, request) for part in parts]
    features = [
        wide([value for side in sides for value in side[name].to_pylist()]) for name in sides[0].column_names
    ]
    return DomainFeatures(
        np.concatenate(features, axis=1),
        np.repeat(np.arange(2, dtype=np.int64), [len(side) for side in sides]),
    )


def _rows(tables: Tables, part: Part, request: DomainFeatureSample) -> Any:
    raw = tables[part.table].raw
    kept = {f"feature|{place}": column for place, column in enumerate(request.features)}
    features = raw.select(PLACE, **{name: numbers(raw[column]) for name, column in kept.items()})
    first = sampled(tables, part, request.most).select(ROW)
    return features.semi_join(first, features[PLACE] == first[ROW]).order_by(PLACE).drop(PLACE).to_pyarrow()
