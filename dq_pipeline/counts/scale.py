"""A numeric scale in parts, one a value or, of many values, a tenth of the votes: two ratings agree when they share one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.spec.number import NUMBER
from dq_pipeline.tables import NUMERIC, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables

MANY = 20
"""Values of a scale up to which each is a part of its own: 1 and 1.0 are one value."""
TENTHS = 10
LARGEST = 1e130
"""No number that a label may be is larger; an engine also reads infinity and the like."""


@dataclass(frozen=True)
class Scale:
    """The parts of a numeric scale.

    Attributes:
        starts: float [P], ascending, the least value of each part; a part holds what lies below the next one's.
        exact: Whether a part is one value.
    """

    starts: NDArray[np.float64]
    exact: bool

    @property
    def names(self) -> tuple[str, ...]:
        """What each part is called: `2.5`, or `from 2.5`."""
        return tuple(f"{'' if self.exact else 'from '}{start:g}" for start in self.starts.tolist())

    def of(self, column: Any) -> Any:
        """A column of labels by the names of their parts; a label that is in none stays as it is."""
        import ibis

        if not len(self.starts):
            return column
        value, starts = number(column), self.starts.tolist()
        if self.exact:
            cases = [(value == start, name) for start, name in zip(starts, self.names, strict=True)]
            return ibis.cases(*cases, else_=column)
        named = ibis.cases(
            *((value < start, name) for start, name in zip(starts[1:], self.names, strict=False)),
            else_=self.names[-1],
        )
        return ibis.ifelse(value.notnull() & (value.abs() < LARGEST), named, column)

    def name(self, label: str) -> str:
        """The name of a label's part; the label where it is in none."""
        value = value_of(label)
        if value is None or not len(self.starts):
            return label
        if self.exact:
            there = np.flatnonzero(self.starts == value)
            return self.names[there[0]] if len(there) else label
        return self.names[max(int(np.searchsorted(self.starts, value, side="right")) - 1, 0)]


def scale(votes: Mapping[str, int]) -> Scale:
    """The scale of votes by label: labels that are no numbers are in no part.

    >>> scale({"1": 3, "1.0": 2, "2": 1, "high": 1}).names
    ('1', '2')
    >>> scale({str(value): 1 for value in range(100)}).names[:3]
    ('from 0', 'from 10', 'from 20')
    """
    known = {
        label: value for label, count in votes.items() if count and (value := value_of(label)) is not None
    }
    values = np.array(sorted(set(known.values())), dtype=np.float64)
    if len(values) <= MANY:
        return Scale(values, exact=True)
    counts = np.zeros(len(values))
    np.add.at(counts, np.searchsorted(values, list(known.values())), [votes[label] for label in known])
    below = np.concatenate([[0.0], np.cumsum(counts)[:-1]]) / counts.sum()
    places = np.searchsorted(below, np.arange(TENTHS) / TENTHS - 1e-12)
    return Scale(np.unique(values[places[places < len(values)]]), exact=False)


def scale_of(tables: Tables) -> Scale | None:
    """The scale of a dataset's annotations, or of its labelled items; None where its labels are no numbers."""
    spec = tables.spec
    if spec.labels.level not in NUMERIC:
        return None
    votes = (
        tables.votes if spec.annotations is not None else tables["items"].expr.drop_null(["item", "label"])
    )
    rows = votes.group_by("label").agg(n=votes.count()).to_pyarrow()
    return scale(dict(zip(rows["label"].to_pylist(), rows["n"].to_pylist(), strict=True)))


def is_exact(labels: Iterable[str]) -> bool:
    """Whether labels of parts of a table, by the names of their scales, tell those of the whole: each a value of its own."""
    values = {value_of(label) for label in labels} - {None}
    return len(values) <= MANY and not any(label.startswith("from ") for label in labels)


def by_value(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels as a scale names them: numbers by their value, then the others as they are."""
    numbers = {label: value for label in labels if (value := value_of(label)) is not None}
    return (
        *sorted(numbers, key=lambda label: numbers[label]),
        *(one for one in labels if one not in numbers),
    )


def value_of(label: str) -> float | None:
    """A label as a number; None where it is none."""
    return float(label) if re.fullmatch(NUMBER, label) else None
