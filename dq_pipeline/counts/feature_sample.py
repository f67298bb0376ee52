"""A bounded sample of items with their features: the one thing besides counts that leaves the engine, for the probe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.tables import engine_errors, number, order_of, with_roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables

ROLES = ("item", "source", "label", "group")


@dataclass(frozen=True)
class Sampled:
    """A sample of labelled items with a source.

    Attributes:
        features: float [N, F]; NaN where there is no number.
        labels: N texts.
        sources: N texts.
        groups: N texts or None; None without a role of that name.
    """

    features: NDArray[np.float64]
    labels: tuple[str, ...]
    sources: tuple[str, ...]
    groups: tuple[str | None, ...] | None


@dataclass(frozen=True)
class FeatureSample:
    """Sample the items by a digest of id and seed: the same ones on every engine and every night.

    Attributes:
        features: Columns of numbers or of lists of numbers.
        rows: How many items at most.
        seed: Another seed gives another sample.
    """

    features: tuple[str, ...]
    rows: int
    seed: int

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[FeatureSample]) -> list[Sampled]:
        """One query a request."""
        return [_sample(tables, request) for request in requests]


def _sample(tables: Tables, request: FeatureSample) -> Sampled:
    items = tables["items"]
    roles = {role: column for role, column in items.roles.items() if role in ROLES}
    kept = {f"feature|{place}": column for place, column in enumerate(request.features)}
    with engine_errors("items"):
        frame = with_roles(items.raw, roles, kept).drop_null(["item", "source", "label"])
        rows = frame.order_by(order_of(frame.item, request.seed), frame.item).limit(request.rows)
        told = rows.select(*roles, **{name: numbers(rows[name]) for name in kept}).to_pyarrow()
    columns = [wide(told[name].to_pylist()) for name in kept]
    return Sampled(
        np.concatenate(columns, axis=1) if columns else np.zeros((len(told), 0)),
        tuple(told["label"].to_pylist()),
        tuple(told["source"].to_pylist()),
        tuple(told["group"].to_pylist()) if "group" in roles else None,
    )


def numbers(column: Any) -> Any:
    """A column of features in the engine: a number, or a list of them, a row."""
    return column.cast("array<float64>") if column.type().is_array() else number(column)


def wide(values: Sequence[Any]) -> NDArray[np.float64]:
    """The values of such a column as an array: a number a row, or as many as the longest list; NaN where there is none."""
    if not any(isinstance(value, list) for value in values):
        return np.array([np.nan if value is None else value for value in values], np.float64).reshape(-1, 1)
    width = max(len(value) for value in values if value is not None)
    array = np.full((len(values), width), np.nan)
    for place, value in enumerate(values):
        if value:
            array[place, : len(value)] = [np.nan if one is None else one for one in value]
    return array
