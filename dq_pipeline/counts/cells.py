"""Cells: how often each combination of values occurs, and what lies beyond the values that are listed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

Value = str | None
"""A value of a dimension; a missing one is None."""
_SORTED = 1 << 22
"""Combinations of values up to which cells are added up in an array rather than sorted."""


@dataclass(frozen=True)
class Tail:
    """The values of a dimension beyond the most frequent ones, which are listed.

    Attributes:
        distinct: How many values there are.
        rows: Rows that have one of them.
        squares: Sum over these values of the square of their rows: with the listed ones it gives the exact HHI.
    """

    distinct: int
    rows: int
    squares: float


@dataclass(frozen=True, eq=False)
class Cells:
    """Counts of the combinations that occur.

    Rows whose value lies beyond those listed are in no cell of that dimension; its tail tells how many they are.

    Attributes:
        dims: Names of the dimensions, D of them.
        domains: The listed values of each dimension, those that occur nowhere among them.
        places: int64 [C, D], the place in its domain of each value of each cell.
        counts: int64 [C], rows in each cell, none of them 0.
        tails: What lies beyond the listed values of each dimension; None where all are listed.
    """

    dims: tuple[str, ...]
    domains: tuple[tuple[Value, ...], ...]
    places: NDArray[np.int64]
    counts: NDArray[np.int64]
    tails: tuple[Tail | None, ...]

    @classmethod
    def of(cls, dims: Sequence[str], rows: Iterable[tuple[Sequence[Value], int]]) -> Cells:
        """The cells of (values, rows) pairs; equal values are added up.

        >>> Cells.of(("light",), [(("day",), 2), (("night",), 1), (("day",), 3)]).keys
        (('day',), ('night',))
        """
        summed: dict[tuple[Value, ...], int] = {}
        for values, count in rows:
            summed[tuple(values)] = summed.get(tuple(values), 0) + count
        summed = {key: count for key, count in summed.items() if count}
        domains = tuple(tuple(dict.fromkeys(key[at] for key in summed)) for at in range(len(dims)))
        where = [{value: place for place, value in enumerate(domain)} for domain in domains]
        places = [[where[at][value] for at, value in enumerate(key)] for key in summed]
        return cls(
            tuple(dims),
            domains,
            np.array(places, dtype=np.int64).reshape(len(summed), len(dims)),
            np.array(list(summed.values()), dtype=np.int64),
            (None,) * len(dims),
        )

    @classmethod
    def of_texts(cls, rows: pa.Table, counts: NDArray[np.int64]) -> Cells:
        """Rows of texts as cells, each row one, whose columns are the dimensions; a null is None.

        Args:
            rows: N rows.
            counts: int64 [N], how often each comes.
        """
        coded = [column.combine_chunks().dictionary_encode() for column in rows.columns]
        places = [
            one.indices.fill_null(len(one.dictionary)).to_numpy(zero_copy_only=False).astype(np.int64)
            for one in coded
        ]
        domains = tuple((*one.dictionary.to_pylist(), None) for one in coded)
        dims = tuple(rows.column_names)
        return cls(dims, domains, np.stack(places, axis=1), counts, (None,) * len(dims))

    @property
    def keys(self) -> tuple[tuple[Value, ...], ...]:
        """The values of each cell, C tuples of D."""
        listed = [
            [domain[place] for place in self.places[:, at].tolist()] for at, domain in enumerate(self.domains)
        ]
        return tuple(zip(*listed, strict=True)) if listed else ((),) * len(self.counts)

    @property
    def rows(self) -> int:
        """Rows in the cells."""
        return int(self.counts.sum())

    def values(self, dim: str) -> tuple[str, ...]:
        """The values that occur in a dimension, sorted; None is not a value."""
        at = self.dims.index(dim)
        domain = self.domains[at]
        occurring = (domain[place] for place in np.unique(self.places[:, at]).tolist())
        return tuple(sorted(value for value in occurring if value is not None))

    def tail(self, dim: str) -> Tail | None:
        """What lies beyond the listed values of a dimension."""
        return self.tails[self.dims.index(dim)]

    def dense(self, *domains: Sequence[Value]) -> NDArray[np.int64]:
        """The counts as an array over the given domains, zeros where nothing occurs; values outside are left out."""
        array = np.zeros([len(domain) for domain in domains], dtype=np.int64)
        kept = np.ones(len(self.counts), dtype=bool)
        at_places = []
        for at, (own, asked) in enumerate(zip(self.domains, domains, strict=True)):
            where = {value: place for place, value in enumerate(asked)}
            there = np.array([where.get(value, -1) for value in own], dtype=np.int64)
            moved = there[self.places[:, at]] if len(there) else np.zeros(0, np.int64)
            kept &= moved >= 0
            at_places.append(moved)
        np.add.at(array, tuple(moved[kept] for moved in at_places), self.counts[kept])
        return array

    def renamed(self, dim: str, name: Callable[[str], Value]) -> Cells:
        """The cells with the values of a dimension called otherwise; those called alike are added up, None stays None."""
        at = self.dims.index(dim)
        called = [None if value is None else name(value) for value in self.domains[at]]
        domain = tuple(dict.fromkeys(called))
        where = {value: place for place, value in enumerate(domain)}
        places = self.places.copy()
        there = np.array([where[value] for value in called], dtype=np.int64)
        places[:, at] = there[places[:, at]] if len(there) else places[:, at]
        domains = (*self.domains[:at], domain, *self.domains[at + 1 :])
        return Cells(self.dims, domains, places, self.counts, self.tails).summed()

    @staticmethod
    def added(states: Sequence[tuple[int, Cells]], most: float = math.inf) -> Cells | None:
        """The cells of several sets of rows, each with 1 to add them or -1 to take them away.

        Args:
            states: At least one, of the same dimensions.
            most: The values of a dimension that are listed.

        Returns:
            None where a dimension has values that are not listed: the counts of the parts do not tell those of the whole.

        Raises:
            ValueError: States of other dimensions.
        """
        every = [cells for _, cells in states]
        dims = every[0].dims
        if any(cells.dims != dims for cells in every):
            raise ValueError(f"cells of {dims} and of others do not add up")
        listed = zip(*(cells.domains for cells in every), strict=True)
        domains = tuple(tuple(dict.fromkeys(value for own in of_dim for value in own)) for of_dim in listed)
        if any(tail is not None for cells in every for tail in cells.tails) or any(
            len(domain) - (None in domain) > most for domain in domains
        ):
            return None
        moved = []
        for cells in every:
            places = cells.places.copy()
            for at, (own, whole) in enumerate(zip(cells.domains, domains, strict=True)):
                where = {value: place for place, value in enumerate(whole)}
                there = np.array([where[value] for value in own], dtype=np.int64)
                places[:, at] = there[places[:, at]] if len(there) else places[:, at]
            moved.append(places)
        counts = np.concatenate([sign * cells.counts for sign, cells in states])
        return Cells(dims, domains, np.concatenate(moved), counts, (None,) * len(dims)).summed()

    def summed(self) -> Cells:
        """The cells whose places are equal added up, in the order of their places; those that lie outside left out."""
        inside = np.ones(len(self.counts), dtype=bool)
        for column, domain in zip(self.places.T, self.domains, strict=True):
            inside &= column < len(domain)
        places, counts = self.places[inside], self.counts[inside]
        shape = [max(len(domain), 1) for domain in self.domains]
        size = math.prod(shape)
        if not shape:
            return Cells((), (), np.zeros((1, 0), np.int64), counts.sum(keepdims=True), ())
        if size > _SORTED:
            kept, inverse = np.unique(places, axis=0, return_inverse=True)
            totals = np.bincount(inverse.reshape(-1), counts, len(kept))
            kept, totals = kept[totals != 0], totals[totals != 0]
        else:
            flat = places @ np.array([math.prod(shape[at + 1 :]) for at in range(len(shape))], dtype=np.int64)
            dense = np.bincount(flat, counts, size)
            there = np.flatnonzero(dense)
            kept, totals = np.stack(np.unravel_index(there, shape), axis=1), dense[there]
        # Sums in doubles are whole up to 2^53 rows.
        return Cells(self.dims, self.domains, kept.astype(np.int64), totals.astype(np.int64), self.tails)
