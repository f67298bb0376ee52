"""A group of files as a part that is counted: under which names what is counted of it is kept, and what is read for it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from dq_pipeline.counts.file_groups import digest
from dq_pipeline.tables import PLACE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dq_pipeline.counts.additive import Additive, Source
    from dq_pipeline.counts.file_groups import FileGroups, Group
    from dq_pipeline.tables import Tables

FORM = "3"
"""Told anew when states are made otherwise: kept ones of another form are none."""
SOURCES: tuple[Source, ...] = ("annotations", "items")
BESIDE = ("gold", "calibration")
"""Small tables whose content all states rest on that read other tables."""
SPEC = ("items", "annotations", "gold", "calibration", "production", "labels", "training_set", "edge_cases")
"""What counts read of a spec."""


@dataclass(frozen=True)
class NamedPart:
    """A group, under which name what is counted of it may be kept, and what has to be read to count it.

    Attributes:
        group: The group.
        names: What names its rows, alone and with all that is read beside them.
        edges: The edges of numeric conditions.
        earlier: The groups before it that have items of it.
        items: The groups of items that have its items; None where items lie in one file.
    """

    group: Group
    names: tuple[str, str]
    edges: Mapping[str, tuple[float, ...]]
    earlier: Sequence[Group]
    items: Sequence[Group] | None

    def name(self, request: Additive) -> str:
        """The name under which the state of a request is kept."""
        cut = {dim: self.edges[dim] for dim in sorted(set(request.cut_by).intersection(self.edges))}
        rows, _, read = self.names[request.beside].rpartition("-")
        # What was counted by other edges of the same conditions is taken away, and nothing that is cut by others.
        return f"{rows}-{digest(*cut)}-{digest(read, repr(cut))}"


def named_part(
    tables: Tables, groups: FileGroups, group: Group, base: str, others: FileGroups | None
) -> NamedPart:
    """A group as a part.

    Args:
        tables: The tables.
        groups: The groups of its table.
        group: The group.
        base: What `base_of` gives for its table.
        others: Of annotations, the groups of items; None where items lie in one file, or there are none.
    """
    earlier = groups.earlier(group)
    own, all_of = set(group.files), groups.places([group, *earlier])
    read = digest(base, *(f"{'own' if groups.files[at] in own else ''}{groups.files[at]}" for at in all_of))
    beside = [f"{name}={tables[name].data_version}" for name in BESIDE if name in tables]
    items = groups.met(group, others) if others is not None else None
    if items is not None:
        beside += [file for other in items for file in other.files]
    elif groups.source == "annotations" and "items" in tables:
        beside.append(f"items={tables['items'].data_version}")
    named = f"{groups.source}-{group.id}"
    alone, with_others = f"{named}-alone-{read}", f"{named}-beside-{digest(read, *beside)}"
    return NamedPart(group, (alone, with_others), dict(tables.edges), earlier, items)


def in_parts(tables: Tables, source: Source) -> bool:
    """Whether a table is read from several files, and its items have ids: their places change with other files."""
    if source not in tables or len(tables[source].opened.files) == 1:
        return False
    return bool(tables[source].opened.files) and tables[source].roles["item"] != PLACE


def base_of(tables: Tables, source: Source) -> str:
    """What all states rest on that is not rows."""
    spec = tables.spec.model_dump_json(include=set(SPEC))
    kinds = [repr(tables[name].raw.schema()) for name in SOURCES if name in tables]
    return digest(FORM, version("dq_pipeline"), version("duckdb"), source, spec, *kinds)
