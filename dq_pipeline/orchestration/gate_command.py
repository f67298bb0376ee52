"""`dq-pipeline gate` and `dq-pipeline waive`: what a gate would do now, and a waiver reported on the instance."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any

import click

from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

    from dq_pipeline.orchestration.decision import GateDecision
    from dq_pipeline.orchestration.required import Gate

LOCATION = (
    click.option("-m", "--module", help="Module that holds the Definitions."),
    click.option("-f", "--file", type=click.Path(), help="Python file that holds the Definitions."),
)


def _of_location(command: Any) -> Any:
    """A command with the options that say where the definitions are."""
    for option in LOCATION:
        command = option(command)
    return command


@click.command(name="gate")
@click.argument("asset")
@click.option("--partition", help="The partition that would be built.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
@_of_location
def gate(asset: str, partition: str | None, module: str | None, file: str | None, *, as_json: bool) -> None:
    """Tell whether ASSET (`folder/name`) could be built now, without running anything.

    Reads the instance in DAGSTER_HOME. Exit status 0 when its gate is open, 1 when closed.
    """
    import dagster as dg

    from dq_pipeline.orchestration.gate import Asking, decide

    graph = load_graph(module, file)
    wanted = _gate_of(graph, asset)
    with dg.DagsterInstance.get() as instance:
        decision = decide(instance, graph, wanted, Asking(partition=partition))
    click.echo(json.dumps(_as_data(decision), indent=2) if as_json else _in_lines(decision))
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

    asset, colon, name = check.rpartition(":")
    if not colon or not asset:
        raise InputError(
            "waive", found=repr(check), expected="an asset and its check", fix="images:agreement"
        )
    try:
        last_day = date.fromisoformat(expires)
    except ValueError:
        raise InputError(
            "waive", found=f"--expires {expires!r}", expected="a day", fix="--expires 2026-12-31"
        ) from None
    key = dg.AssetCheckKey(dg.AssetKey.from_user_string(asset), name)
    today = datetime.now(timezone.utc).date()
    with dg.DagsterInstance.get() as instance:
        report(instance, key, CheckWaiver(owner, reason, last_day), today=today, partition=partition)
    click.echo(f"{check} is waived until {last_day.isoformat()} by {owner}, for the latest data only.")


def load_graph(module: str | None, file: str | None) -> AssetGraph:
    """The assets and checks of a module's or file's definitions.

    Raises:
        InputError: Not exactly one of both is given, or nothing can be loaded from it.
    """
    graph: AssetGraph = load_repository(module, file).asset_graph
    return graph


def load_repository(module: str | None, file: str | None) -> Any:
    """The repository that Dagster makes of a module's or file's definitions."""
    import dagster as dg
    from dagster._core.definitions.reconstruct import repository_def_from_target_def
    from dagster._core.workspace.autodiscovery import (
        loadable_targets_from_python_file,
        loadable_targets_from_python_module,
    )

    where = module or file
    if where is None or (module and file):
        raise InputError(
            "dq-pipeline",
            found="both -m and -f" if where else "neither -m nor -f",
            expected="where the Definitions are",
            fix="-m my_project.definitions",
        )
    try:
        targets = (
            loadable_targets_from_python_module(module, working_directory=".")
            if module
            else loadable_targets_from_python_file(str(file), working_directory=".")
        )
    except (dg.DagsterError, ImportError, FileNotFoundError) as error:
        raise InputError(
            f"definitions in {where}",
            found=str(error).splitlines()[0],
            expected="a module or file that can be imported and holds Definitions",
            fix="dagster definitions validate " + (f"-m {module}" if module else f"-f {file}"),
        ) from error
    return repository_def_from_target_def(targets[0].target_definition)


def _gate_of(graph: AssetGraph, asset: str) -> Gate:
    import dagster as dg

    from dq_pipeline.orchestration.required import gates

    key = dg.AssetKey.from_user_string(asset)
    known = {gate.asset: gate for gate in gates(graph)}
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
    lines = [f"{decision.asset.to_user_string()}: {decision.sentence}"]
    for reason in decision.reasons:
        lines += [f"  {reason.sentence}", f"    -> {reason.remedy}"]
    lines += [
        f"  waived: {one.check.to_user_string()} until {one.waiver.expires.isoformat()} by {one.waiver.owner}: {one.waiver.reason}"
        for one in decision.waived
        if one.waiver
    ]
    lines += [f"  warned: {one.check.to_user_string()}: {one.sentence}" for one in decision.warned]
    return "\n".join(lines)


def _as_data(decision: GateDecision) -> dict[str, Any]:
    return {
        "asset": decision.asset.to_user_string(),
        "open": decision.open,
        "sentence": decision.sentence,
        "closed_since": decision.closed_since,
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
        "waived": [one.check.to_user_string() for one in decision.waived],
        "warned": [one.check.to_user_string() for one in decision.warned],
    }
