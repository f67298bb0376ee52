"""The files of a table in groups that are counted each for itself, and which of them speak of the same items."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts.kept_arrays import read_arrays, write_arrays
from dq_pipeline.counts.meetings import Meetings
from dq_pipeline.tables import hashed, read_sealed, write_sealed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from dq_pipeline.counts.additive import Source
    from dq_pipeline.tables import Tables

    Keys = NDArray[np.uint64]

ROWS = 1 << 20
"""Rows from which on the files of a group are enough: counting as many takes far longer than beginning to."""
SHARED = 0.25
"""The share of a group's items that earlier groups have too, from which on a table is not split by item, and one group."""
BITS = 22
"""Bits of a key by which most items of other groups are told not to be in a group."""


@dataclass(frozen=True)
class Group:
    """Some files of a table.

    Attributes:
        files: What names each and its content, in the table's order.
    """

    files: tuple[str, ...]

    @cached_property
    def id(self) -> str:
        """A name for these files with this content."""
        return digest(*self.files)


class Keys64:
    """Hashes of items' ids, and what finds them among others. Two items of one hash are taken for one, which does no harm.

    Args:
        keys: uint64, rising, each once.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._some = np.zeros(1 << BITS, bool)
        self._some[keys >> np.uint64(64 - BITS)] = True

    def among(self, others: Keys) -> Keys:
        """Those of other rising keys that are among these."""
        near = others[self._some[others >> np.uint64(64 - BITS)]]
        place = np.searchsorted(self.keys, near)
        place[place == len(self.keys)] = 0
        found: Keys = near[self.keys[place] == near] if len(self.keys) else near[:0]
        return found


class FileGroups:
    """The groups of a table's files, those of earlier times first.

    Args:
        tables: The tables.
        source: The table.
        folder: Where the keys of groups, and what is known of them, are kept.

    Attributes:
        groups: The groups.
        new: Those that were not there before.
    """

    def __init__(self, tables: Tables, source: Source, folder: Path) -> None:
        self.source = source
        self._tables, self._folder = tables, folder
        table = tables[source]
        item = table.roles["item"]
        self._hashed = f"{item} {table.raw[item].type()} {version('duckdb')}"
        base = tables.spec.base
        self.files = tuple(
            f"{os.path.relpath(file, base)}:{version_}"
            for file, version_ in zip(table.opened.files, table.file_versions, strict=True)
        )
        self._keys: dict[str, Keys] = {}
        self._fresh: set[str] = set()
        self._last: tuple[Group, Keys64] | None = None
        self._meetings: dict[str, Meetings] = {}
        known = [Group(tuple(files)) for files in read_sealed(self._about) or ()]
        there = set(self.files)
        kept = [group for group in known if there.issuperset(group.files)]
        covered = {file for group in kept for file in group.files}
        left = [file for file in self.files if file not in covered]
        before = {file for group in known for file in group.files}
        # What changes often, such as the file of today, is not counted together with what does not.
        made = [
            group
            for old in (True, False)
            for group in self._cut([one for one in left if (one in before) == old])
        ]
        self._order(kept, made)
        if made and (self._is_heavy(made) if kept else self._is_not_split(made)):
            self._order([], [Group(self.files)])

    def _order(self, kept: Sequence[Group], made: Sequence[Group]) -> None:
        self.groups, self.new = (*kept, *made), tuple(made)
        self._place = {group: place for place, group in enumerate(self.groups)}
        self._meetings.clear()

    def name(self, group: Group) -> str:
        """A name for a group's files and for what tells its items."""
        return digest(self._hashed, group.id)

    def places(self, groups: Sequence[Group]) -> list[int]:
        """The places of the groups' files in the table, rising."""
        own = {file for group in groups for file in group.files}
        return [place for place, file in enumerate(self.files) if file in own]

    def keys(self, group: Group) -> Keys:
        """The keys of a group's items, uint64, rising, each once."""
        name = self.name(group)
        if name not in self._keys:
            kept = read_arrays(self._path(name), "keys")
            if kept is None:
                self._fresh.add(name)
            self._keys[name] = self._counted(group) if kept is None else kept[0]
        return self._keys[name]

    def earlier(self, group: Group) -> list[Group]:
        """The groups before one that have items of it."""
        return self.met(group, self)

    def shared(self, group: Group, others: Sequence[Group]) -> Keys:
        """The keys of a group's items that some of the others have too."""
        own = self.finder(group)
        return _each_once(np.concatenate([_NONE, *(own.among(self.keys(other)) for other in others)]))

    def met(self, group: Group, others: FileGroups) -> list[Group]:
        """The groups of another table, or those of this one before it, that have an item of a group."""
        known = self._meetings.get(others.source)
        if known is None:
            known = Meetings(self._folder / f"{self.source}-{others.source}.npz")
            known.spread([self.name(one) for one in self.groups], [others.name(one) for one in others.groups])
            self._meetings[others.source] = known

        def tell(place: int) -> bool:
            other = others.groups[place]
            # What is new is sought among many, one after the other.
            if group in self.new:
                return bool(len(self.finder(group).among(others.keys(other))))
            return bool(len(others.finder(other).among(self.keys(group))))

        row = self._place[group]
        found = known.of(row, row if others is self else len(others.groups), tell)
        return [others.groups[place] for place in found.tolist()]

    def keep(self) -> None:
        """Write what is known of the groups, and take away what is known of others.

        Raises:
            OSError: It cannot be written.
        """
        write_sealed(self._about, [group.files for group in self.groups])
        for known in self._meetings.values():
            known.keep()
        names = {self.name(group) for group in self.groups}
        for name in names & self._fresh:
            write_arrays(self._path(name), keys=self._keys[name])
        for path in self._folder.glob(f"keys-{self.source}-*.npz"):
            if path.stem.rpartition("-")[2] not in names:
                path.unlink(missing_ok=True)

    def finder(self, group: Group) -> Keys64:
        """What finds a group's items; that of the last group that was asked about is held."""
        if self._last is None or self._last[0] != group:
            self._last = (group, Keys64(self.keys(group)))
        return self._last[1]

    def _cut(self, files: Sequence[str]) -> list[Group]:
        """Files, in their order, in groups of at least ROWS rows but for the last."""
        import pyarrow.parquet as pq

        made: list[Group] = []
        own: list[str] = []
        path = dict(zip(self.files, self._tables[self.source].opened.files, strict=True))
        rows = 0
        for file in files:
            own.append(file)
            rows += pq.read_metadata(path[file]).num_rows
            if rows >= ROWS:
                made.append(Group(tuple(own)))
                own, rows = [], 0
        return [*made, Group(tuple(own))] if own else made

    def _is_not_split(self, groups: Sequence[Group]) -> bool:
        """Whether items lie in several of the groups, so that they had to be counted again and again."""
        if len(groups) == 1:
            return False
        seen = np.zeros(0, np.uint64)
        for group in groups:
            keys = self.keys(group)
            if len(Keys64(keys).among(seen)) > SHARED * len(keys):
                return True
            seen = _each_once(np.concatenate([seen, keys]))
        return False

    def _is_heavy(self, groups: Sequence[Group]) -> bool:
        """Whether new groups speak of so many of the old ones' items that counting these again takes as long as counting all."""
        old = sum(len(self.keys(group)) for group in self.groups if group not in groups)
        return sum(len(self.shared(group, self.earlier(group))) for group in groups) > SHARED * old

    def _counted(self, group: Group) -> Keys:
        items = self._tables.of_files(self.source, self.places([group])).expr
        named = items.filter(items.item.notnull())
        found = named.select(key=hashed(named.item)).distinct().to_pyarrow()["key"]
        return np.sort(np.concatenate([np.from_dlpack(chunk) for chunk in found.chunks] or [_NONE]))

    @property
    def _about(self) -> Path:
        return self._folder / f"{self.source}.json"

    def _path(self, name: str) -> Path:
        return self._folder / f"keys-{self.source}-{name}.npz"


_NONE = np.zeros(0, np.uint64)


def _each_once(keys: Keys) -> Keys:
    """The keys, rising, each once."""
    ordered = np.sort(keys)
    kept: Keys = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    return kept


def digest(*parts: str) -> str:
    """32 hexadecimal digits of texts."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
