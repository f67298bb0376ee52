"""`dq-pipeline history [DIR]`: the last nights of an output folder, and what turned from one to the next."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dq_pipeline.spec import InputError

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from dq_pipeline.report import Night

WIDE = 100
"""Characters of a terminal in which what turned has room beside the numbers."""
NAMED = 2
"""Checks that a line names when their verdict turned, the others are counted; and columns of numbers."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("dq_audit"))
@click.option("--last", type=click.IntRange(min=1), default=14, show_default=True, help="How many nights.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", help="What to print."
)
def history(folder: Path, last: int, form: str) -> None:
    """Show the last audits that FOLDER, or each folder in it, holds the history of; dq_audit unless said."""
    from dq_pipeline.report import history as kept

    found = {place: nights for place in _places(folder) if (nights := kept.read(place, last))}
    if not found:
        raise InputError(
            str(folder),
            found=f"no {kept.FILE} there or one folder down",
            expected="a folder that `dq-pipeline audit --output` wrote, or a dataset's folder of the nightly job",
            fix="name such a folder",
        )
    if form == "json":
        told = {str(place): [_plain(night) for night in nights] for place, nights in found.items()}
        click.echo(json.dumps(told, indent=2))
        return
    from dq_pipeline.cli.terminal import console, named

    out = console()
    for place, nights in found.items():
        out.print(named(f"{nights[-1].dataset}  ({place})", "bold"))
        out.print(_table(nights, beside=out.width >= WIDE))
        for line in [] if out.width >= WIDE else _turns(nights):
            out.print(line)


def _places(folder: Path) -> list[Path]:
    below = sorted(path for path in folder.glob("*") if path.is_dir()) if folder.is_dir() else []
    return [folder, *below]


def _plain(night: Night) -> dict[str, object]:
    return {**asdict(night), "when": night.when.isoformat()}


def _turns(nights: tuple[Night, ...]) -> list[Text]:
    """What turned, a line a night."""
    from dq_pipeline.cli.terminal import said

    turned = [(night, _turned(before, night)) for before, night in pairwise(nights)]
    return [said(f"{night.when:%Y-%m-%d %H:%M}  {words}", "dim") for night, words in turned if words]


def _table(nights: tuple[Night, ...], *, beside: bool) -> Table:
    """The nights, with what turned beside them where there is room."""
    from dq_pipeline.cli.terminal import plain_table, said, verdict_text
    from dq_pipeline.families.verdict import shown

    followed = _followed(nights)
    last = ["what turned"] if beside else []
    table = plain_table(
        "audit (UTC)", "verdict", "data", *followed, *last, wrap=last[0] if last else "verdict"
    )
    for place, night in enumerate(nights):
        numbers = (night.judged.get(name) or night.numbers.get(name) for name in followed)
        table.add_row(
            f"{night.when:%Y-%m-%d %H:%M}",
            verdict_text(night.verdict + (", waived" if night.waived else "")),
            night.data_version[:12],
            *(shown(number.value) if number else "-" for number in numbers),
            *([said(_turned(nights[place - 1], night) if place else "")] if beside else []),
        )
    return table


def _followed(nights: tuple[Night, ...]) -> list[str]:
    """The columns of numbers: what blocked in the newest audit, then the overall numbers that are followed."""
    newest = nights[-1]
    blocked = [
        check for check, verdict in newest.checks.items() if verdict == "block" and check in newest.judged
    ]
    # An overall number has nights from before the checks' own were kept, and its name is the shorter one.
    named = [_overall(check, newest) or check for check in blocked]
    return list(dict.fromkeys([*named[:NAMED], *(name for night in nights for name in night.numbers)]))[
        :NAMED
    ]


def _overall(check: str, night: Night) -> str | None:
    """The overall number that a check judged; None where it judged another."""
    from dq_pipeline.reference import measure_of

    measure = measure_of(check)
    same = measure is not None and night.numbers.get(measure) == night.judged[check]
    return measure if same else None


def _turned(before: Night, night: Night) -> str:
    """Which checks have another verdict than the night before, or have come or gone."""
    names = dict.fromkeys([*night.checks, *before.checks])
    turned = [
        f"{name} {before.checks.get(name, 'not asked')} to {night.checks.get(name, 'not asked')}"
        for name in names
        if before.checks.get(name) != night.checks.get(name)
    ]
    more = f", {len(turned) - NAMED} more" if len(turned) > NAMED else ""
    return ", ".join(turned[:NAMED]) + more
