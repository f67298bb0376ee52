"""Which materializations an asset is about to be built from: those it reads, and every one that those came from.

Dagster writes on each materialization which event of each input it read (`dagster/input_event_pointer/<key>`, a
storage id). Following them gives the versions that are really inside the data, not the latest ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.definitions.data_version import (
    INPUT_EVENT_POINTER_TAG_PREFIX,
    extract_data_version_from_entry,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

READ_AT_ONCE = 200
"""Asset records asked for in one query."""
LEFT_OUT = "dq_pipeline/left_out"
"""Metadata of a materialization: for each input, the partitions that were not read because they did not pass."""

QUARANTINED = "dq_pipeline/quarantined"
"""Metadata of a materialization: the failed checks whose rows it was made without, judged again on what remained."""

Root = tuple[dg.AssetKey, str | None]
"""An input that is read directly: its key and partition."""


@dataclass(frozen=True)
class Read:
    """One version of an asset that went into the data, or the lack of one.

    Attributes:
        asset: The asset that was read.
        partition: The partition of it, None where it has none.
        storage_id: The materialization's place in the event log; None when none was found.
        run_id: The run that made it.
        step_key: The step that made it.
        timestamp: When it was made, in seconds since 1970.
        until: When it was read at the latest; None for now.
        external: Whether nothing in this code location builds the asset, so that it may have no materialization.
        latest: Whether no newer materialization of it is known.
        observed: The data version last observed when it was read, for an asset that is observed and never built.
        pointers: For each input that it was made from, the storage id read; None where there was none.
        left_out: For each input, its partitions that this version was made without.
        quarantined: The failed checks ("images:agreement") whose rows it was made without.
        excused: Those checks of everything through which it is read: here they fail, and what failed is not inside.
        traced: Whether it says what it was made from; one reported from outside a run does not.
        roots: The inputs through which it is read.
    """

    asset: dg.AssetKey
    partition: str | None = None
    storage_id: int | None = None
    run_id: str | None = None
    step_key: str | None = None
    timestamp: float | None = None
    until: float | None = None
    external: bool = False
    latest: bool = True
    observed: str | None = None
    pointers: Mapping[dg.AssetKey, int | None] | None = None
    left_out: Mapping[dg.AssetKey, frozenset[str]] | None = None
    quarantined: frozenset[str] = frozenset()
    excused: frozenset[str] = frozenset()
    traced: bool = True
    roots: frozenset[Root] = frozenset()


@dataclass(frozen=True)
class _Wanted:
    """A version to look up: the latest of an asset up to an event, or the latest of all."""

    asset: dg.AssetKey
    partition: str | None
    up_to: int | None
    until: float | None
    excused: frozenset[str] = frozenset()


_Version = tuple[dg.AssetKey, str | None, int | None, float | None, frozenset[str]]
"""What makes a read version one and the same: asset, partition, event or else when it was read, and what is excused."""


def inputs_read(context: dg.AssetExecutionContext, target: dg.AssetKey) -> dict[dg.AssetKey, int]:
    """Storage id of the event that a step reads for each input of an asset that it builds; none where there is none."""
    step = context.op_execution_context.get_step_execution_context()
    graph = context.job_def.asset_layer.asset_graph.source_asset_graph
    return {
        parent: version.storage_id
        for parent in graph.get(target).parent_keys
        if (version := step.maybe_fetch_and_get_input_asset_version_info(parent)) is not None
    }


def ancestors(
    instance: dg.DagsterInstance,
    graph: AssetGraph,
    target: dg.AssetKey,
    *,
    partition: str | None = None,
    inputs: Mapping[dg.AssetKey, int | None] | None = None,
    also: Sequence[dg.AssetKey] = (),
) -> list[Read]:
    """Find every version that a new materialization of an asset would be made from.

    Args:
        instance: Where the events lie.
        graph: The assets of this code location; what other locations built is found from the events.
        target: The asset that is to be built.
        partition: The partition of it that is to be built.
        inputs: Storage id of the event that was read for each input, as the step itself has it; where an input is
            not named, its latest one counts.
        also: Assets that count as read though the graph does not say so.

    Returns:
        Each version once, the nearest first.
    """
    first: list[_Wanted] = []
    parents = graph.get(target).parent_keys if graph.has(target) else set()
    for key in sorted({*parents, *also}):
        up_to = (inputs or {}).get(key)
        first += [
            _Wanted(key, part, up_to, None) for part in _parent_partitions(graph, target, partition, key)
        ]
    meant: dict[_Wanted, _Version] = {}
    found: dict[_Version, Read] = {}
    further: dict[_Version, list[_Wanted]] = {}
    wanted = first
    while wanted:
        for one, read in zip(wanted, _look_up(instance, graph, wanted), strict=True):
            version = (read.asset, read.partition, read.storage_id, _read_at(read), read.excused)
            meant[one] = version
            if version not in found:
                found[version] = read
                further[version] = _made_from(graph, read)
        wanted = [
            one
            for one in dict.fromkeys(
                more for version in dict.fromkeys(meant[one] for one in wanted) for more in further[version]
            )
            if one not in meant
        ]
    roots = _roots(first, meant, further)
    return [replace(read, roots=frozenset(roots[version])) for version, read in found.items()]


def _roots(
    first: Sequence[_Wanted], meant: Mapping[_Wanted, _Version], further: Mapping[_Version, list[_Wanted]]
) -> dict[_Version, set[Root]]:
    """Through which of the direct inputs each version is read."""
    roots: dict[_Version, set[Root]] = {version: set() for version in further}
    for one in first:
        root = (one.asset, one.partition)
        stack = [meant[one]]
        while stack:
            version = stack.pop()
            if root not in roots[version]:
                roots[version].add(root)
                stack += [meant[more] for more in further[version]]
    return roots


def _read_at(read: Read) -> float | None:
    """When it was read matters only where no materialization says which version it was."""
    return read.until if read.storage_id is None else None


def _made_from(graph: AssetGraph, read: Read) -> list[_Wanted]:
    """What one materialization was made from: its pointers, and the graph's parents that it does not point to."""
    if read.storage_id is None or not read.traced:
        return []
    pointers = dict(read.pointers or {})
    if graph.has(read.asset) and not read.external:
        for parent in graph.get(read.asset).parent_keys - pointers.keys():
            pointers[parent] = read.storage_id
    left_out = read.left_out or {}
    excused = read.excused | read.quarantined
    return [
        _Wanted(key, part, up_to, read.timestamp, excused)
        for key, up_to in sorted(pointers.items())
        for part in _parent_partitions(graph, read.asset, read.partition, key)
        if part not in left_out.get(key, ())
    ]


