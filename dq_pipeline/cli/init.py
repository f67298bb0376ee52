"""`dq-pipeline init TABLE...`: a first spec for tables that nobody has described yet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dq_pipeline.spec import InputError, spec_of_text

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command()
@click.argument("tables", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default="spec.yaml",
    show_default=True,
    help="Where the spec goes.",
)
@click.option("--force", is_flag=True, help="Overwrite a spec that is there.")
def init(tables: tuple[Path, ...], output: Path, *, force: bool) -> None:
    """Look at TABLES (items, annotations, gold, production), guess what they are and write a commented spec that runs."""
    if output.exists() and not force:
        raise InputError(
            f"dq-pipeline init --output {output}",
            found="a file of that name",
            expected="a new file",
            fix="--output another.yaml, or --force to overwrite it",
        )
    if not output.parent.is_dir():
        raise InputError(
            f"dq-pipeline init --output {output}",
            found=f"no folder {output.parent}",
            expected="a folder that is there",
            fix=f"mkdir -p {output.parent}",
        )
    from dq_pipeline.families import families_of
    from dq_pipeline.proposal import as_yaml, propose
    from dq_pipeline.tables import Tables

    proposal = propose(tables, _ask if sys.stdin.isatty() and sys.stdout.isatty() else None)
    text = as_yaml(proposal, output.parent)
    spec, source = spec_of_text(text, output)
    families_of(spec, source)
    Tables(spec).close()
    output.write_text(text, encoding="utf-8")
    click.echo(text.rstrip())
    click.echo(f"\nWritten to {output}. Next: dq-pipeline audit {output}")


def _ask(question: str, choices: Sequence[str], guess: str) -> str:
    answer: str = click.prompt(question, type=click.Choice(list(choices)), default=guess)
    return answer
