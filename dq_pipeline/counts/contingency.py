"""Cross-tables of sources, labels, conditions, split and time: all that are asked of a table, from one scan of it."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dq_pipeline.counts import coding
from dq_pipeline.counts.additive import Additive
from dq_pipeline.counts.cells import Cells
from dq_pipeline.counts.coding import BITS
from dq_pipeline.counts.frames import Packed, frame_of
from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Signed, Source
    from dq_pipeline.counts.coding import Domain, Field
    from dq_pipeline.counts.frames import Frame
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class Contingency(Additive):
    """Count the rows of `table` by `dims`; of annotations, item dimensions are joined to the votes.

    Where labels have a separator, an item counts once for each of its labels when `label` is among the dimensions.

    Attributes:
        table: "items", "annotations", "production" or "training_set".
        dims: Roles and condition names, such as ("source", "label"); "split" is one of every item, "time" its month.
    """

    table: str
    dims: tuple[str, ...]

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Contingency]) -> list[Cells]:
        """The values of each dimension once, then the rows once as small numbers, and every cross-table from these."""
        made: dict[Contingency, Cells] = {}
        apart = tables.spec.labels.separator is not None
        shared = dict.fromkeys((request.table, apart and "label" in request.dims) for request in requests)
        for table, by_label in shared:
            same = [
                request
                for request in requests
                if (request.table, apart and "label" in request.dims) == (table, by_label)
            ]
            with engine_errors(table):
                made |= _count(tables.connection, frame_of(tables, table, by_label=by_label), same)
        return [made[request] for request in requests]

    @property
    def cut_by(self) -> tuple[str, ...]:
        """Its dimensions."""
        return self.dims

    @property
    def source(self) -> Source | None:
        """Annotations or items."""
        return cast("Source", self.table) if self.table in {"annotations", "items"} else None

    def added(self, spec: Spec, states: Sequence[Signed]) -> Cells | None:  # noqa: ARG002 - as Additive has it
        """The cells of all parts; None of more values than are listed."""
        return Cells.added(states, coding.VALUES)


def _count(connection: Any, frame: Frame, requests: Sequence[Contingency]) -> dict[Contingency, Cells]:
    dims = dict.fromkeys(dim for request in requests for dim in request.dims)
    domains = {dim: frame.domain(dim) for dim in dims}
    made: dict[Contingency, Cells] = {}
    crossed = []
    for request in requests:
        if not request.dims:
            made[request] = Cells.of((), [((), frame.rows())])
        elif len(request.dims) == 1 and domains[request.dims[0]].counts is not None:
            made[request] = _alone(request.dims[0], domains[request.dims[0]])
        else:
            crossed.append(request)
    if crossed:
        wanted = {dim: domains[dim] for dim in dims if any(dim in request.dims for request in crossed)}
        held = frame.packed(wanted)
        with nullcontext(held.expr) if held.kept else held.expr.cache() as kept, _small_numbers(connection):
            made |= _cross(replace(held, expr=kept), crossed)
    return made


def _alone(dim: str, domain: Domain) -> Cells:
    counts = np.array(domain.counts, dtype=np.int64)
    there = np.flatnonzero(counts).reshape(-1, 1)
    return Cells((dim,), (domain.values,), there, counts[there[:, 0]], (domain.tail,))


@contextmanager
def _small_numbers(connection: Any) -> Iterator[None]:
    """Let DuckDB count two packed columns in an array instead of a hash table."""
    if connection.name != "duckdb":
        yield
        return
    connection.raw_sql(f"SET perfect_ht_threshold = {2 * BITS}")
    try:
        yield
    finally:
        connection.raw_sql("RESET perfect_ht_threshold")


def _cross(held: Packed, requests: Sequence[Contingency]) -> dict[Contingency, Cells]:
    """Count pairs of packed columns, as few as hold every request of one or two columns; the others each alone."""
    at = {field.dim: (place, field) for place, fields in enumerate(held.columns) for field in fields}
    columns = {request: sorted({at[dim][0] for dim in request.dims}) for request in requests}
    pairs = dict.fromkeys(tuple(places) for places in columns.values() if len(places) == 2)  # noqa: PLR2004 - a pair
    for places in columns.values():
        if len(places) == 1 and not any(places[0] in pair for pair in pairs):
            pairs[tuple(places)] = None
    made: dict[Contingency, Cells] = {}
    for pair in pairs:
        seen, counts = _grouped(held, dict.fromkeys(pair))
        for request, places in columns.items():
            if request not in made and set(places) <= set(pair):
                made[request] = _cells(request, at, seen, counts)
    for request, places in columns.items():
        if request not in made:
            masks = {
                place: sum(at[dim][1].mask for dim in request.dims if at[dim][0] == place) for place in places
            }
            made[request] = _cells(request, at, *_grouped(held, masks))
    return made


def _grouped(
    held: Packed, masks: Mapping[int, int | None]
) -> tuple[dict[int, NDArray[np.int64]], NDArray[np.int64]]:
    """The packed numbers that occur together, only the masked bits of them, and the rows of each."""
    import ibis

    names = {place: Packed.name(place) for place in masks}
    kept = held.expr.select(
        **{
            name: held.expr[name]
            if masks[place] is None
            else held.expr[name] & ibis.literal(masks[place], "int16")
            for place, name in names.items()
        }
    )
    rows = kept.group_by(*names.values()).agg(n=kept.count()).to_pyarrow()
    seen = {place: rows[name].to_numpy().astype(np.int64) for place, name in names.items()}
    return seen, rows["n"].to_numpy().astype(np.int64)


def _cells(
    request: Contingency,
    at: dict[str, tuple[int, Field]],
    seen: dict[int, NDArray[np.int64]],
    counts: NDArray[np.int64],
) -> Cells:
    """The cells of a request, from packed numbers of more dimensions than its own."""
    fields = [at[dim][1] for dim in request.dims]
    return Cells(
        request.dims,
        tuple(field.domain.values for field in fields),
        np.stack([field.places(seen[at[field.dim][0]]) for field in fields], axis=1),
        counts,
        tuple(field.domain.tail for field in fields),
    ).summed()
