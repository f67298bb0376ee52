"""`dq-pipeline audit SPEC`: the audit in a terminal or a CI job."""

from __future__ import annotations

import json
import sys
import time
import uuid
from pathlib import Path

import click

from dq_pipeline.cli.progress import Progress
from dq_pipeline.cli.terminal import outlasting_reader
from dq_pipeline.report.text import visible
from dq_pipeline.spec import load_spec

BLOCKED = 1
"""The exit status of a blocked dataset; 0 is clear or warned, 2 an input that cannot be used."""


@click.command()
@click.argument("spec", type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Where to leave the results. [default: dq_audit/DATASET]",
)
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "junit"]), default="table", help="What to print."
)
@click.option(
    "--track/--no-track", default=True, help="Send the numbers to the spec's MLflow.  [default: track]"
)
def audit(spec: Path, output: Path | None, form: str, *, track: bool) -> None:
    """Audit the tables of SPEC: exit 0 when clear or warned, 1 when blocked, 2 when the input is wrong."""
    written, source = load_spec(spec)
    from dq_pipeline.audit import (
        STATES,
        Folders,
        asks_for_training_set,
        ready,
        report_audit,
        track_audit,
        verdicts_of,
        write,
    )
    from dq_pipeline.audit import audit as run
    from dq_pipeline.audit.waivers import refuse_idle_waivers
    from dq_pipeline.families import families_of

    started, run_key = int(time.time() * 1000), uuid.uuid4().hex
    families = families_of(written, source)
    refuse_idle_waivers(written, source, families)
    folder = output or Path("dq_audit") / written.dataset
    with ready(folder), Progress() as watch:
        release_to = folder if asks_for_training_set(written, families) else None
        folders = Folders(folder, folder / STATES)
        found = run(written, source, release_to=release_to, folders=folders, watch=watch)
        write(found, folder)
        if found.built is not None:
            found.built.settle(folder, blocked=found.verdict == "block")
        report_audit(found, folder, run=run_key)
        if track:
            watch.stage("tracking")
        tracked = track_audit(found, families, folder, run_key=run_key, started=started) if track else None
    with outlasting_reader():
        if form == "json":
            click.echo(json.dumps(verdicts_of(found), indent=2))
        elif form == "junit":
            from dq_pipeline.cli.junit import junit

            click.echo(junit(found))
        else:
            from dq_pipeline.cli.table import show_audit

            show_audit(found, folder)
        if tracked is not None and (form == "table" or tracked.problem):
            click.echo(visible(tracked.sentence), err=form != "table")
    sys.exit(BLOCKED if found.verdict == "block" else 0)
