"""What changed among recorded checks since one looked last: each that failed or recovered, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from dq_pipeline.orchestration.check_change import CheckChange, Seen
from dq_pipeline.orchestration.check_rows import CheckRow, last_row, rows_since
from dq_pipeline.orchestration.waivers import waiver_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation
    from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord

AT_ONCE = 5_000
"""Rows looked at in one go; the rest waits for the next."""
SETTLE = 2.0
"""Seconds that an event rests before it is read: Postgres commits events of two runs in another order than their ids."""


def from_now(instance: dg.DagsterInstance, checks: Collection[dg.AssetCheckKey]) -> Seen:
    """Where to look from when one has never looked: from now, and from the runs that go on."""
    row, event = last_row(instance)
    pending = [
        record.id
        for record in _latest(instance, checks).values()
        if record.status is AssetCheckExecutionRecordStatus.PLANNED and not _ended(instance, record.run_id)
    ]
    return Seen(min([row, *(one - 1 for one in pending)]), event)


def not_well(
    instance: dg.DagsterInstance, checks: Collection[dg.AssetCheckKey], seen: Seen, now: float
) -> Iterator[tuple[CheckChange, Seen]]:
    """The checks whose last answer is a failure and that nobody was told of: for the first look."""
    for check, record in sorted(_latest(instance, checks).items()):
        answered = record.status is not AssetCheckExecutionRecordStatus.PLANNED and record.event is not None
        if not answered or record.evaluation is None or record.evaluation.passed:
            continue
        row = CheckRow(
            id=record.id,
            event_id=0,
            check=check,
            partition=record.partition,
            run_id=record.run_id,
            answer=record.evaluation,
            timestamp=record.event.timestamp if record.event else record.create_timestamp,
        )
        change = _change(row, _state(record.evaluation, now), seen)
        yield from _if_news(change, seen)
        seen = seen.telling(change.key, change.now)


def _latest(
    instance: dg.DagsterInstance, checks: Collection[dg.AssetCheckKey]
) -> Mapping[dg.AssetCheckKey, AssetCheckExecutionRecord]:
    return instance.event_log_storage.get_latest_asset_check_execution_by_key(sorted(checks))


def _ended(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    return run is None or run.is_finished


def look(
    instance: dg.DagsterInstance, checks: Collection[dg.AssetCheckKey], seen: Seen, now: float
) -> Iterator[tuple[CheckChange | None, Seen]]:
    """Each change since, in the order in which it came, with how far one has looked after it.

    Args:
        instance: Where the checks are recorded.
        checks: Those that are asked about.
        seen: How far one has looked.
        now: The time, in seconds since 1970.
    """
    rows = rows_since(instance, seen.row, seen.event, AT_ONCE)
    for row in sorted((row for row in rows if row.answer is not None), key=lambda row: row.event_id):
        if row.timestamp > now - SETTLE:
            return
        seen = replace(seen, event=row.event_id)
        if row.check in checks and row.answer is not None:
            change = _change(row, _state(row.answer, now), seen)
            yield from _if_news(change, seen)
            seen = seen.telling(change.key, change.now)
    still_open = []
    for row in [row for row in rows if row.answer is None]:
        if not _ended(instance, row.run_id):
            still_open.append(row.id)
        elif row.id not in seen.unanswered:
            seen = replace(seen, unanswered=seen.unanswered | {row.id})
            if row.check in checks and _is_newest(instance, row):
                change = _change(row, "unanswered", seen)
                yield from _if_news(change, seen)
                seen = seen.telling(change.key, change.now)
    if rows:
        done = min([rows[-1].id, *(one - 1 for one in still_open)])
        left = frozenset(one for one in seen.unanswered if one > done)
        seen = replace(seen, row=max(done, seen.row), unanswered=left)
    yield None, seen


def _if_news(change: CheckChange, seen: Seen) -> Iterator[tuple[CheckChange, Seen]]:
    if change.now != change.before and not (change.now == "recovered" and change.before is None):
        yield change, seen.telling(change.key, change.now)


def _state(answer: AssetCheckEvaluation, now: float) -> str:
    """What to tell of an answer; a waiver that has expired by now lets nothing pass."""
    if answer.passed:
        return "recovered"
    if answer.severity is dg.AssetCheckSeverity.ERROR:
        return "failed"
    waiver = waiver_of(answer)
    if waiver is None:
        return "warned"
    today = datetime.fromtimestamp(now, timezone.utc).date()
    return "waived" if waiver.expires >= today else "failed"


def _change(row: CheckRow, state: str, seen: Seen) -> CheckChange:
    answer = row.answer
    remedy = answer.metadata.get("what_to_do") if answer else None
    change = CheckChange(
        asset=row.check.asset_key,
        check=row.check.name,
        partition=row.partition,
        now=state,
        before=None,
        said=(answer.description or "") if answer else "",
        what_to_do=str(remedy.value) if remedy else "",
        run_id=row.run_id or None,
        when=row.timestamp,
    )
    return replace(change, before=seen.told.get(change.key))


def _is_newest(instance: dg.DagsterInstance, row: CheckRow) -> bool:
    """Whether no later run was to ask the check of the same partition."""
    history = instance.event_log_storage.get_asset_check_execution_history(row.check, limit=100)
    newest = next((one.id for one in history if one.partition == row.partition), row.id)
    return newest == row.id
