"""The command line: `dq-pipeline audit`, `demo`, `schema` and more; each command is imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from dq_pipeline.spec import InputError

COMMANDS = {
    "init": (
        "dq_pipeline.cli.init",
        "Look at tables and write a first spec of them, each guess with its reason.",
    ),
    "audit": ("dq_pipeline.cli.audit", "Audit the tables of a spec."),
    "demo": (
        "dq_pipeline.cli.demo",
        "Audit a small dataset with planted defects, and run the nightly job on it.",
    ),
    "gate": (
        "dq_pipeline.orchestration.gate_command",
        "Tell whether a gated asset could be built now, and why not.",
    ),
    "doctor": (
        "dq_pipeline.orchestration.doctor_command",
        "List what keeps gates from closing, or from ever opening.",
    ),
    "retire": (
        "dq_pipeline.orchestration.doctor_command",
        "Tell gates that nobody runs a check any more.",
    ),
    "waive": (
        "dq_pipeline.orchestration.gate_command",
        "Let a failed check of the latest data pass its gates until a date.",
    ),
    "history": ("dq_pipeline.cli.history", "Show the last audits of a folder, and what turned."),
    "diff": ("dq_pipeline.cli.diff", "Show what changed between two audits."),
    "explain": ("dq_pipeline.cli.explain", "Say what a check means, its formula, source and defaults."),
    "schema": ("dq_pipeline.cli.schema", "Print the spec's JSON Schema, for editors."),
}
"""Command to the module that holds it under its own name, and its line in the help."""


INTERRUPTED = 130
"""The exit status of a command that was interrupted, as shells have it."""


class _Lazy(click.Group):
    """A group that imports a command when it is called, not to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; one that is interrupted (Ctrl-C) has no verdict, and 1 would be that of a block."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, RuntimeError) as error:
            # DuckDB says so in its own way.
            if isinstance(error, RuntimeError) and str(error) != "Query interrupted":
                raise
            click.echo("dq-pipeline: interrupted", err=True)
            ctx.exit(INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dq_pipeline")
def _cli() -> None:
    """Audit training data before you retrain."""


def main() -> None:
    """Run the command line; bad input ends in one clear error and status 2."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    _open_streams()
    try:
        _refuse_no_folder()
        _cli(prog_name="dq-pipeline")
    except InputError as error:
        _end(error)
    except PermissionError as error:
        from dq_pipeline.cli.denied import of_denied

        _end(of_denied(error))


def _open_streams() -> None:
    """Put nothing in the place of standard streams that a shell has closed (`>&-`): the next file would become one of them."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open to the end


def _refuse_no_folder() -> None:
    """Refuse to run in a working folder that was deleted: no library expects that.

    Raises:
        InputError: It is gone.
    """
    try:
        Path.cwd()
    except FileNotFoundError as error:
        raise InputError(
            "the working folder",
            found="it was deleted",
            expected="a folder that is there",
            fix="cd to one, and name files from there",
        ) from error


def _end(error: InputError) -> NoReturn:
    from dq_pipeline.report.text import visible

    # Who asked may be the command itself.
    told = visible(str(error), keep=chr(10)).removeprefix("dq-pipeline ")
    click.echo(f"dq-pipeline: {told}", err=True)
    sys.exit(2)
