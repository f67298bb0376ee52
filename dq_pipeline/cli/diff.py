"""`dq-pipeline diff A B`: what changed between two audits."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table

    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.report.change import Change, Moved, Recut

EDGES = 6
"""Edges of a condition that are printed."""
SHOWN = 20
"""Numbers that are printed; JSON has them all."""
KINDS = {
    "apart": "moved beyond their intervals",
    "status": "defined in one audit only",
    "exact": "differ and have no interval",
    "new": "new",
    "gone": "gone",
}


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", help="What to print."
)
def diff(before: Path, after: Path, form: str) -> None:
    """Show what changed from the audit in folder BEFORE to that in folder AFTER.

    Verdicts that are others, and numbers whose intervals do not overlap; numbers without an interval, such as counts, are
    listed apart, the largest change first.
    """
    from dq_pipeline.report.change import compare

    change = compare(before, after)
    if form == "json":
        click.echo(json.dumps(_plain(change), indent=2))
        return
    show(change)


def show(change: Change) -> None:
    """Print the change for people."""
    from dq_pipeline.cli.terminal import console, named, said, verdict_text

    out = console()
    versions = " to ".join(version[:12] for version in dict.fromkeys(change.data_version))
    out.print(verdict_text(change.verdict[0]), "to", verdict_text(change.verdict[1]), f" (data {versions})")
    if change.dataset[0] != change.dataset[1]:
        names = " and ".join(named(name, "", 60).plain for name in change.dataset)
        out.print(said(f"These are audits of two datasets, {names}: what differs need not have changed."))
    for recut in change.recut:
        out.print(said(_recut(recut)))
    if not change.turned and not change.moved and not change.recut:
        out.print(
            said(
                f"Nothing changed: the same verdicts, and all {change.compared:,} numbers are the same or within their intervals."
            )
        )
        return
    if change.turned:
        out.print("\nVerdicts that turned", style="bold")
        out.print(_turned(change))
    counts = {kind: sum(one.kind == kind for one in change.moved) for kind in KINDS}
    told = [f"{counts[kind]:,} {words}" for kind, words in KINDS.items() if counts[kind]]
    out.print(f"\nOf {change.compared:,} numbers in both: {'; '.join(told) or 'none moved'}", style="bold")
    if change.moved:
        out.print(_moved(change.moved[:SHOWN]))
    if len(change.moved) > SHOWN:
        out.print(f"{len(change.moved) - SHOWN:,} more with --format json", style="dim")


def _turned(change: Change) -> Table:
    from dq_pipeline.cli.terminal import plain_table, said, verdict_text

    table = plain_table("check", "was", "is", "what it says", wrap="what it says")
    for one in change.turned:
        table.add_row(one.check, verdict_text(one.before), verdict_text(one.after), said(one.sentence))
    return table


def _moved(moved: tuple[Moved, ...]) -> Table:
    from dq_pipeline.cli.terminal import named, plain_table, said

    table = plain_table("number", "before", "after", "", wrap="number")
    for one in moved:
        row = one.row
        where = f", {row.by}" if row.by is not None else ""
        key = f" {row.key}" if row.key is not None else ""
        of = f"{row.measure} of {row.table}{where}{key}"
        table.add_row(named(of, "", 100), _told(one.before), _told(one.after), said(KINDS[one.kind], "dim"))
    return table


def _recut(one: Recut) -> str:
    """That edges moved, in place of every bin that went and came."""
    from dq_pipeline.families.verdict import shown

    edges = [
        ", ".join(map(shown, side[:EDGES])) + (", ..." if len(side) > EDGES else "")
        for side in (one.before, one.after)
    ]
    numbers = (
        f"; {one.numbers:,} numbers of bins that only one audit has are not listed" if one.numbers else ""
    )
    return f"The edges of {one.dim} moved from {edges[0]} to {edges[1]}{numbers}."


def _told(row: Measure | None) -> str:
    from dq_pipeline.families.verdict import shown

    if row is None:
        return "-"
    one = row.estimate
    interval = (
        f" ({shown(one.low)} to {shown(one.high)})" if one.low is not None and one.high is not None else ""
    )
    return (shown(one.value) if one.value is not None else one.status) + interval


def _plain(change: Change) -> dict[str, object]:
    return {
        "dataset": {"before": change.dataset[0], "after": change.dataset[1]},
        "verdict": {"before": change.verdict[0], "after": change.verdict[1]},
        "data_version": {"before": change.data_version[0], "after": change.data_version[1]},
        "verdicts": [asdict(one) for one in change.turned],
        "numbers": [
            {
                "family": one.row.family, "measure": one.row.measure, "table": one.row.table, "by": one.row.by,
                "key": one.row.key, "kind": one.kind,
                "before": asdict(one.before.estimate) if one.before else None,
                "after": asdict(one.after.estimate) if one.after else None,
            }
            for one in change.moved
        ],
        "recut": [asdict(one) for one in change.recut],
        "compared": change.compared,
    }  # fmt: skip
