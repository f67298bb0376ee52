"""The tables of a spec, opened on its engine."""

from __future__ import annotations

from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from functools import cached_property
from itertools import count
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.roles import Items
from dq_pipeline.tables.ballots import Ballots, read_ballots
from dq_pipeline.tables.bins import quantile_edges
from dq_pipeline.tables.duck import PLACE
from dq_pipeline.tables.duck_errors import DamagedError
from dq_pipeline.tables.duck_files import some_files
from dq_pipeline.tables.engine import connect, engine_errors, on_spark
from dq_pipeline.tables.files import file_version, find_files, fingerprint, in_small_letters
from dq_pipeline.tables.place import are_files, open_table, opened_files
from dq_pipeline.tables.predicate import check_predicate
from dq_pipeline.tables.roles import (
    ROW,
    check_columns,
    check_numbers,
    lines_of,
    roles_of,
    with_numbers,
    with_roles,
)
from dq_pipeline.tables.split import with_split
from dq_pipeline.tables.table import TABLES, Table, version_of_all
from dq_pipeline.tables.training_set import TRAINING_SET, columns_of_roles
from dq_pipeline.tables.voted_items import VotedItems, read_voted_items
from dq_pipeline.tables.votes import labelled, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    import pyarrow as pa
    from typing_extensions import Self

    from dq_pipeline.spec.model import Spec
    from dq_pipeline.spec.table_ref import TableRef

NUMERIC = frozenset({"interval", "ratio"})
"""Levels of measurement whose labels are numbers."""


