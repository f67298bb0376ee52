"""Slices grouped by the engine: by dimensions of the votes themselves, and of labels that are too many for patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.by_item import packed, unpacked
from dq_pipeline.counts.domain import coded
from dq_pipeline.counts.moments import Block, summed_up
from dq_pipeline.counts.packing import Packing
from dq_pipeline.counts.slices import SLICES, SlicedMoments, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq_pipeline.counts.moments import Moments
    from dq_pipeline.counts.on_scale import OnScale
    from dq_pipeline.counts.slices import SlicedHistogram, SlicedPatterns
    from dq_pipeline.tables import Tables

AT_ONCE = 1 << 18
"""Items whose votes are handed over at a time."""
_UNITS = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}


def grouped(tables: Tables, request: SlicedPatterns, labels: tuple[str, ...]) -> SlicedHistogram:
    """The histogram of a request, from one grouping by item and slice."""
    packing = Packing(labels, tables.most_votes)
    rows = _with_items(
        tables, request, packed(_votes(tables, request), packing, "item", *request.cut(tables))
    )
    counted = rows.group_by(*request.dims, *packing.words).agg(items=rows.count())
    keys, codes = _listed(rows, request)
    found = _in_slices(counted, codes, request).select("slice", "items", *packing.words).to_pyarrow()
    vectors, items = unpacked(found, packing)
    return told(request, labels, keys, found["slice"].to_numpy(), np.arange(len(vectors)), items, vectors)


def moments(tables: Tables, request: SlicedPatterns, labels: tuple[str, ...]) -> SlicedMoments:
    """The moments of every slice, from its items' votes a block at a time."""
    scale = request.scale(labels)
    votes = coded(_votes(tables, request), "label", list(scale.at), list(scale.at.values()))
    by_item = votes.group_by("item", *request.cut(tables)).agg(codes=votes.label_code.collect().sort())
    rows = _with_items(tables, request, by_item)
    with tables.kept(rows) as every:
        keys, codes = _listed(every, request)
        with tables.kept(_in_slices(every, codes, request).select("slice", "item", "codes")) as kept:
            parts = tuple(_of_slice(kept, place, scale, request) for place in range(len(keys)))
    return SlicedMoments(keys, parts)


def _of_slice(kept: Any, place: int, scale: OnScale, request: SlicedPatterns) -> Moments:
    # Sums of doubles are the same in one order.
    own = kept.filter(kept.slice == place).order_by("item").select("codes")

    def blocks() -> Iterator[Block]:
        for batch in own.to_pyarrow_batches(chunk_size=AT_ONCE):
            codes = batch.column(0)
            yield Block(codes.value_lengths().to_numpy(), codes.flatten().to_numpy(), len(scale.labels))

    return summed_up(scale.labels, request.patterns.level, blocks)


def _votes(tables: Tables, request: SlicedPatterns) -> Any:
    """The votes that count, their time as the start of its period where it is asked for."""
    votes = tables.votes
    if "time" not in request.cut(tables):
        return votes
    start = votes.time.truncate(_UNITS[request.period]).cast("date").cast("string")
    return votes.mutate(time=start.left({"month": 7, "year": 4}.get(request.period, 10)))


def _with_items(tables: Tables, request: SlicedPatterns, rows: Any) -> Any:
    """Rows by item with the dimensions of their items."""
    dims = [dim for dim in request.dims if dim not in request.cut(tables)]
    if not dims:
        return rows
    return rows.left_join(tables["items"].expr.select("item", *dims), "item").drop("item_right")


def _listed(rows: Any, request: SlicedPatterns) -> tuple[tuple[tuple[str | None, ...], ...], Any]:
    """The slices with most items, and the engine's table of their values and places."""
    import ibis
    import pyarrow as pa

    sizes = rows.group_by(*request.dims).agg(n=rows.count())
    most = sizes.filter(sizes.n >= request.least).order_by(sizes.n.desc(), *request.dims).limit(SLICES)
    listed = most.to_pyarrow()
    values = [listed[dim].to_pylist() for dim in request.dims]
    keys = tuple(zip(*values, strict=True))
    named = {dim: pa.array(of_dim, pa.string()) for dim, of_dim in zip(request.dims, values, strict=True)}
    return keys, ibis.memtable(pa.table(named | {"slice": pa.array(range(len(keys)), pa.int64())}))


def _in_slices(rows: Any, codes: Any, request: SlicedPatterns) -> Any:
    """The rows of listed slices, with the place of each; missing values are a slice like others."""
    return rows.join(codes, [rows[dim].identical_to(codes[dim]) for dim in request.dims])