def _parent_partitions(
    graph: AssetGraph, child: dg.AssetKey, partition: str | None, parent: dg.AssetKey
) -> list[str | None]:
    """The parent's partitions that a child's partition is made from; [None] for a parent without partitions."""
    if not graph.has(parent):
        return [partition]
    if graph.get(parent).partitions_def is None:
        return [None]
    if not graph.has(child) or parent not in graph.get(child).parent_keys:
        keys = graph.get(parent).partitions_def.get_partition_keys()  # type: ignore[union-attr]  # it has some
        return [partition] if partition in keys else list(keys)
    if partition is None and graph.get(child).partitions_def is not None:
        partitions_def = graph.get(parent).partitions_def
        return list(partitions_def.get_partition_keys()) if partitions_def else [None]
    mapped = graph.get_parent_partition_keys_for_child(partition, parent, child)
    return [*mapped.partitions_subset.get_partition_keys(), *mapped.required_but_nonexistent_partition_keys]


def _look_up(instance: dg.DagsterInstance, graph: AssetGraph, wanted: Sequence[_Wanted]) -> list[Read]:
    """The version that each wish means."""
    keys = list(dict.fromkeys(one.asset for one in wanted))
    entries = {
        record.asset_entry.asset_key: record.asset_entry
        for start in range(0, len(keys), READ_AT_ONCE)
        for record in instance.get_asset_records(keys[start : start + READ_AT_ONCE])
    }
    reads = []
    for one in wanted:
        entry = entries.get(one.asset)
        last = entry.last_materialization_record if entry else None
        read = Read(
            one.asset,
            one.partition,
            until=one.until,
            excused=one.excused,
            external=not graph.has(one.asset) or not graph.get(one.asset).is_materializable,
        )
        if last is None:
            reads.append(replace(read, observed=observed_version(instance, one.asset, one.until)))
            continue
        found, latest = last, True
        if one.partition is not None or (one.up_to is not None and one.up_to < last.storage_id):
            event, latest = _up_to(instance, one)
            if event is None:
                reads.append(read)
                continue
            found = event
        declared = graph.has(one.asset) and read.external
        reads.append(_of_event(read, found, latest=latest, declared=declared))
    return reads


