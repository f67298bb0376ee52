"""The sample of items in which leaks are sought, its rows and the votes on them: counts that add up, so that it grows with the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.additive import Additive
from dq_pipeline.counts.cells import Cells
from dq_pipeline.tables import FILE_BITS, PLACE, ROW, engine_errors, scattered, text, with_roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from dq_pipeline.counts.additive import Signed, Source
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables

SAMPLE = 100_000
"""Items in which leaks are sought: what gives every label away gives these away."""
COLUMNS = 200
"""Columns that are looked at, the first of the table."""
MOST = 1 << 22
"""Values of a sample that are kept."""


def sampled(tables: Tables) -> int:
    """One item of how many is in the sample: a power of two, so that a table that grows by little keeps its sample."""
    every = -(-tables["items"].rows // SAMPLE)
    return 1 << max(every - 1, 0).bit_length()


def in_sample(items: Any, place: str, every: int) -> Any:
    """The items in the sample. An item is told by its place within its file, whatever other files there are."""
    within = items[place] % (1 << FILE_BITS)
    items = items.mutate(**{place: within})
    return items.filter(scattered(items[place]) % every == 0) if every > 1 else items


def looked_at(tables: Tables) -> list[str]:
    """The items' columns but the id, the label and the split."""
    items = tables["items"]
    own = {items.roles.get(role) for role in ("item", "label", "split")}
    kinds = items.raw.schema()
    return [
        name
        for name in items.raw.columns
        if name != PLACE and name not in own and not kinds[name].is_nested()
    ][:COLUMNS]


def sample_rows(tables: Tables, every: int) -> Any:
    """The items of the sample, one of so many: `place`, `item`, `label` where they have one, and the columns as texts."""
    items = tables["items"]
    own: dict[str, str] = {role: items.roles[role] for role in ("item", "label") if role in items.roles}
    kept = {f"c{place}": name for place, name in enumerate(looked_at(tables))}
    frame = in_sample(with_roles(items.raw, own, kept={**kept, "place": PLACE}), "place", every)
    return frame.drop(ROW).mutate(**{name: text(frame[name]) for name in kept})


@dataclass(frozen=True)
class SampleRows(Additive):
    """The rows of the sample as cells: `place`, `item`, `label` where items have one, and the columns looked at.

    Attributes:
        every: One item of how many.
    """

    every: int
    beside = False

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[SampleRows]) -> list[Cells | None]:
        """One query a request; None of more values than are kept."""
        found = []
        for request in requests:
            with engine_errors("items"):
                frame = sample_rows(tables, request.every)
                rows = frame.mutate(place=frame.place.cast("string")).to_pyarrow()
            found.append(
                Cells.of_texts(rows, np.ones(len(rows), np.int64))
                if rows.num_rows * rows.num_columns <= MOST
                else None
            )
        return found

    @property
    def source(self) -> Source:
        """Items."""
        return "items"

    def added(self, spec: Spec, states: Sequence[Signed]) -> Cells | None:  # noqa: ARG002 - as Additive has it
        """The rows of all parts."""
        made = Cells.added(states)
        return made if made is not None and made.places.size <= MOST else None


@dataclass(frozen=True)
class SampleVotes(Additive):
    """The votes on the items of the sample by `item` and `label`, as cells.

    Attributes:
        every: One item of how many.
    """

    every: int

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[SampleVotes]) -> list[Cells]:
        """One grouped query a request."""
        found = []
        for request in requests:
            with engine_errors("annotations"):
                items = in_sample(tables["items"].expr.select("item", ROW), ROW, request.every)
                votes = tables.votes.semi_join(items, "item")
                rows = votes.group_by("item", "label").agg(n=votes.count()).to_pyarrow()
            found.append(
                Cells.of_texts(rows.select(["item", "label"]), rows["n"].to_numpy().astype(np.int64))
            )
        return found

    def added(self, spec: Spec, states: Sequence[Signed]) -> Cells | None:  # noqa: ARG002 - as Additive has it
        """The votes of all parts."""
        return Cells.added(states)


def put_together(rows: Cells, votes: Cells | None = None) -> pa.Table:
    """The labelled items of the sample: `place`, `item`, `label` and columns.

    Args:
        rows: The items.
        votes: The votes on them, where the items have no label: most of an item's are its label, where no two have as many.
    """
    import pyarrow as pa

    place = np.repeat(np.arange(len(rows.counts)), rows.counts)
    columns = {
        dim: pa.array(domain, pa.string()).take(pa.array(rows.places[place, at]))
        for at, (dim, domain) in enumerate(zip(rows.dims, rows.domains, strict=True))
    }
    columns["place"] = columns["place"].cast(pa.int64())
    if votes is not None:
        label = _most(votes)
        named = [label.get(item) for item in rows.domains[rows.dims.index("item")]]
        at = rows.places[place, rows.dims.index("item")]
        columns["label"] = pa.array(named, pa.string()).take(pa.array(at))
    made = pa.table(columns)
    return made.filter(made["label"].is_valid())


def _most(votes: Cells) -> dict[str | None, str | None]:
    """The label of each item that has one."""
    item, label = votes.places.T
    order = np.lexsort((votes.counts, item))
    item, label, counts = item[order], label[order], votes.counts[order]
    last = np.append(item[1:] != item[:-1], True)[: len(item)]
    tied = np.append(False, (item[1:] == item[:-1]) & (counts[1:] == counts[:-1]))[: len(item)]
    items, labels = votes.domains
    return {
        items[one]: labels[of_one]
        for one, of_one in zip(item[last & ~tied].tolist(), label[last & ~tied].tolist(), strict=True)
    }
