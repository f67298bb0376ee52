"""Where the dimensions of a table lie: its rows, its rows by each of their labels, or its votes with their items."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts import coding
from dq_pipeline.counts.coding import Domain, Field, domain_of, domain_of_counts, pack, packed
from dq_pipeline.tables import SPLITS, labelled, labels_of, with_split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from dq_pipeline.tables import Block, Tables

    Ints = NDArray[np.int64]

TIME = "time"
"""As a dimension: the month of the time, such as "2026-03"."""


@dataclass(frozen=True)
class Packed:
    """A frame's dimensions, packed.

    Attributes:
        columns: What each packed column holds.
        expr: The engine's rows of the packed columns, named by `name`.
        kept: Whether they are a table already.
    """

    columns: tuple[tuple[Field, ...], ...]
    expr: Any
    kept: bool = False

    @staticmethod
    def name(place: int) -> str:
        """The name of a packed column."""
        return f"k{place}"


class Frame:
    """The rows of one table.

    Args:
        tables: The tables.
        table: "items", "production" or "training_set".
        separator: What stands between several labels of a row, which then counts once for each; None to take a row as one.
    """

    def __init__(self, tables: Tables, table: str, *, separator: str | None = None) -> None:
        self._tables, self._table, self._separator = tables, table, separator

    def rows(self) -> int:
        """How many rows there are."""
        return int(self._select(()).count().execute())

    def plain(self, dims: Sequence[str]) -> Any:
        """The rows with their dimensions as they are."""
        return self._select(dims).select(*dims)

    def distinct(self, dims: Sequence[str]) -> dict[str, int]:
        """How many different values each dimension has, all from one scan; where it is known to be no more than are listed, a limit."""
        rows = self.plain(dims)
        counted = rows.agg(
            **{f"d{place}": rows[dim].nunique() for place, dim in enumerate(dims)}
        ).to_pyarrow()
        return {dim: int(counted[f"d{place}"][0].as_py()) for place, dim in enumerate(dims)}

    def domain(self, dim: str) -> Domain:
        """The values of a dimension, counted where these rows are those to count."""
        if self._separator is not None and dim != "label":
            return _uncounted(domain_of(_with_time(self._own, (dim,)), dim, _name(dim)))
        return domain_of(self._select((dim,)), dim, _name(dim))

    def packed(self, domains: dict[str, Domain]) -> Packed:
        """The rows with their dimensions packed."""
        columns = tuple(pack(domains.items()))
        names = [Packed.name(place) for place in range(len(columns))]
        return Packed(columns, packed(self._select(tuple(domains)), columns, names))

    @property
    def _own(self) -> Any:
        return self._tables[self._table].expr

    def _select(self, dims: Sequence[str]) -> Any:
        frame = _with_time(self._own, dims)
        if self._separator is not None:
            frame = frame.mutate(label=labels_of(frame.label, self._separator).unnest())
        return frame


class Votes(Frame):
    """The votes, each with the dimensions of its item that it has not itself."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables, "annotations")

    def plain(self, dims: Sequence[str]) -> Any:
        """The votes with their dimensions as they are."""
        joined = [dim for dim in dims if dim not in self._own.columns and "items" in self._tables]
        votes = self._select([dim for dim in dims if dim not in joined])
        if joined:
            items = _with_time(self._tables["items"].expr, joined).select("item", *joined)
            votes = votes.left_join(items, "item")
        return votes.select(*dims)

    def distinct(self, dims: Sequence[str]) -> dict[str, int]:
        """How many different values each dimension has; where it is known to be no more than are listed, a limit."""
        limits = {dim: self._at_most(dim) for dim in dims}
        known = {dim: most for dim, most in limits.items() if most is not None and most <= coding.VALUES}
        left = [dim for dim in dims if dim not in known]
        return known | (super().distinct(left) if left else {})

    def _at_most(self, dim: str) -> int | None:
        if self._tables.by_query:
            return None
        if dim in {"annotator", "label"}:
            return len(getattr(self._tables.ballots, f"{dim}s"))
        return len(self._tables.voted_items.values[dim]) + 1 if self._has_codes(dim) else None

    def domain(self, dim: str) -> Domain:
        """The values of a dimension; how often they occur among the votes, cross-counting tells."""
        if dim in {"annotator", "label"} and not self._tables.by_query:
            return domain_of_counts(self._given[dim])
        if dim in self._own.columns:
            given = domain_of(_with_time(labelled(self._own), (dim,)), dim, _name(dim))
            return (
                _uncounted(given) if given.tail is None else domain_of(self._select((dim,)), dim, _name(dim))
            )
        if "items" not in self._tables:
            return Domain(SPLITS, SPLITS, None, None)
        if dim != TIME and self._has_codes(dim):
            values = self._tables.voted_items.values[dim]
            if len(values) <= coding.VALUES:
                return Domain(values, values, None, None).or_missing()
        return domain_of(_with_time(self._tables["items"].expr, (dim,)), dim, _name(dim)).or_missing()

    @cached_property
    def _given(self) -> dict[str, dict[str, int]]:
        """The votes by annotator and by label."""
        ballots = self._tables.ballots
        people, labels = np.zeros(len(ballots.annotators), np.int64), np.zeros(len(ballots.labels), np.int64)
        for block in ballots.blocks():
            annotator, label = np.divmod(block.codes, len(labels))
            people += np.bincount(annotator, minlength=len(people))
            labels += np.bincount(label, minlength=len(labels))
        return {
            "annotator": dict(zip(ballots.annotators, people.tolist(), strict=True)),
            "label": dict(zip(ballots.labels, labels.tolist(), strict=True)),
        }

    def packed(self, domains: dict[str, Domain]) -> Packed:
        """The votes with their dimensions packed; those of the items are packed before they are joined."""
        by_query = self._tables.by_query
        if not by_query and all(dim in {"annotator", "label"} or self._has_codes(dim) for dim in domains):
            return self._of_ballots(domains)
        joined = [dim for dim in domains if dim not in self._own.columns and "items" in self._tables]
        first = pack((dim, domain) for dim, domain in domains.items() if dim not in joined)
        second = pack((dim, domains[dim]) for dim in joined)
        names = [Packed.name(place) for place in range(len(first) + len(second))]
        own = [dim for dim in domains if dim not in joined]
        votes = packed(self._select(own), first, names[: len(first)], kept=("item",))
        if second:
            frame = _with_time(self._tables["items"].expr, joined)
            items = packed(frame, second, names[len(first) :], kept=("item",))
            votes = votes.left_join(items, "item")
            nowhere = {
                name: sum(field.missing_code for field in fields)
                for name, fields in zip(names[len(first) :], second, strict=True)
            }
            votes = votes.mutate(**{name: votes[name].fill_null(code) for name, code in nowhere.items()})
        return Packed((*first, *second), votes.select(*names))

    def _has_codes(self, dim: str) -> bool:
        """Whether a dimension is one of items, and has codes beside the ballots."""
        tables = self._tables
        if tables.by_query or dim in self._own.columns or "items" not in tables:
            return False
        return dim in tables.voted_items.values

    def _of_ballots(self, domains: dict[str, Domain]) -> Packed:
        """The ballots' votes beside the rows of their items, a block at a time."""
        import pyarrow as pa

        columns = tuple(pack(domains.items()))
        ballots, own = self._tables.ballots, {"annotator", "label"}
        joined = [dim for dim in domains if dim not in own]
        values: dict[str, Sequence[str | None]] = {
            dim: (None, *(_shown(dim, value) for value in self._tables.voted_items.values[dim]))
            for dim in joined
        }
        values |= {"annotator": ballots.annotators, "label": ballots.labels}
        codes_of = {field.dim: field.codes_of(values[field.dim]) for fields in columns for field in fields}
        names = [Packed.name(place) for place in range(len(columns))]
        schema = pa.schema([(name, pa.int16()) for name in names])

        def batches() -> Iterator[pa.RecordBatch]:
            for block in ballots.blocks():
                codes, of_item, times = self._beside(block, joined)
                annotator, label = np.divmod(codes, len(ballots.labels))
                votes = {"annotator": annotator, "label": label}
                made = []
                for fields in columns:
                    column = np.zeros(len(codes), np.int16)
                    rows = np.zeros(len(times), np.int16)
                    for field in fields:
                        if field.dim in own:
                            column |= codes_of[field.dim][votes[field.dim]]
                        else:
                            rows |= codes_of[field.dim][of_item[field.dim]]
                    made.append(pa.array(column | np.repeat(rows, times)))
                yield pa.record_batch(made, schema=schema)

        reader = pa.RecordBatchReader.from_batches(schema, batches())
        return Packed(columns, self._tables.keep_batches(reader), kept=True)

    def _beside(self, block: Block, dims: Sequence[str]) -> tuple[Ints, Mapping[str, NDArray[Any]], Ints]:
        """The codes of a block's votes by the rows of their items, the codes of these rows, and the votes of each."""
        if not dims:
            return block.codes, {}, block.sizes
        beside = self._tables.voted_items.beside(block, dims)
        times = block.sizes[beside.ballots]
        if beside.as_they_are:
            return block.codes, beside.codes, times
        first = np.repeat(block.starts[beside.ballots] - (np.cumsum(times) - times), times)
        return block.codes[first + np.arange(len(first))], beside.codes, times

    def _select(self, dims: Sequence[str]) -> Any:
        votes = _with_time(self._tables.votes, dims)
        return with_split(votes, self._tables.spec.training_set.split) if "split" in dims else votes


def frame_of(tables: Tables, table: str, *, by_label: bool) -> Frame:
    """The rows to count; with `by_label`, of a row with several labels each of them counts."""
    if table == "annotations":
        return Votes(tables)
    return Frame(tables, table, separator=tables.spec.labels.separator if by_label else None)


def _uncounted(domain: Domain) -> Domain:
    return Domain(domain.stored, domain.values, None, domain.tail)


def _with_time(table: Any, dims: Sequence[str]) -> Any:
    """The table, its time as months since year 0 where that is a dimension."""
    if TIME not in dims:
        return table
    return table.mutate(time=table.time.year().cast("int32") * 12 + table.time.month().cast("int32") - 1)


def _shown(dim: str, value: str) -> str:
    """A value of the items beside the ballots by its name, months among them."""
    shown: str = _name(dim)(int(value)) if dim == TIME else value
    return shown


def _name(dim: str) -> Any:
    return (lambda months: f"{months // 12:04d}-{months % 12 + 1:02d}") if dim == TIME else str