def _up_to(instance: dg.DagsterInstance, one: _Wanted) -> tuple[dg.EventLogRecord | None, bool]:
    """The last materialization up to an event, and whether none is newer."""
    partitions = None if one.partition is None else [one.partition]

    def last(before: int | None) -> dg.EventLogRecord | None:
        asked = dg.AssetRecordsFilter(
            asset_key=one.asset, asset_partitions=partitions, before_storage_id=before
        )
        return next(iter(instance.fetch_materializations(asked, limit=1).records), None)

    newest = last(None)
    if one.up_to is None or newest is None or newest.storage_id <= one.up_to:
        return newest, True
    return last(one.up_to + 1), False


def _of_event(read: Read, record: dg.EventLogRecord, *, latest: bool, declared: bool) -> Read:
    """The version that a materialization made; `declared` external ones need not say what they were made from."""
    entry = record.event_log_entry
    made = entry.asset_materialization
    tags = dict(made.tags or {}) if made else {}
    prefix = f"{INPUT_EVENT_POINTER_TAG_PREFIX}/"
    return replace(
        read,
        partition=made.partition if made and made.partition is not None else read.partition,
        storage_id=record.storage_id,
        run_id=record.run_id or None,
        step_key=entry.step_key,
        timestamp=record.timestamp,
        latest=latest,
        pointers={
            dg.AssetKey.from_user_string(tag.removeprefix(prefix)): None if value == "NULL" else int(value)
            for tag, value in tags.items()
            if tag.startswith(prefix)
        },
        left_out=_left_out(made) if made else {},
        quarantined=_quarantined(made) if made else frozenset(),
        traced=declared or bool(record.run_id),
    )


def _left_out(made: dg.AssetMaterialization) -> dict[dg.AssetKey, frozenset[str]]:
    """What a materialization says it was made without."""
    said = made.metadata.get(LEFT_OUT)
    written = said.value if isinstance(said, dg.JsonMetadataValue) and isinstance(said.value, dict) else {}
    return {dg.AssetKey.from_user_string(key): frozenset(parts) for key, parts in written.items()}


def _quarantined(made: dg.AssetMaterialization) -> frozenset[str]:
    """The failed checks whose rows a materialization says it was made without."""
    said = made.metadata.get(QUARANTINED)
    listed = said.value if isinstance(said, dg.JsonMetadataValue) and isinstance(said.value, list) else []
    return frozenset(str(check) for check in listed)


def observed_version(
    instance: dg.DagsterInstance, asset: dg.AssetKey, before: float | None = None
) -> str | None:
    """The data version of an asset that was last observed before a time; None when nobody observed it."""
    asked = dg.AssetRecordsFilter(asset_key=asset, before_timestamp=before)
    record = next(iter(instance.fetch_observations(asked, limit=1).records), None)
    version = extract_data_version_from_entry(record.event_log_entry) if record else None
    return version.value if version else None
