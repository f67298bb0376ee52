"""What gives a label away: a column that determines it, a text that holds it, an order of ids that follows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.additive import Additive
from dq_pipeline.counts.leak_sample import (
    SampleRows,
    SampleVotes,
    looked_at,
    put_together,
    sample_rows,
    sampled,
)
from dq_pipeline.counts.majority import with_majority
from dq_pipeline.tables import engine_errors, number, scattered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Source
    from dq_pipeline.counts.cells import Cells
    from dq_pipeline.tables import Tables

TEXT_SAMPLE = 20_000
"""Items in whose texts labels are sought."""
PARTS = 100
"""Parts into which an order is cut."""
ROWS_A_VALUE = 5
"""Fewest rows a value has on average: a column of rarer ones gives every label away by being unique."""
LABELS = 30
"""Labels that are sought in texts, the most frequent."""
SHORTEST = 3
"""Characters of a label that is sought in texts: shorter ones are found everywhere."""


@dataclass(frozen=True)
class SizesOf:
    """How many cells have how many rows: all that an entropy needs.

    Attributes:
        joint: int64 [S, 2], rows of a cell of value and label, and how many such cells there are.
        value: int64 [S, 2], the same of the values.
        label: int64 [S, 2], the same of the labels.
    """

    joint: NDArray[np.int64]
    value: NDArray[np.int64]
    label: NDArray[np.int64]


@dataclass(frozen=True)
class InText:
    """Rows whose text holds their label.

    Attributes:
        rows: Rows with a text and one of the labels sought.
        hits: Of these, the rows whose text holds their own label.
        by_chance: Pairs of a row and any row's label that its text holds.
    """

    rows: int
    hits: int
    by_chance: int


@dataclass(frozen=True)
class LeakCounts:
    """What was counted.

    Attributes:
        columns: Column -> sizes.
        order: Sizes of the parts into which the ids' order is cut.
        texts: Column -> rows whose text holds their label.
    """

    columns: Mapping[str, SizesOf]
    order: SizesOf
    texts: Mapping[str, InText]


@dataclass(frozen=True)
class LabelLeaks(Additive):
    """Look for what gives the items' labels away, in a sample of them that is the same every time."""

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[LabelLeaks]) -> list[LeakCounts]:
        """A few queries over the sample."""
        return [_count(tables, _sample(tables))] * len(requests)

    @property
    def source(self) -> Source:
        """Items, of which the sample is."""
        return "items"

    def sums(self, tables: Tables) -> tuple[Additive, ...]:
        """The rows of the sample, and the votes on them."""
        every = sampled(tables)
        rows = SampleRows(every)
        return (rows,) if "label" in tables["items"].roles else (rows, SampleVotes(every))

    def told(self, tables: Tables, *states: Cells) -> LeakCounts:
        """The counts, of the sample put together."""
        return _count(tables, tables.keep_batches(put_together(*states).to_reader()))


def _count(tables: Tables, rows: Any) -> LeakCounts:
    with engine_errors("items"), rows.cache() as sample:
        rows = int(sample.count().execute())
        columns = [name for name in sample.columns if name.startswith("c")]
        names = dict(zip(columns, looked_at(tables), strict=True))
        few = _few_valued(sample, columns, rows)
        by_column = {names[column]: _sizes(sample, sample[column]) for column in few}
        order = _sizes(*_parts(sample, *_id_order(sample)))
        texts = _in_texts(
            sample, {column: names.get(column, column) for column in ["item", *columns]}, tables
        )
    return LeakCounts(by_column, order, texts)


def _sample(tables: Tables) -> Any:
    """The labelled items of the sample: `place`, `item`, `label`, and the columns as texts `c0`, `c1`, ..."""
    frame = sample_rows(tables, sampled(tables))
    labelled = frame if "label" in frame.columns else with_majority(tables, frame)
    return labelled.drop_null("label")


def _few_valued(sample: Any, columns: Sequence[str], rows: int) -> list[str]:
    """The columns of which each value comes several times, and that have more than one."""
    if not columns or not rows:
        return []
    counted = (
        sample.agg(**{column: sample[column].nunique() for column in columns}).to_pyarrow().to_pylist()[0]
    )
    return [column for column in columns if 1 < counted[column] <= rows / ROWS_A_VALUE]


def _id_order(sample: Any) -> tuple[Any, ...]:
    """Ids in their order: as numbers where all of them are, else as texts."""
    value = number(sample.item)
    texts = sample.item.count() > value.count()
    numeric = not bool(sample.agg(texts=texts).to_pyarrow().to_pylist()[0]["texts"])
    return (value, sample.item) if numeric else (sample.item,)


def _parts(sample: Any, *order: Any) -> tuple[Any, Any]:
    import ibis

    cut = sample.select("label", part=ibis.ntile(PARTS).over(order_by=order))
    return cut, cut.part


def _sizes(frame: Any, column: Any) -> SizesOf:
    """The sizes of the cells of a column and the label."""
    import ibis

    value = frame.select(value=column, label=frame.label)
    joint = value.group_by("value", "label").agg(n=value.count())
    parts = {
        "joint": joint.select("n"),
        "value": joint.group_by("value").agg(n=joint.n.sum()).select("n"),
        "label": joint.group_by("label").agg(n=joint.n.sum()).select("n"),
    }
    told = ibis.union(
        *(part.select(kind=ibis.literal(kind), n=part.n.cast("int64")) for kind, part in parts.items())
    )
    rows = told.group_by("kind", "n").agg(cells=told.count()).to_pyarrow().to_pylist()
    return SizesOf(
        **{
            kind: np.array(
                sorted((row["n"], row["cells"]) for row in rows if row["kind"] == kind), dtype=np.int64
            ).reshape(-1, 2)
            for kind in parts
        }
    )


def _in_texts(sample: Any, columns: Mapping[str, str], tables: Tables) -> dict[str, InText]:
    """How often each column of texts holds the row's own label, and how often anybody's."""
    kinds = tables["items"].raw.schema()
    texts = {column: name for column, name in columns.items() if column == "item" or kinds[name].is_string()}
    counted = sample.group_by("label").agg(n=sample.count())
    sought = counted.filter(counted.label.length() >= SHORTEST).order_by(counted.n.desc(), counted.label)
    sought = sought.limit(LABELS).rename(sought="label")
    rows = (
        sample.filter(sample.label.isin(sought.sought))
        .order_by(scattered(sample.place), sample.place, sample.item)
        .limit(TEXT_SAMPLE)
    )
    # Weights are the labels' rows among these, so that chance is what drawing any row's label would find.
    weights = rows.group_by("label").agg(weight=rows.count()).rename(sought="label")
    pairs = rows.cross_join(weights)
    own = pairs.label == pairs.sought
    asked: dict[str, Any] = {}
    for place, column in enumerate(texts):
        held = pairs[column].lower().contains(pairs.sought.lower()).fill_null(False)
        asked |= {
            f"r{place}": (own & pairs[column].notnull()).sum(),
            f"h{place}": (held & own).sum(),
            f"e{place}": held.ifelse(pairs.weight, 0).sum(),
        }
    if not asked:
        return {}
    found = pairs.agg(**asked).to_pyarrow().to_pylist()[0]
    return {
        name: InText(*(int(found[f"{kind}{place}"] or 0) for kind in "rhe"))
        for place, name in enumerate(texts.values())
    }
