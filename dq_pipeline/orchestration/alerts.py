"""Alerts: a sensor that tells once of each check that failed or recovered, blocking or not, and of what is overdue."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import dagster as dg

from dq_pipeline.orchestration.check_change import from_cursor, to_cursor
from dq_pipeline.orchestration.check_changes import from_now, look, not_well
from dq_pipeline.orchestration.overdue import overdue
from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

    from dq_pipeline.orchestration.alert_channels import Channel
    from dq_pipeline.orchestration.check_change import CheckChange, Seen


def build_check_alerts(
    send: Channel | Sequence[Channel],
    *,
    name: str = "check_alerts",
    assets: str | dg.AssetSelection | None = None,
    every_seconds: int = 30,
) -> dg.SensorDefinition:
    """Build a sensor that tells of each check that failed or recovered, once for each change.

    Non-blocking checks count too, and gates: their check is `quality_gate`. A check whose run ended without an answer
    is told, and so is an asset with a freshness policy that is overdue.

    Args:
        send: Where it goes: a function that takes a `CheckChange`, or what `webhook`, `email` and `slack` of
            `dq_pipeline.orchestration.alert_channels` make; one or several. One that raises is tried again at the
            next tick, from the change that it missed; the others go on. Each is known by its place: add new ones last.
        name: The sensor's name.
        assets: Whose checks, as a selection or its text; by default all of the code location.
        every_seconds: Seconds between two looks.

    Returns:
        The sensor, running by default. Its cursor holds how far each channel has been told, and what is not well.

    Raises:
        InputError: Nowhere to send to.

    Examples:
        >>> build_check_alerts(print).name
        'check_alerts'
    """
    channels: list[Channel] = [send] if callable(send) else list(send)
    if not channels:
        raise InputError(
            "build_check_alerts", found="no channel", expected="one at least", fix="build_check_alerts(print)"
        )

    def check_alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        if context.repository_def is None:
            raise dg.DagsterInvariantViolationError("the sensor is evaluated within its code location")
        graph = context.repository_def.asset_graph
        wanted = _selected(graph, assets)
        checks = {check for check in graph.asset_check_keys if check.asset_key in wanted}
        before = from_cursor(context.cursor) if context.cursor else []
        told, failures, after = 0, [], []
        for place, channel in enumerate(channels):
            seen = before[place] if place < len(before) else from_now(context.instance, checks)
            for change, looked in _news(context.instance, graph, wanted, checks, seen):
                failure = _why_not_sent(channel, change) if change else ""
                if change is not None and failure:
                    context.log.error("%s: %s", change.text, failure)
                    failures.append(failure)
                    break
                told += change is not None
                seen = looked
            after.append(seen)
        context.update_cursor(to_cursor(after))
        return dg.SkipReason("; ".join([f"{told} changes told", *failures]))

    return dg.SensorDefinition(
        name=name,
        evaluation_fn=check_alerts,
        minimum_interval_seconds=every_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells of each check that failed or recovered, once for each change.",
    )


def _selected(graph: AssetGraph, assets: str | dg.AssetSelection | None) -> set[dg.AssetKey]:
    if assets is None:
        return set(graph.get_all_asset_keys())
    selection = dg.AssetSelection.from_coercible(assets)
    return set(selection.resolve(graph))


def _news(
    instance: dg.DagsterInstance,
    graph: AssetGraph,
    wanted: Iterable[dg.AssetKey],
    checks: set[dg.AssetCheckKey],
    seen: Seen,
) -> Iterator[tuple[CheckChange | None, Seen]]:
    """Each change with how far one has looked after it; without a change, how far one has looked."""
    now = time.time()
    latest = seen
    if seen.first:
        for change, latest in not_well(instance, checks, seen, now):
            yield change, latest
        latest = replace(latest, first=False)
        yield None, latest
    start = latest
    for news, latest in look(instance, checks, start, now):
        yield news, latest
    yield from overdue(instance, graph, wanted, latest, now)


def _why_not_sent(send: Channel, change: CheckChange) -> str:
    try:
        send(change)
    except Exception as error:  # noqa: BLE001 - of whatever kind, it was not sent: it is sent at the next tick
        # An address of a channel may be its secret.
        said = re.sub(r"\w+://\S+", "(address)", str(error))
        return f"not sent, to be tried again: {type(error).__name__}: {said}"
    return ""
