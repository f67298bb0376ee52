"""`dq-pipeline gate` and `dq-pipeline waive`: what a gate would do now, and a waiver reported on the instance."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any

import click

from dq_pipeline.orchestration.closed_by import in_lines
from dq_pipeline.orchestration.standing import at
from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster import AssetCheckKey

    from dq_pipeline.orchestration.code_locations import CodeLocation
    from dq_pipeline.orchestration.decision import GateDecision
    from dq_pipeline.orchestration.required import Gate

LOCATION = (
    click.option("-m", "--module", help="Module that holds the Definitions."),
    click.option("-f", "--file", type=click.Path(), help="Python file that holds the Definitions."),
    click.option(
        "-w",
        "--workspace",
        type=click.Path(),
        help="A workspace.yaml; by default that of this folder, or its Dagster project.",
    ),
)


def of_location(command: Any) -> Any:
    """A command with the options that say where the definitions are."""
    for option in LOCATION:
        command = option(command)
    return command


@click.command(name="gate")
@click.argument("asset")
@click.option("--partition", help="The partition that would be built.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
@of_location
def gate(
    asset: str,
    partition: str | None,
    module: str | None,
    file: str | None,
    workspace: str | None,
    *,
    as_json: bool,
) -> None:
    """Tell whether ASSET (`folder/name`) could be built now, without running anything.

    Reads the instance in DAGSTER_HOME. Exit status 0 when its gate is open, 1 when closed.
    """
    import dagster as dg

    from dq_pipeline.orchestration.code_locations import Where, code_locations
    from dq_pipeline.orchestration.gate import Asking, decide, held_back_above

    location, wanted = _gate_of(code_locations(Where(module, file, workspace)), asset)
    asking = Asking(partition=partition, location=location.name)
    with dg.DagsterInstance.get() as instance:
        decision = decide(instance, location.graph, wanted, asking)
        above = held_back_above(instance, location.graph, wanted.asset, asking)
    if as_json:
        held_back = [_as_data(one) for one in above]
        click.echo(json.dumps({**_as_data(decision), "held_back_above": held_back}, indent=2))
    else:
        click.echo("\n".join([_in_lines(decision), *told_above(decision, above)]))
    sys.exit(0 if decision.open else 1)


@click.command(name="waive")
@click.argument("check")
@click.option("--owner", required=True, help="Who answers for it.")
@click.option("--reason", required=True, help="Why it may pass.")
@click.option("--expires", required=True, help="Its last day (UTC), as 2026-12-31.")
@click.option("--partition", help="The partition it is for.")
def waive(check: str, owner: str, reason: str, expires: str, partition: str | None) -> None:
    """Waive CHECK (`folder/asset:check`) for the latest materialization of its asset.

    It stays failed, with severity WARN and the waiver on it. Data materialized later is judged anew.
    """
    import dagster as dg

    from dq_pipeline.orchestration.waivers import CheckWaiver
    from dq_pipeline.orchestration.waivers import waive as report

    key = key_of_check("waive", check)
    try:
        last_day = date.fromisoformat(expires)
    except ValueError:
        raise InputError(
            "waive", found=f"--expires {expires!r}", expected="a day", fix="--expires 2026-12-31"
        ) from None
    today = datetime.now(timezone.utc).date()
    with dg.DagsterInstance.get() as instance:
        report(instance, key, CheckWaiver(owner, reason, last_day), today=today, partition=partition)
    click.echo(f"{check} is waived until {last_day.isoformat()} by {owner}, for the latest data only.")


def key_of_check(who: str, text: str) -> AssetCheckKey:
    """The check that `folder/asset:check` names.

    Raises:
        InputError: It names none.
    """
    import dagster as dg

    asset, colon, name = text.rpartition(":")
    if not colon or not asset or not name:
        raise InputError(who, found=repr(text), expected="an asset and its check", fix="images:agreement")
    return dg.AssetCheckKey(dg.AssetKey.from_user_string(asset), name)


def _gate_of(locations: Sequence[CodeLocation], asset: str) -> tuple[CodeLocation, Gate]:
    """The gate of an asset, and the code location that holds it."""
    import dagster as dg

    from dq_pipeline.orchestration.required import gates

    key = dg.AssetKey.from_user_string(asset)
    known = {
        gate.asset: (location, gate)
        for location in locations
        if location.repository is not None
        for gate in gates(location.graph)
    }
    if key not in known:
        names = ", ".join(sorted(one.to_user_string() for one in known)) or "none"
        raise InputError(
            "gate",
            found=f"{asset}, which has no gate",
            expected=f"one of: {names}",
            fix="@dq_pipeline.gated above its @dg.asset",
        )
    return known[key]


def _in_lines(decision: GateDecision) -> str:
    part = f" [{decision.partition}]" if decision.partition else ""
    since = f", since {at(decision.closed_since)}" if decision.closed_since is not None else ""
    said = decision.sentence if decision.open else f"Closed{since}."
    lines = [f"{decision.asset.to_user_string()}{part}: {said}"]
    lines += [f"  {line}" for line in in_lines(decision.reasons)]
    lines += [
        f"  waived: {one.check.to_user_string()} until {one.waiver.expires.isoformat()} by {one.waiver.owner}: {one.waiver.reason}"
        for one in decision.waived
        if one.waiver
    ]
    lines += [
        f"  to be quarantined: {one.check.to_user_string()}: {one.sentence}" for one in decision.quarantined
    ]
    lines += [f"  warned: {one.check.to_user_string()}: {one.sentence}" for one in decision.warned]
    lines += [
        f"  left out: {key.to_user_string()} [{', '.join(parts)}]" for key, parts in decision.left_out.items()
    ]
    return "\n".join(lines)


def told_above(decision: GateDecision, above: Sequence[GateDecision]) -> list[str]:
    """What is held back further up: an open gate then lets the asset be built of what lies there from before."""
    told = set(decision.reasons)
    lines = []
    for one in above:
        news = replace(one, reasons=tuple(reason for reason in one.reasons if reason not in told))
        if news.reasons:
            name = one.asset.to_user_string()
            lines.append(f"  held back above: newer data, so that what lies in {name} is from before")
            lines += [f"  {line}" for line in _in_lines(news).splitlines()]
    return lines


def _as_data(decision: GateDecision) -> dict[str, Any]:
    return {
        "asset": decision.asset.to_user_string(),
        "open": decision.open,
        "sentence": decision.sentence,
        "partition": decision.partition,
        "closed_since": decision.closed_since,
        "left_out": {key.to_user_string(): list(parts) for key, parts in decision.left_out.items()},
        "reasons": [
            {
                "state": one.state,
                "asset": one.asset.to_user_string(),
                "check": one.check,
                "partition": one.partition,
                "storage_id": one.storage_id,
                "materialized": one.materialized,
                "run_id": one.run_id,
                "since": one.since,
                "sentence": one.sentence,
                "remedy": one.remedy,
            }
            for one in decision.reasons
        ],
        "quarantined": [one.check.to_user_string() for one in decision.quarantined],
        "waived": [one.check.to_user_string() for one in decision.waived],
        "warned": [one.check.to_user_string() for one in decision.warned],
    }
