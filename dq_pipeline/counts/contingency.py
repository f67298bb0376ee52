"""How often each combination of values occurs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.tables import engine_errors, with_split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class Cells:
    """Counts of the combinations that occur.

    Attributes:
        dims: Names of the dimensions, D of them.
        keys: One tuple of D values per cell; a missing value is None.
        counts: Rows in each cell, int64.
    """

    dims: tuple[str, ...]
    keys: tuple[tuple[str | None, ...], ...]
    counts: NDArray[np.int64]

    def dense(self, *domains: Sequence[str | None]) -> NDArray[np.int64]:
        """The counts as an array over the given domains, zeros where nothing occurs; values outside are left out."""
        array = np.zeros([len(domain) for domain in domains], dtype=np.int64)
        places = [{value: place for place, value in enumerate(domain)} for domain in domains]
        for key, count in zip(self.keys, self.counts, strict=True):
            place = tuple(where.get(value, -1) for where, value in zip(places, key, strict=True))
            if -1 not in place:
                array[place] += count
        return array

    def values(self, dim: str) -> tuple[str, ...]:
        """The values that occur in a dimension, sorted; None is not a value."""
        at = self.dims.index(dim)
        return tuple(sorted({value for key in self.keys if (value := key[at]) is not None}))


@dataclass(frozen=True)
class Contingency:
    """Count the rows of `table` by `dims`; of annotations, item dimensions are joined to the votes.

    Attributes:
        table: "items", "annotations" or "training_set".
        dims: Roles and condition names, such as ("source", "label"); "split" is one of every item.
    """

    table: str
    dims: tuple[str, ...]

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Contingency]) -> list[Cells]:
        """One grouped query a request."""
        return [_count(tables, request) for request in requests]


def _count(tables: Tables, request: Contingency) -> Cells:
    frame = _frame(tables, request)
    with engine_errors(request.table):
        grouped = (
            frame.group_by(*request.dims).agg(n=frame.count()) if request.dims else frame.agg(n=frame.count())
        )
        rows = grouped.to_pyarrow()
    keys = (
        tuple(zip(*(rows[dim].to_pylist() for dim in request.dims), strict=True)) if request.dims else ((),)
    )
    return Cells(request.dims, keys, rows["n"].to_numpy().astype(np.int64))


def _frame(tables: Tables, request: Contingency) -> Any:
    if request.table != "annotations":
        return tables[request.table].expr
    votes = tables.votes
    if "items" not in tables and "split" in request.dims:
        votes = with_split(votes, tables.spec.training_set.split)
    of_items = [dim for dim in request.dims if dim not in votes.columns]
    if not of_items:
        return votes
    items = tables["items"].expr
    return votes.left_join(items.select("item", *of_items), "item").drop("item_right")
