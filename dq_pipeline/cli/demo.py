"""`dq-pipeline demo`: two nights on a dataset that the package makes itself, in a Dagster instance of its own."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from dq_pipeline.demo.nights import Night

HOME = Path(".dq_pipeline") / "dagster"
FIRST = 3
"""Failed checks that are told with what to do; the report has them all."""


@click.command()
def demo() -> None:
    """Audit a small dataset with planted defects, nightly job and all; everything lies under .dq_pipeline."""
    from rich.console import Console

    from dq_pipeline.cli.terminal import console

    out, waiting = console(), Console(stderr=True)
    with waiting.status("Loading Dagster"):
        from dq_pipeline.demo.location import demo_folder
        from dq_pipeline.demo.nights import instance_at, nights

    folder, home = demo_folder(), HOME.resolve()
    out.print("Street scenes filmed by six fleets and labelled by eight annotators, audited in Dagster.")
    with instance_at(home) as instance:
        coming = nights(instance, folder)
        for number in (1, 2):
            with waiting.status(f"Night {number}: Dagster runs the nightly job"):
                found = next(coming)
            _tell(out, number, found)
    _where(out, folder, home)


def _tell(out: Console, number: int, night: Night) -> None:
    from rich.text import Text

    from dq_pipeline.cli.terminal import STATE_STYLE

    word = "BLOCKED" if night.held_back else "CLEAR"
    out.print()
    out.print(Text.assemble((word, STATE_STYLE[word]), (f"  Night {number}, {night.title}", "bold")))
    failed = [one for one in night.checks if one["verdict"] != "clear"]
    if night.held_back:
        _blocked(out, night, failed)
        return
    out.print(f"  All {len(night.checks)} checks passed." if not failed else f"  {len(failed)} checks warn.")
    out.print(f"  Training set published: {night.rows:,} scenes.")
    out.print(f"  Model trained on it: {night.accuracy:.1%} right on scenes that it has not seen.")


def _blocked(out: Console, night: Night, failed: Sequence[dict[str, Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from dq_pipeline.cli.terminal import STYLE, said
    from dq_pipeline.demo.data import DEFECTS, FOUND_BY

    blocking = [one for one in failed if one["blocking"]]
    out.print(f"  {len(failed)} of {len(night.checks)} checks are not clear, {len(blocking)} of them block.")
    out.print(f"  Held back: {', '.join(night.held_back)}. What the night before made stays in place.\n")
    found = Table.grid(padding=(0, 2, 0, 0))
    found.add_row("  ", Text("planted", "dim"), Text("found by", "dim"))
    for defect in night.planted:
        names = [str(one["check"]) for one in failed if str(one["check"]).startswith(FOUND_BY[defect])]
        worst = next((one for one in failed if names and one["check"] == names[0]), None)
        more = f", {len(names) - 1} more" if len(names) > 1 else ""
        by = (
            Text.assemble((names[0], STYLE[str(worst["verdict"])]), more)
            if worst
            else Text("nothing", "bold red")
        )
        found.add_row("  ", DEFECTS[defect], by)
    out.print(found)
    out.print("\n  What a person would do first", style="dim")
    steps = Table.grid(padding=(0, 2, 0, 0))
    for place, one in enumerate(blocking[:FIRST], 1):
        words = Text("\n").join([said(str(one["sentence"])), said(str(one["remedy"]), "dim")])
        steps.add_row(f"  {place}.", words)
    out.print(steps)
    if len(blocking) > FIRST:
        out.print(f"  The report has the other {len(blocking) - FIRST} that block.", style="dim")


def _where(out: Console, folder: Path, home: Path) -> None:
    """Where the results lie, and how to open the UIs on them."""
    from rich.table import Table

    from dq_pipeline.demo.data import DATASET

    latest = folder / DATASET / "latest"
    mlflow = f"{_program('mlflow')} ui --backend-store-uri sqlite:///{_shown(folder / 'mlflow.db')}"
    places = Table.grid(padding=(0, 2, 0, 0))
    places.add_column(no_wrap=True)
    places.add_column(overflow="fold")
    for name, place in (
        ("Report", _shown(latest / "report.html")),
        ("Numbers", _shown(latest / "measures.parquet")),
        ("Spec", _shown(folder / "spec.yaml")),
        ("Dagster", _dagster(home)),
        ("MLflow", mlflow),
    ):
        places.add_row(name, str(place))
    out.print()
    out.print(places)


def _dagster(home: Path) -> str:
    """The command that opens Dagster's UI on the demo: a short one where this folder's own settings lead to it."""
    dev = f"{_program('dagster')} dev"
    here = Path("workspace.yaml")
    ours = here.is_file() and "dq_pipeline.definitions" in here.read_text(encoding="utf-8")
    if ours and Path("dagster.yaml").is_file() and "DAGSTER_HOME" not in os.environ:
        return dev
    return f"DAGSTER_HOME={home} {dev} -m dq_pipeline.definitions"


def _program(name: str) -> str:
    """A program of this Python's environment as it can be called from here."""
    beside = Path(sys.executable).with_name(name)
    on_path = shutil.which(name)
    if on_path is not None and Path(on_path).parent.resolve() == beside.parent.resolve():
        return name
    return str(_shown(beside))


def _shown(path: Path) -> Path:
    """A path as seen from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
