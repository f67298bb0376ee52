"""Counts that add up, part by part: those of parts that are as they were are read from files, and only the others are counted.

The parts are groups of a table's files. A state of a group is what it adds to the groups before it: the state of its rows
and of all earlier rows of its items, and, taken away, the state of these earlier rows alone. So the states of all groups
add up to that of the whole, also where an item's rows lie in several.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dq_pipeline.counts.additive import Additive
from dq_pipeline.counts.file_groups import FileGroups, digest
from dq_pipeline.counts.named_parts import SOURCES, base_of, in_parts, named_part
from dq_pipeline.counts.state_files import read_states, write_states
from dq_pipeline.tables import PLACE, UNFINISHED, KnownVersions, engine_errors, hashed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Signed, Source
    from dq_pipeline.counts.named_parts import NamedPart
    from dq_pipeline.tables import Table, Tables

    Count = Callable[[Tables, Sequence[Any]], Mapping[Any, Any]]

LOCK = ".lock"
_log = logging.getLogger(__name__)


@dataclass
class Reused:
    """What was counted of a table, and what was not.

    Attributes:
        files: Files of the table.
        counted: Those that were counted now; the counts of the others are of earlier times.
    """

    files: int
    counted: int


@dataclass
class _Sum:
    """What adds up to a request's state of the whole.

    Attributes:
        request: The request, as parts are asked.
        path: Where the sum is kept.
        parts: The names of the parts that are in it.
        states: What is added and taken away; None among them is the state of a part for which the whole has to be counted.
        refused: Whether parts did not tell the state of the whole when it was last tried.
        new: Whether a part was added that the kept sum lacks.
    """

    request: Additive
    path: Path
    parts: list[str] = field(default_factory=list)
    states: list[Signed] = field(default_factory=list)
    refused: bool = False
    new: bool = False

    def add(self, part: str, states: Sequence[Signed]) -> None:
        """Add a part's states."""
        self.parts, self.states, self.new = [*self.parts, part], [*self.states, *states], True


