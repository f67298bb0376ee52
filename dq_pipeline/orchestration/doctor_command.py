"""`dq-pipeline doctor` and `dq-pipeline retire`: what is wrong with gates, and checks that nobody runs any more."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict

import click

from dq_pipeline.orchestration.gate_command import key_of_check, of_location


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@of_location
def doctor(module: str | None, file: str | None, workspace: str | None, *, as_json: bool) -> None:
    """List what keeps gates from closing, or from ever opening; one line each, with the fix.

    Looks at the definitions and at the instance in DAGSTER_HOME. Exit status 0 when nothing is wrong, 1 otherwise.
    """
    import dagster as dg

    from dq_pipeline.orchestration.code_locations import Where, code_locations
    from dq_pipeline.orchestration.doctor import findings

    locations = code_locations(Where(module, file, workspace))
    if os.environ.get("DAGSTER_HOME"):
        with dg.DagsterInstance.get() as instance:
            found = findings(locations, instance)
    else:
        click.echo("DAGSTER_HOME is not set: no instance was looked at.", err=True)
        found = findings(locations, None)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        for one in found:
            click.echo(f"{one.where}: {one.what} -> {one.fix}")
        if not found:
            click.echo("Nothing is wrong.")
    sys.exit(1 if found else 0)


@click.command(name="retire")
@click.argument("check")
@click.option("--owner", required=True, help="Who says so.")
@click.option("--reason", required=True, help="Why nobody runs it any more.")
def retire(check: str, owner: str, reason: str) -> None:
    """Tell gates that CHECK (`folder/asset:check`) is run by nobody any more.

    A code location that defines it, or runs it again, is asked for it all the same.
    """
    import dagster as dg

    from dq_pipeline.orchestration.retired import retire as report

    key = key_of_check("retire", check)
    with dg.DagsterInstance.get() as instance:
        report(instance, key, owner, reason)
    click.echo(f"{check} is retired by {owner}: gates stop asking for it.")
