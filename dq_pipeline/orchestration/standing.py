"""How a check stands for one version of an asset: only a passing evaluation of exactly that version is a pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Literal

import dagster as dg
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from dq_pipeline.orchestration.check_rows import contested
from dq_pipeline.orchestration.provenance import observed_version
from dq_pipeline.orchestration.retired import is_retirement
from dq_pipeline.orchestration.waivers import waiver_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation
    from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord

    from dq_pipeline.orchestration.provenance import Read
    from dq_pipeline.orchestration.waivers import CheckWaiver

State = Literal[
    "passed",
    "warned",
    "waived",
    "failed",
    "waiver expired",
    "missing",
    "stale",
    "planned",
    "errored",
    "skipped",
]
OPEN: frozenset[State] = frozenset({"passed", "warned", "waived"})
PAGE, PAGES = 100, 10
"""How far back a check's evaluations are searched for the one of an older version: beyond that it counts as none."""
ASK_AT_ONCE = 200
"""Checked assets asked for in one query."""


@dataclass(frozen=True)
class Standing:
    """How one check stands for one version.

    Attributes:
        read: The version.
        check: The check's key.
        state: One of `State`; those in `OPEN` let the gate open.
        run_id: The run that found it; None when none did.
        since: When it was found, in seconds since 1970.
        sentence: What the check said.
        waiver: The waiver that lets it follow, or that let it until it expired.
        blocking: Whether the check said that it blocks, when it answered; None when it never did.
        retired: Whether the last that was said of the check is that nobody runs it any more.
    """

    read: Read
    check: dg.AssetCheckKey
    state: State
    run_id: str | None = None
    since: float | None = None
    sentence: str = ""
    waiver: CheckWaiver | None = None
    blocking: bool | None = None
    retired: bool = False


def standings(
    instance: dg.DagsterInstance,
    asked: Sequence[tuple[Read, dg.AssetCheckKey, bool]],
    today: date,
) -> list[Standing]:
    """How each check stands for each version.

    Args:
        instance: Where the events lie.
        asked: Version, check, and whether the check is evaluated per partition.
        today: The day that waivers are held against.
    """
    by_partition: dict[str | None, set[dg.AssetCheckKey]] = {}
    for read, check, partitioned in asked:
        by_partition.setdefault(read.partition if partitioned else None, set()).add(check)
    last = {
        partition: _last_records(instance, sorted(checks), partition)
        for partition, checks in by_partition.items()
    }
    several = contested(instance, [read for read, _, _ in asked])
    found = []
    for read, check, partitioned in asked:
        partition = read.partition if partitioned else None
        record = last[partition].get(check)
        if record is None:
            found.append(Standing(read, check, "missing"))
        elif is_retirement(_evaluation(record)):
            found.append(Standing(read, check, "stale", *_who_and_when([record]), retired=True))
        elif _is_of(record, read) and (check, read.storage_id) not in several:
            found.append(_judged(read, check, record, today))
        else:
            found.append(_from_history(instance, read, check, partition, today))
    return found


def _filter(partition: str | None) -> PartitionKeyFilter | None:
    return None if partition is None else PartitionKeyFilter(key=partition)


def _last_records(
    instance: dg.DagsterInstance, checks: Sequence[dg.AssetCheckKey], partition: str | None
) -> Mapping[dg.AssetCheckKey, AssetCheckExecutionRecord]:
    storage = instance.event_log_storage
    assets = list(dict.fromkeys(check.asset_key for check in checks))
    records: dict[dg.AssetCheckKey, AssetCheckExecutionRecord] = {}
    for start in range(0, len(assets), ASK_AT_ONCE):
        some = set(assets[start : start + ASK_AT_ONCE])
        records |= storage.get_latest_asset_check_execution_by_key(
            [check for check in checks if check.asset_key in some], _filter(partition)
        )
    return records


def _evaluation(record: AssetCheckExecutionRecord) -> AssetCheckEvaluation | None:
    """What the check answered; a planned record holds an event that is no answer."""
    return None if record.status is AssetCheckExecutionRecordStatus.PLANNED else record.evaluation


def _is_of(record: AssetCheckExecutionRecord, read: Read) -> bool:
    """Whether a record is an answer about exactly this version.

    A check inside the asset's own step answers before Dagster has the materialization to point to; the same step of
    the same run made both.
    """
    evaluation = _evaluation(record)
    if evaluation is None or record.event is None or read.storage_id is None:
        return False
    target = evaluation.target_materialization_data
    if target is not None and target.storage_id == read.storage_id:
        return True
    own_step = record.run_id == read.run_id and record.event.step_key == read.step_key
    return bool(record.run_id) and own_step and record.partition == read.partition