class KeptStates:
    """The states of parts of a dataset's tables, kept in a folder.

    Args:
        folder: The folder; it is made.
        classes: What states are made of, by name.

    Attributes:
        states: The states of requests that were counted by parts.
        version_of: Gives the fingerprint of a file, read only where it was touched since it was last asked about.
        reused: What was counted of each table that is read in parts.

    """

    def __init__(self, folder: Path, classes: Mapping[str, Callable[..., Any]]) -> None:
        self.reused: dict[str, Reused] = {}
        self.states: dict[Any, Any] = {}
        self.version_of = KnownVersions(folder / "files.json")
        self._folder, self._classes = folder, classes
        self._groups: dict[Source, FileGroups] = {}
        self._bases: dict[Source, str] = {}
        self._pending: list[Callable[[], None]] = []
        self._whole: list[Source] = []

    def count(self, tables: Tables, requests: Sequence[Any], count: Count) -> None:
        """Count the requests that add up by parts of tables in several files; the others are not among `states` then.

        Args:
            tables: The tables.
            requests: All requests that will be asked about, since those counted together share what is read.
            count: Counts requests of tables, whole.
        """
        if tables.by_query:
            return
        wanted = {one: one.sums(tables) for one in requests if isinstance(one, Additive) and one.source}
        sums = dict.fromkeys(one for of_request in wanted.values() for one in of_request)
        states: dict[Any, Any] = {}
        for source in SOURCES:
            own = [one for one in sums if one.source == source]
            if own and in_parts(tables, source):
                with engine_errors(source):
                    states |= self._of_source(tables, source, own, count)
            elif own and source in tables:
                self._whole.append(source)
        for request, of_request in wanted.items():
            if all(one in states for one in of_request):
                self.states[request] = request.told(tables, *(states[one] for one in of_request))

    def keep(self) -> None:
        """Write what was counted; to be called when the tables are known not to have changed meanwhile."""
        if not self._groups and not self._folder.is_dir():
            return
        from filelock import FileLock

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self._folder / LOCK):
                for left in self._folder.glob(f"{UNFINISHED}*"):
                    left.unlink(missing_ok=True)
                for write in self._pending:
                    write()
                for groups in self._groups.values():
                    groups.keep()
                    self._sweep(groups)
                for source in self._whole:
                    for path in self._folder.glob(f"*{source}*"):
                        path.unlink(missing_ok=True)
                self.version_of.keep()
        except OSError as error:
            _log.warning("counts could not be kept for the next time in %s: %s", self._folder, error)
        self._pending.clear()

    def _sweep(self, groups: FileGroups) -> None:
        """Take away the states of groups that are no more, and the sums of states of another spec."""
        ids, source = {group.id for group in groups.groups}, groups.source
        for path in self._folder.glob(f"part-{source}-*.parquet"):
            if path.name.split("-")[2] not in ids:
                path.unlink(missing_ok=True)
        for path in self._folder.glob(f"total-{source}-*.parquet"):
            if path.name.split("-")[2] != self._bases.get(source, path.name.split("-")[2]):
                path.unlink(missing_ok=True)

    def _of_source(
        self, tables: Tables, source: Source, requests: Sequence[Additive], count: Count
    ) -> dict[Any, Any]:
        groups, base = self._files(tables, source), base_of(tables, source)
        self._bases[source] = base
        beside = source == "annotations" and in_parts(tables, "items")
        items = self._files(tables, "items") if beside else None
        parts = [named_part(tables, groups, group, base, items) for group in groups.groups]
        sums = [self._known(self._total(source, base, one), one, parts) for one in requests]
        sums = [one for one in sums if not one.refused]
        counted = 0
        for part in parts:
            lacking = [one for one in sums if part.name(one.request) not in one.parts]
            if lacking:
                found, fresh = self._of_part(tables, groups, part, [one.request for one in lacking], count)
                counted += len(part.group.files) * fresh
                for one in lacking:
                    one.add(part.name(one.request), found[one.request])
        self.reused[source] = Reused(len(groups.files), counted)
        return {one.request: state for one in sums if (state := self._state(tables, one)) is not None}

    def _known(self, path: Path, request: Additive, parts: Sequence[NamedPart]) -> _Sum:
        """What is kept of the whole, as long as nothing in it is gone."""
        states, about = read_states(path, self._classes)
        if about.get("refused"):
            return _Sum(request, path, refused=True)
        there, known = {part.name(request) for part in parts}, about.get("parts", [])
        summed = states.get(repr(request), [])
        return (
            _Sum(request, path, known, summed) if summed and there.issuperset(known) else _Sum(request, path)
        )

    def _state(self, tables: Tables, total: _Sum) -> Any:
        """The state of the whole; None where those of parts do not tell it."""
        if not total.new:
            return total.states[0][1]
        if any(state is None for _, state in total.states):
            return None
        state = total.request.added(tables.spec, total.states)
        about = {"parts": total.parts} if state is not None else {"refused": True}
        states = {repr(total.request): [(1, state)]} if state is not None else {}
        self._pending.append(partial(write_states, total.path, states, about))
        return state

    def _of_part(
        self, tables: Tables, groups: FileGroups, part: NamedPart, requests: Sequence[Additive], count: Count
    ) -> tuple[dict[Any, list[Signed]], bool]:
        """The states of requests of a part, and whether some had to be counted."""
        names = {one: part.name(one) for one in requests}
        paths = {name: self._folder / f"part-{name}.parquet" for name in dict.fromkeys(names.values())}
        kept = {name: read_states(path, self._classes)[0] for name, path in paths.items()}
        missing = [one for one in requests if repr(one) not in kept[names[one]]]
        if missing:
            for one, states in self._count(tables, groups, part, missing, count).items():
                kept[names[one]][repr(one)] = states
            for name in dict.fromkeys(names[one] for one in missing):
                self._pending.append(partial(self._write, paths[name], kept[name]))
        return {one: kept[names[one]][repr(one)] for one in requests}, bool(missing)

    def _write(self, path: Path, states: Mapping[str, Sequence[Signed]]) -> None:
        """Write the states of a part, and take away those of the same files as they were beside other rows."""
        write_states(path, states, {})
        same = path.name.rpartition("-")[0]
        for other in self._folder.glob(f"{same}-*.parquet"):
            if other != path:
                other.unlink(missing_ok=True)

    def _count(
        self, tables: Tables, groups: FileGroups, part: NamedPart, requests: Sequence[Additive], count: Count
    ) -> dict[Any, list[Signed]]:
        beside = any(one.beside for one in requests)
        with self._rows(tables, groups, part, beside=beside) as (rows, before):
            with tables.instead(*rows) as own:
                states = {one: [(1, one.kept(state))] for one, state in count(own, requests).items()}
            if before is not None:
                with tables.instead(before, *rows[1:]) as own:
                    for one, state in count(own, requests).items():
                        states[one].append((-1, one.kept(state)))
        return states

    @contextmanager
    def _rows(
        self, tables: Tables, groups: FileGroups, part: NamedPart, *, beside: bool
    ) -> Iterator[tuple[list[Table], Table | None]]:
        """The rows of a part with all earlier ones of its items, and what is read beside; and these earlier ones alone."""
        own = tables.of_files(groups.source, groups.places([part.group]))
        before = None
        with tables.instead() as held:
            if part.earlier:
                shared = groups.shared(part.group, part.earlier)
                others = tables.of_files(groups.source, groups.places(part.earlier))
                expr = held.keep(_with_keys(others.expr, _listed(held, shared))).cast(own.expr.schema())
                raw = others.raw.semi_join(expr, others.raw[PLACE] == expr.row)
                before = replace(own, expr=expr, opened=replace(own.opened, raw=raw))
                both = replace(own.opened, raw=own.raw.union(raw))
                own = replace(own, expr=own.expr.union(expr), opened=both)
            rows = [own]
            if beside and "items" in tables and groups.source != "items" and len(groups.groups) > 1:
                items = tables["items"]
                if part.items:
                    items = tables.of_files("items", self._groups["items"].places(part.items))
                none = part.items is not None and not part.items
                keys = _listed(held, groups.keys(part.group))
                own_items = items.expr.limit(0) if none else _with_keys(items.expr, keys)
                rows.append(replace(items, expr=held.keep(own_items)))
            yield rows, before

    def _files(self, tables: Tables, source: Source) -> FileGroups:
        if source not in self._groups:
            self._groups[source] = FileGroups(tables, source, self._folder)
        return self._groups[source]

    def _total(self, source: Source, base: str, request: Additive) -> Path:
        return self._folder / f"total-{source}-{base}-{digest(repr(request))}.parquet"


def _listed(tables: Tables, keys: NDArray[np.uint64]) -> Any:
    """A table of the engine's with these keys."""
    import pyarrow as pa

    return tables.keep_batches(pa.table({"dq_key": keys}).to_reader())


def _with_keys(rows: Any, keys: Any) -> Any:
    """The rows whose items have one of the keys."""
    return rows.semi_join(keys, hashed(rows.item) == keys.dq_key)