class Tables:
    """The tables of one spec on one connection; close it, or use it in a `with` statement.

    Args:
        spec: What to open.
        only: The names of the tables to open; all that the spec names unless said.
        training_set: A training set that `release` wrote, to open as well.
        on_connect: Called with the engine's connection before anything is read.
        version_of: Gives the fingerprint of a local file's content.

    Attributes:
        by_query: Whether votes are counted by queries of the engine, and not from ballots that this process reads.
        edges: Numeric condition -> the edges of its bins, known once the items are open.

    Raises:
        InputError: A file or column that is not there or cannot be read.
    """

    def __init__(
        self,
        spec: Spec,
        only: tuple[str, ...] = TABLES,
        *,
        training_set: Path | None = None,
        on_connect: Callable[[Any], None] | None = None,
        version_of: Callable[[Path], str] = file_version,
    ) -> None:
        self.spec = spec
        self.connection, self._spill = connect(spec)
        self.by_query = on_spark(self.connection)
        if on_connect is not None:
            on_connect(self.connection)
        self._tables: dict[str, Table] = {}
        self.edges: dict[str, tuple[float, ...]] = {}
        self.made: dict[str, Any] = {}
        self._version_of = version_of
        self._kept = count()
        self._held: list[str] = []
        self._room = ""
        try:
            for name in only:
                ref = getattr(spec, name)
                if ref is not None and ref.given:
                    self._tables[name] = self._open(name, ref)
            if training_set is not None:
                self.add_training_set(training_set)
        except BaseException:
            self.close()
            raise

    def _open(self, name: str, ref: TableRef) -> Table:
        roles = roles_of(self.spec, name)
        wanted = roles | self._features(name)
        who = f"{self.spec.dataset}, {name}: {ref.named}"
        opened = open_table(self.connection, who, name, ref, self.spec.base, wanted)
        raw = opened.raw
        check_columns(who, raw, wanted, lines_of(ref))
        if isinstance(ref, Items):
            check_columns(who, raw, ref.contents, lines_of(ref))
        if name in {"items", "production"} and self.spec.items is not None:
            cut = {
                roles[one.name]: one.name for one in self.spec.items.conditions if one.edges or one.quantiles
            }
            check_numbers(who, raw, cut)
        if name == "items":
            for case in self.spec.edge_cases:
                asks = f"{self.spec.dataset}, edge_cases.{case.name}.where"
                check_predicate(asks, raw, case.predicate, (PLACE,), roles)
        expr = self._in_roles(name, raw, roles, self._edges(name, raw))
        return Table(name, expr, opened, roles, self._version_of)

    def _in_roles(
        self, name: str, raw: Any, roles: Mapping[str, str], edges: Mapping[str, tuple[float, ...]]
    ) -> Any:
        """Rows of a table in their roles."""
        expr = with_roles(raw, roles, edges=edges)
        if "label" in roles and self.spec.labels.level in NUMERIC:
            expr = with_numbers(expr, self.spec.labels.values or ())
        return with_split(expr, self.spec.training_set.split) if name == "items" else expr

    def of_files(self, name: str, places: Sequence[int]) -> Table:
        """A table of some of the files that one is read from, its rows in the places that they have in the whole."""
        table = self[name]
        raw = some_files(self.connection, table.raw, table.opened.files, places)
        named = {in_small_letters(column): column for column in raw.columns}
        alike = {column: named.get(in_small_letters(column)) for column in table.raw.columns}
        lacking = [column for column, own in alike.items() if own is None]
        if lacking:
            raise InputError(
                f"{self.spec.dataset}, {name}: {table.opened.files[places[0]].name}",
                found=f"no column {lacking[0]!r}",
                expected="the columns of the first file in every file",
                fix="narrow the glob or export the files again",
            )
        raw = raw.select(**{column: raw[own] for column, own in alike.items()})
        other = {column: kind for column, kind in table.raw.schema().items() if raw[column].type() != kind}
        raw = raw.cast(other) if other else raw
        edges = self.edges if name == "items" else {}
        expr = self._in_roles(name, raw, table.roles, edges)
        return Table(name, expr, replace(table.opened, raw=raw), table.roles)

    @contextmanager
    def instead(self, *tables: Table) -> Iterator[Tables]:
        """These tables with others in the place of some of them, while the block lasts."""
        made = copy(self)
        made.take(tables)
        try:
            yield made
        finally:
            made.let_go()

    def take(self, tables: Sequence[Table]) -> None:
        """Take these tables, and forget what was made of others."""
        for name in ("votes", "ballots", "voted_items", "most_votes"):
            self.__dict__.pop(name, None)
        self._tables = self._tables | {table.name: table for table in tables}
        self.made, self._held = {}, []
        self._room = f"instead_{next(self._kept)}"

    def let_go(self) -> None:
        """Take away what was made; the connection stays."""
        rmtree(self.scratch, ignore_errors=True)
        for name in self._held:
            self.connection.drop_table(name, force=True)

    def _features(self, name: str) -> dict[str, str]:
        features = self.spec.items.features if self.spec.items and name == "items" else ()
        return {f"features[{place}]": column for place, column in enumerate(features)}

    def _edges(self, name: str, raw: Any) -> dict[str, tuple[float, ...]]:
        """The edges of numeric conditions; quantiles are those of the items, whichever table they cut."""
        if self.spec.items is None or name not in {"items", "production"}:
            return {}
        if (
            name == "production"
            and "items" not in self
            and any(c.quantiles for c in self.spec.items.conditions)
        ):
            self._open("items", self.spec.items)
        for condition in self.spec.items.conditions:
            if condition.edges is not None:
                self.edges[condition.name] = condition.edges
            elif condition.quantiles is not None and name == "items":
                with engine_errors(name):
                    self.edges[condition.name] = quantile_edges(raw[condition.column], condition.quantiles)
        return self.edges

    def add_training_set(self, path: Path) -> None:
        """Open a training set that `release` wrote, as the table "training_set" with roles like those of items.

        Raises:
            InputError: No such file, or one that was not written from this spec.
        """
        who = f"{self.spec.dataset}, {TRAINING_SET}: {path}"
        if not path.is_file():
            raise InputError(who, found="no such file", expected="a training set", fix="build it first")
        opened = opened_files(self.connection, who, TRAINING_SET, [path], set(), None)
        roles = columns_of_roles(self.own_columns, self["items"].roles if "items" in self else {})
        check_columns(who, opened.raw, roles)
        self._tables[TRAINING_SET] = Table(
            TRAINING_SET, with_roles(opened.raw, roles, edges=self.edges), opened, roles
        )

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The columns of the items' own table; none without one."""
        raw = self["items"].raw if "items" in self else None
        return () if raw is None else tuple(column for column in raw.columns if column != PLACE)

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def __contains__(self, name: str) -> bool:
        return name in self._tables

    def __iter__(self) -> Any:
        return iter(self._tables.values())

    @property
    def data_version(self) -> str:
        """The fingerprint of all the tables that the spec names together; a training set is made from these."""
        return version_of_all({table.name: table.data_version for table in self})

    @cached_property
    def votes(self) -> Any:
        """The annotations that count: labelled, by a named annotator, each annotator once an item (first or last).

        All the columns of annotations, `row` too.
        """
        import ibis
        import pyarrow as pa

        kept = labelled(self["annotations"].expr)
        if self.by_query:
            return self.keep(standing(kept, last=self.last_stands))
        if not self.ballots.extra:
            return kept
        dropped = ibis.memtable(pa.table({"row": self.ballots.dropped}))
        return kept.anti_join(dropped, "row")

    @cached_property
    def ballots(self) -> Ballots:
        """The annotations that are labelled, by a named annotator, item by item as small numbers; none by query."""
        with engine_errors("annotations"):
            annotations = self["annotations"].expr
            return read_ballots(self.connection, annotations, self.scratch / "ballots", last=self.last_stands)

    @cached_property
    def voted_items(self) -> VotedItems:
        """The items table beside the ballots, with what may be a dimension; its time is months since year 0. None by query."""
        items = self["items"].expr
        with engine_errors("items"):
            if "time" in items.columns:
                months = items.time.year().cast("int32") * 12 + items.time.month().cast("int32") - 1
                items = items.mutate(time=months.cast("string"))
            dims = [
                column
                for column in items.columns
                if column not in {ROW, "item", "group"} and items[column].type().is_string()
            ]
            return read_voted_items(self.connection, items, self.ballots, dims, self.scratch / "voted_items")

    @cached_property
    def most_votes(self) -> int:
        """The most votes that an item has, counting an annotator's several one by one."""
        if not self.by_query:
            return self.ballots.most
        votes = labelled(self["annotations"].expr)
        counted = votes.group_by("item").agg(n=votes.count())
        return int(counted.agg(most=counted.n.max()).to_pyarrow()["most"][0].as_py() or 0)

    @property
    def gold(self) -> Any:
        """Each gold item's `item` and its label as `gold`, of several the first, as of votes; None without a table of gold."""
        if "gold" not in self:
            return None
        given = self["gold"].expr.drop_null(["item", "label"])
        return given.group_by("item").agg(gold=given.label.argmin(given.row))

    @property
    def last_stands(self) -> bool:
        """Whether of an annotator's votes on one item the last stands, and not the first."""
        return self.spec.annotations is not None and self.spec.annotations.repeats == "last"

    def hold(self) -> None:
        """Refuse tables whose files changed since they were opened.

        Raises:
            InputError: One did.
        """
        for table in self:
            table.hold()

    def keep(self, expression: Any) -> Any:
        """A table of the engine's own with the rows of an expression, there until the tables are closed."""
        return self.connection.create_table(self._name(), expression, temp=True)

    def keep_batches(self, batches: pa.RecordBatchReader) -> Any:
        """A table of DuckDB's own with the rows of batches, there until the tables are closed."""
        name = self._name()
        self.connection.con.register(f"{name}_batches", batches)
        self.connection.raw_sql(f"CREATE TEMP TABLE {name} AS SELECT * FROM {name}_batches")
        self.connection.con.unregister(f"{name}_batches")
        return self.connection.table(name)

    def _name(self) -> str:
        self._held.append(f"dq_kept_{next(self._kept)}")
        return self._held[-1]

    @contextmanager
    def kept(self, expression: Any) -> Iterator[Any]:
        """A table of the engine's own with the rows of an expression, gone when the block ends or raises."""
        name = f"dq_kept_{next(self._kept)}"
        table = self.connection.create_table(name, expression, temp=True)
        try:
            yield table
        finally:
            self.connection.drop_table(name)

    @property
    def scratch(self) -> Path:
        """A folder for files that are gone when the tables are closed."""
        return self._spill.path / self._room

    def close(self) -> None:
        """Close the connection and remove what it spilled."""
        self.connection.disconnect()
        self._spill.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if isinstance(error, DamagedError):
                files = [file for table in self for file in table.opened.files]
                named = error.of(self.connection, files)
                if named is not None:
                    raise named from error
        finally:
            self.close()


def data_version_of(spec: Spec, name: str) -> str:
    """The fingerprint of what one of a spec's tables holds now; of files without opening an engine.

    Raises:
        InputError: It is not there or cannot be read.
    """
    ref: TableRef = getattr(spec, name)
    if spec.engine.backend == "duckdb" and are_files(ref, spec.base):
        return fingerprint(find_files(f"{spec.dataset}, {name}: {ref.named}", ref.table, spec.base))
    with Tables(spec, (name,)) as tables:
        return tables[name].data_version
