"""Assets that are due: a nightly audit that did not run closes no gate, and must be seen all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import dagster as dg
from cronsim import CronSim
from dagster._core.definitions.freshness import CronFreshnessPolicy, TimeWindowFreshnessPolicy

from dq_pipeline.orchestration.check_change import CheckChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

    from dq_pipeline.orchestration.check_change import Seen

LATE = timedelta(hours=6)
"""How long after its time a nightly run may end before its assets count as overdue."""
TICKS = 400
"""Ticks of a cron line among which the longest pause is looked for: more than a year of nights."""


def longest_pause(cron: str, zone: str, start: datetime) -> timedelta:
    """The longest time between two ticks of a cron line, of the next ones after a start.

    Examples:
        >>> longest_pause("0 2 * * *", "UTC", datetime(2026, 1, 1, tzinfo=timezone.utc))
        datetime.timedelta(days=1)
        >>> longest_pause("0 2 * * 1-5", "UTC", datetime(2026, 1, 1, tzinfo=timezone.utc))
        datetime.timedelta(days=3)
    """
    ticks = CronSim(cron, start.astimezone(ZoneInfo(zone)))
    before, longest = next(ticks), timedelta(0)
    for _, tick in zip(range(TICKS), ticks, strict=False):
        # As instants: the clock of a zone may be put forward between two ticks.
        longest = max(longest, tick.astimezone(timezone.utc) - before.astimezone(timezone.utc))
        before = tick
    return longest


def nightly_freshness(cron: str, zone: str) -> dg.FreshnessPolicy:
    """The freshness of an asset that is built on a cron line: never older than the longest pause and `LATE`."""
    return dg.FreshnessPolicy.time_window(
        fail_window=longest_pause(cron, zone, datetime.now(timezone.utc)) + LATE
    )


def overdue(
    instance: dg.DagsterInstance, graph: AssetGraph, assets: Iterable[dg.AssetKey], seen: Seen, now: float
) -> Iterator[tuple[CheckChange, Seen]]:
    """Each asset that its freshness policy calls late, and each that is no longer, once.

    An asset that was never materialized is not late: nobody has started yet.
    """
    policies = {key: graph.get(key).freshness_policy for key in sorted(assets) if graph.has(key)}
    due = {key: policy for key, policy in policies.items() if policy is not None}
    for record in instance.get_asset_records(list(due)) if due else ():
        key = record.asset_entry.asset_key
        made = record.asset_entry.last_materialization_record
        if made is None:
            continue
        last = made.timestamp
        since = _late_since(due[key], last, now)
        change = CheckChange(
            asset=key,
            check=None,
            partition=None,
            now="recovered" if since is None else "overdue",
            before=None,
            said=f"it was last materialized at {datetime.fromtimestamp(last, timezone.utc):%Y-%m-%d %H:%M UTC}.",
            what_to_do="See whether its schedule is on and its daemon runs, then start it.",
            when=since or now,
        )
        before = seen.told.get(change.key)
        if change.now != before and not (since is None and before is None):
            seen = seen.telling(change.key, change.now)
            yield replace(change, before=before), seen


def _late_since(policy: dg.FreshnessPolicy, last: float, now: float) -> float | None:
    """Since when an asset is late, in seconds since 1970; None when it is not."""
    if isinstance(policy, TimeWindowFreshnessPolicy):
        end = last + policy.fail_window.to_timedelta().total_seconds()
        return end if now > end else None
    if isinstance(policy, CronFreshnessPolicy):
        deadline = _deadline_before(policy, now)
        return deadline if last < deadline - policy.lower_bound_delta.total_seconds() else None
    return None


def _deadline_before(policy: CronFreshnessPolicy, now: float) -> float:
    """The last tick of a policy's cron line."""
    here = datetime.fromtimestamp(now, timezone.utc).astimezone(ZoneInfo(policy.timezone))
    return next(CronSim(policy.deadline_cron, here, reverse=True)).timestamp()
