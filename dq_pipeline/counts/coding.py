"""Values as small numbers, several dimensions packed into one column: what makes many cross-tables cost one scan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from dq_pipeline.counts.cells import Tail, Value
from dq_pipeline.tables import looked_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

VALUES = 1000
"""The values of a dimension that are listed, the most frequent first; what lies beyond them is its tail."""
BITS = 10
"""A packed column's width: every dimension fits, and two columns together have at most 2^20 combinations."""
_CODE = "int16"
_LOOKED_UP = 64
"""Values up to which a code is looked up in place; more are joined."""


@dataclass(frozen=True)
class Domain:
    """The values that a dimension has in a table.

    Attributes:
        stored: The listed values as the engine has them; None among them where it may be missing.
        values: The same as text.
        counts: Rows of each; None where only cross-counting tells them.
        tail: What lies beyond the listed ones; None where all are listed.
    """

    stored: tuple[Any, ...]
    values: tuple[Value, ...]
    counts: tuple[int, ...] | None
    tail: Tail | None

    @property
    def bits(self) -> int:
        """The bits that tell its values and its tail apart."""
        codes = len(self.stored) + (self.tail is not None)
        return max(codes - 1, 0).bit_length()

    def or_missing(self) -> Domain:
        """The same domain, in which a value may be missing; its rows are counted anew."""
        more = () if None in self.stored else (None,)
        return Domain((*self.stored, *more), (*self.values, *more), None, self.tail)


def domain_of_counts(counts: Mapping[str, int]) -> Domain:
    """The most frequent of counted values, and exactly what is left."""
    counts = {value: n for value, n in counts.items() if n}
    ordered = sorted(counts, key=lambda value: (-counts[value], value))
    listed, beyond = ordered[:VALUES], [counts[value] for value in ordered[VALUES:]]
    tail = Tail(len(beyond), sum(beyond), float(sum(n * n for n in beyond))) if beyond else None
    return Domain(tuple(listed), tuple(listed), tuple(counts[value] for value in listed), tail)


def domain_of(frame: Any, dim: str, name: Callable[[Any], str] = str) -> Domain:
    """The most frequent values of a column with their rows, a missing one always among them, and exactly what is left.

    Args:
        frame: A table with the column `dim`.
        dim: The column.
        name: A stored value as text.
    """
    grouped = frame.group_by(dim).agg(n=frame.count())
    first = grouped.order_by(grouped[dim].isnull().desc(), grouped.n.desc(), grouped[dim]).limit(VALUES + 2)
    rows = first.to_pyarrow()
    stored, counts = rows[dim].to_pylist(), [int(count) for count in rows["n"].to_pylist()]
    listed = VALUES + (None in stored)
    tail = None
    if len(stored) > listed:
        stored, counts = stored[:listed], counts[:listed]
        rows_squared = grouped.n.cast("float64") * grouped.n.cast("float64")
        whole = grouped.agg(
            distinct=grouped.count(), rows=grouped.n.sum().cast("int64"), squares=rows_squared.sum()
        )
        total = whole.to_pyarrow().to_pylist()[0]
        tail = Tail(
            int(total["distinct"]) - listed,
            int(total["rows"]) - sum(counts),
            max(float(total["squares"]) - float(sum(count * count for count in counts)), 0.0),
        )
    values = tuple(None if value is None else name(value) for value in stored)
    return Domain(tuple(stored), values, tuple(counts), tail)


@dataclass(frozen=True)
class Field:
    """A dimension within a packed column.

    Attributes:
        dim: The dimension.
        domain: Its values; a value's code is its place, the tail's comes after them.
        shift: The lowest of its bits.
    """

    dim: str
    domain: Domain
    shift: int

    @property
    def mask(self) -> int:
        """Its bits, in place."""
        return ((1 << self.domain.bits) - 1) << self.shift

    def places(self, packed: NDArray[np.int64]) -> NDArray[np.int64]:
        """The codes in packed numbers; the tail's is the number of listed values."""
        return (packed & self.mask) >> self.shift

    def code(self, column: Any, joined: Any | None) -> Any:
        """The engine's expression of a value's code, in place; `joined` is the code that a join found."""
        import ibis

        known = self._looked_up(column) if joined is None else joined
        missing = self._missing
        beyond = self._literal(len(self.domain.stored)) if self.domain.tail is not None else None
        if missing is not None and beyond is not None:
            return ibis.ifelse(column.isnull(), missing, known.fill_null(beyond))
        if missing is None and beyond is None:
            return known
        return known.fill_null(beyond if missing is None else missing)

    def codes_of(self, values: Sequence[str | None]) -> NDArray[np.int16]:
        """The code of each of these texts, in place."""
        import numpy as np

        place = {value: at for at, value in enumerate(self.domain.values)}
        tail = len(self.domain.values) if self.domain.tail is not None else 0
        return np.array([place.get(value, tail) << self.shift for value in values], np.int16)

    @property
    def joins(self) -> bool:
        """Whether its codes are joined rather than looked up."""
        return len(self.domain.stored) > _LOOKED_UP

    @property
    def table(self) -> tuple[list[Any], list[int]]:
        """The values that are there, and the code of each, in place."""
        there = [
            (value, place << self.shift)
            for place, value in enumerate(self.domain.stored)
            if value is not None
        ]
        return [value for value, _ in there], [code for _, code in there]

    @property
    def missing_code(self) -> int:
        """The code of a missing value, in place; 0 where none may be missing."""
        return self.domain.stored.index(None) << self.shift if None in self.domain.stored else 0

    @property
    def _missing(self) -> Any:
        import ibis

        return ibis.literal(self.missing_code, _CODE) if None in self.domain.stored else None

    def _literal(self, place: int) -> Any:
        import ibis

        return ibis.literal(place << self.shift, _CODE)

    def _looked_up(self, column: Any) -> Any:
        import ibis

        codes = dict(zip(*self.table, strict=True))
        return looked_up(codes, _CODE, column) if codes else ibis.null(_CODE)


def pack(domains: Iterable[tuple[str, Domain]]) -> list[tuple[Field, ...]]:
    """Dimensions packed into columns of at most BITS bits, in their order."""
    columns: list[tuple[Field, ...]] = []
    used = BITS + 1
    for dim, domain in domains:
        if used + domain.bits > BITS:
            columns.append(())
            used = 0
        columns[-1] = (*columns[-1], Field(dim, domain, used))
        used += domain.bits
    return columns


def packed(
    frame: Any, columns: Sequence[Sequence[Field]], names: Sequence[str], kept: Sequence[str] = ()
) -> Any:
    """A frame's dimensions as packed columns called `names`, and the columns `kept` as they are."""
    import ibis
    import pyarrow as pa

    found, joined = frame, {}
    for field in (field for fields in columns for field in fields if field.joins):
        values, codes = field.table
        # No condition's name holds a "|".
        key, code = f"value|{field.dim}", f"code|{field.dim}"
        kind = frame[field.dim].type().to_pyarrow()
        table = ibis.memtable(pa.table({key: pa.array(values, kind), code: pa.array(codes, pa.int16())}))
        found = found.left_join(table, found[field.dim] == table[key]).drop(key)
        joined[field.dim] = code
    made = {
        name: reduce(
            or_,
            [
                field.code(found[field.dim], found[joined[field.dim]] if field.joins else None)
                for field in fields
            ],
        )
        for name, fields in zip(names, columns, strict=True)
    }
    return found.select(*kept, **made)
