"""The label that most annotators gave each of some items; none where two have as many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.tables.ballots import HIGH, LOW, key_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables

    Ints = NDArray[np.int64]


def with_majority(tables: Tables, items: Any) -> Any:
    """Some items, a table of the engine's, with their `label`."""
    if tables.by_query:
        return _grouped(tables, items)
    import pyarrow as pa

    asked = items.filter(items.item.notnull()).select(**key_columns(items.item)).distinct()
    keys = asked.order_by([HIGH, LOW]).to_pyarrow()
    places = tables.ballots.find(keys[HIGH].to_numpy(), keys[LOW].to_numpy())
    label = np.full(len(places), -1, np.int64)
    label[places >= 0] = _majority(tables, places[places >= 0])
    names = pa.array(tables.ballots.labels, pa.string()).take(pa.array(label, mask=label < 0))
    # A table of DuckDB's own: its filters on an Arrow table take no number past 2^63.
    told = tables.keep_batches(keys.append_column("label", names).to_reader())
    columns = items.columns
    return items.mutate(**key_columns(items.item)).left_join(told, [HIGH, LOW]).select(*columns, "label")


def _majority(tables: Tables, places: Ints) -> Ints:
    """The place of the label of each of these items, rising places of ballots; -1 where there is a tie."""
    ballots, found = tables.ballots, np.zeros(len(places), np.int64)
    width = len(ballots.labels)
    for block in ballots.blocks():
        some = slice(*np.searchsorted(places, [block.first, block.first + len(block.sizes)]))
        wanted = places[some] - block.first
        if not len(wanted):
            continue
        item = np.full(len(block.sizes), -1, np.int64)
        item[wanted] = np.arange(len(wanted))
        of_vote = np.repeat(item, block.sizes)
        kept = of_vote >= 0
        cells, times = np.unique(of_vote[kept] * width + block.codes[kept] % width, return_counts=True)
        starts = np.searchsorted(cells, np.arange(len(wanted)) * width)
        most = np.maximum.reduceat(times, starts)
        top = times == np.repeat(most, np.diff(np.append(starts, len(cells))))
        first = np.maximum.reduceat(np.where(top, cells % width, -1), starts)
        found[some] = np.where(np.add.reduceat(top.astype(np.int64), starts) == 1, first, -1)
    return found


def _grouped(tables: Tables, items: Any) -> Any:
    votes = tables.votes.semi_join(items, "item")
    counted = votes.group_by("item", "label").agg(n=votes.count())
    most = counted.group_by("item").agg(most=counted.n.max())
    first = counted.inner_join(most, ["item", counted.n == most.most])
    settled = first.group_by("item").agg(label=first.label.min(), ties=first.count())
    single = settled.filter(settled.ties == 1).select("item", "label")
    return items.left_join(single, "item").drop("item_right")
