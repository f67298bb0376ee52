"""A bounded sample of two tables in their conditions, from which a classifier is to tell them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.tables import ROW, engine_errors, scattered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.joint_cells import Part
    from dq_pipeline.tables import Tables

MOST = 10_000
"""Rows of each table that are sampled at most."""


@dataclass(frozen=True)
class Domains:
    """Cells of all conditions, and the sampled rows of each.

    Attributes:
        keys: One tuple of values per cell; a missing value is None.
        reference: int64 [C], sampled rows of the reference.
        target: int64 [C], sampled rows of the target.
    """

    keys: tuple[tuple[str | None, ...], ...]
    reference: NDArray[np.int64]
    target: NDArray[np.int64]


@dataclass(frozen=True)
class DomainSample:
    """Sample two tables, at most `most` rows of each, the same ones every time.

    Attributes:
        reference: The one.
        target: The other.
        conditions: The conditions to tell them apart by.
        most: Rows of each at most.
    """

    reference: Part
    target: Part
    conditions: tuple[str, ...]
    most: int = MOST

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[DomainSample]) -> list[Domains]:
        """One query a request."""
        return [_sample(tables, request) for request in requests]


def _sample(tables: Tables, request: DomainSample) -> Domains:
    names = {condition: f"c{place}" for place, condition in enumerate(request.conditions)}
    with engine_errors(f"{request.reference.table} and {request.target.table}"):
        both = _rows(tables, request, request.reference, names, 0).union(
            _rows(tables, request, request.target, names, 1)
        )
        counted = both.group_by(*names.values()).agg(
            reference=(1 - both.side).sum().cast("int64"), target=both.side.sum().cast("int64")
        )
        rows = counted.order_by(*names.values()).to_pyarrow()
    return Domains(
        tuple(zip(*(rows[name].to_pylist() for name in names.values()), strict=True)),
        rows["reference"].to_numpy().astype(np.int64),
        rows["target"].to_numpy().astype(np.int64),
    )


def _rows(tables: Tables, request: DomainSample, part: Part, names: dict[str, str], side: int) -> Any:
    import ibis

    first = sampled(tables, part, request.most)
    return first.select(
        **{name: first[condition] for condition, name in names.items()}, side=ibis.literal(side)
    )


def sampled(tables: Tables, part: Part, most: int) -> Any:
    """The rows of a part that are sampled: the same ones every time."""
    frame = tables[part.table].expr
    if part.split is not None:
        frame = frame.filter(frame.split == part.split)
    return frame.order_by(scattered(frame[ROW]), frame[ROW]).limit(most)
