"""`dq-pipeline schema`: the spec's JSON Schema."""

from __future__ import annotations

import json

import click


@click.command()
def schema() -> None:
    """Print the spec's JSON Schema, for editors to complete and check the file."""
    from dq_pipeline.families import spec_schema

    click.echo(json.dumps(spec_schema(), indent=2))
