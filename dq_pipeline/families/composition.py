"""What a dataset is composed of: the rows of each value of a dimension, of each cell of two, and of what is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq_pipeline.counts import Contingency
from dq_pipeline.families.dimensions import domain, label_table, told_apart
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.keys import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from dq_pipeline.counts import Cells, Counts, Tail
    from dq_pipeline.spec import Spec

CELLS = 10_000
"""Cells of two dimensions that are listed at most."""
OTHERS = re.compile(r"\([\d,]+ others\)")
"""How the values beyond the listed ones are called."""


@dataclass(frozen=True)
class Rows:
    """The rows of one dimension.

    Attributes:
        values: Value -> its rows, over the declared domain and what else occurs.
        missing: Text that stands for a missing value -> its rows; None is a value that is not there at all.
        tail: The values beyond the listed ones, where there are too many to list.
        total: All rows; of items with several labels each item is one.
    """

    values: dict[str, int]
    missing: dict[str | None, int]
    tail: Tail | None
    total: int

    @property
    def without(self) -> int:
        """Rows without a value."""
        return sum(self.missing.values())

    @property
    def distinct(self) -> int:
        """Different values that occur, declared or not."""
        return sum(rows > 0 for rows in self.values.values()) + (self.tail.distinct if self.tail else 0)


@dataclass(frozen=True)
class Grid:
    """The rows of the cells of two dimensions.

    Attributes:
        firsts: Values of the first dimension.
        seconds: Values of the second.
        rows: int64 [first, second].
    """

    firsts: tuple[str, ...]
    seconds: tuple[str, ...]
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class Composition:
    """The counts of a spec's tables, read by the spec's declarations.

    Attributes:
        spec: The spec.
        counts: What was counted.
    """

    spec: Spec
    counts: Counts

    def rows(self, dim: str, table: str | None = None) -> Rows:
        """The rows of a dimension, in the table that carries it unless said."""
        request = Contingency(table or table_of(self.spec, (dim,)), (dim,))
        cells: Cells = self.counts[request]
        known = told_apart(self.spec, cells)
        listed = dict(zip((key[0] for key in known.keys), known.counts.tolist(), strict=True))
        kept = dict(zip((key[0] for key in cells.keys), cells.counts.tolist(), strict=True))
        tail = cells.tail(dim)
        every = Contingency(request.table, ())
        several = dim == "label" and self.spec.labels.separator is not None
        total = self.counts[every].rows if several else cells.rows + (tail.rows if tail else 0)
        return Rows(
            {value: listed.get(value, 0) for value in domain(self.spec, dim, known)},
            {text: rows for text, rows in kept.items() if text is None or text not in listed},
            tail,
            total,
        )

    def grid(self, pair: tuple[str, str], table: str | None = None) -> Grid:
        """The cells of two dimensions; where there are too many, those of the rarest values, whose cells are the thin ones."""
        first, second = (self.rows(dim, table).values for dim in pair)
        frequent = [iter(sorted(values, key=lambda value: -values[value])) for values in (first, second)]
        while len(first) * len(second) > CELLS:
            place = int(len(second) > len(first))
            del (first, second)[place][next(frequent[place])]
        request = Contingency(table or table_of(self.spec, pair), pair)
        known = told_apart(self.spec, self.counts[request])
        return Grid(tuple(first), tuple(second), known.dense(tuple(first), tuple(second)))


def table_of(spec: Spec, dims: tuple[str, ...]) -> str:
    """The table whose rows have these dimensions: where the label is among them, the one that carries it."""
    return (label_table(spec) or "items") if "label" in dims else "items"


def others(distinct: int) -> str:
    """The name of the values beyond the listed ones, as OTHERS finds it.

    >>> OTHERS.fullmatch(others(1234)).group()
    '(1,234 others)'
    """
    return f"({distinct:,} others)"


def missing_counts(rows: Rows, family: str, dim: str) -> Iterator[Measure]:
    """How many rows have no value of a dimension of the items, by the text that stands in its place."""
    for text, count in rows.missing.items():
        hidden = MISSING if text is None else repr(text)
        yield Measure(family, "missing_count", "items", Estimate(float(count), n=rows.total), dim, hidden)


def missing_in_words(measures: Sequence[Measure], dim: str | None, *, numbers: bool = False) -> str:
    """What stands in place of missing values and how often, as a sentence puts it; empty where none is missing.

    Args:
        measures: The family's.
        dim: The dimension.
        numbers: Whether it is cut into bins, so that a text that is no number is missing, too.
    """
    empty = "empty or no number" if numbers else "empty"
    told = ", ".join(
        f"{int(row.estimate.value):,} {empty if row.key == MISSING else f'as {row.key}'}"
        for row in measures
        if row.measure == "missing_count" and row.by == dim and row.estimate.value is not None
    )
    return f" ({told})" if told else ""