def _from_history(
    instance: dg.DagsterInstance,
    read: Read,
    check: dg.AssetCheckKey,
    partition: str | None,
    today: date,
) -> Standing:
    """The answer about this version among older ones, unless a newer run of the check has not answered."""
    unanswered: AssetCheckExecutionRecord | None = None
    answered = False
    cursor: int | None = None
    matching: list[AssetCheckExecutionRecord] = []
    before: list[AssetCheckExecutionRecord] = []
    for _ in range(PAGES):
        page = instance.event_log_storage.get_asset_check_execution_history(
            check, limit=PAGE, cursor=cursor, partition_filter=_filter(partition)
        )
        for record in page:
            if _is_of(record, read):
                matching.append(record)
            elif _evaluation(record) is None:
                if not answered and unanswered is None and _was_meant_for(instance, record, read):
                    unanswered = record
            else:
                answered = True
                before.append(record)
        if len(page) < PAGE or (matching and page[-1].create_timestamp < (read.timestamp or 0)):
            break
        cursor = page[-1].id
    if unanswered is not None and not (matching and matching[0].id > unanswered.id):
        return _not_answered(instance, read, check, unanswered)
    if read.storage_id is None:
        return _without_version(instance, read, check, before, today)
    if matching:
        return _judged(read, check, max(matching, key=_answered_at), today)
    said = _evaluation(before[0]) if before else None
    blocking = said.blocking if said else None
    return Standing(read, check, "stale", *_who_and_when(before), blocking=blocking)


def _who_and_when(records: Sequence[AssetCheckExecutionRecord]) -> tuple[str | None, float | None]:
    return (records[0].run_id or None, _answered_at(records[0])) if records else (None, None)


def _answered_at(record: AssetCheckExecutionRecord) -> float:
    """When a check answered: the row itself is as old as the plan of its run."""
    return record.event.timestamp if record.event else record.create_timestamp


def _was_meant_for(instance: dg.DagsterInstance, record: AssetCheckExecutionRecord, read: Read) -> bool:
    """Whether a check that has not answered was to look at this version: a run that rebuilds the asset is not."""
    if not read.latest:
        return record.run_id == read.run_id
    if record.run_id == read.run_id or read.storage_id is None:
        return True
    planned = instance.get_records_for_run(
        record.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
    ).records
    rebuilds = {
        event.event_log_entry.dagster_event.asset_key
        for event in planned
        if event.event_log_entry.dagster_event
    }
    return read.asset not in rebuilds and record.create_timestamp >= (read.timestamp or 0) - 1


def _not_answered(
    instance: dg.DagsterInstance, read: Read, check: dg.AssetCheckKey, record: AssetCheckExecutionRecord
) -> Standing:
    run = instance.get_run_by_id(record.run_id)
    state: State = "planned"
    if run is None or run.is_finished:
        state = "errored" if run is not None and run.status is dg.DagsterRunStatus.FAILURE else "skipped"
    return Standing(read, check, state, record.run_id, _answered_at(record))


def _without_version(
    instance: dg.DagsterInstance,
    read: Read,
    check: dg.AssetCheckKey,
    answers: Sequence[AssetCheckExecutionRecord],
    today: date,
) -> Standing:
    """An external asset has no versions: it must have stood well when it was read and stand well now."""
    newest = sorted(answers, key=_answered_at, reverse=True)
    then = [one for one in newest if read.until is None or _answered_at(one) <= read.until]
    if not then:
        return Standing(read, check, "stale" if newest else "missing", *_who_and_when(newest))
    for record in (then[0], newest[0]):
        standing = _judged(read, check, record, today)
        if standing.state not in OPEN:
            return standing
    if (
        read.observed is not None
        and observed_version(instance, read.asset, _answered_at(then[0])) != read.observed
    ):
        return Standing(read, check, "stale", *_who_and_when(then))
    return _judged(read, check, then[0], today)


def _judged(read: Read, check: dg.AssetCheckKey, record: AssetCheckExecutionRecord, today: date) -> Standing:
    evaluation = _evaluation(record)
    said = Standing(read, check, "passed", record.run_id or None, _answered_at(record))
    if evaluation is None:
        return replace(said, state="missing")
    said = replace(said, sentence=evaluation.description or "", blocking=evaluation.blocking)
    if evaluation.passed:
        return said
    waiver = waiver_of(evaluation)
    if waiver is not None and waiver.expires < today:
        return replace(said, state="waiver expired", waiver=waiver)
    if evaluation.severity is dg.AssetCheckSeverity.ERROR:
        return replace(said, state="failed")
    return replace(said, state="warned" if waiver is None else "waived", waiver=waiver)


def at(timestamp: float | None) -> str:
    """A time as a reader sees it, in UTC to the second."""
    if timestamp is None:
        return "an unknown time"
    return datetime.fromtimestamp(timestamp, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
