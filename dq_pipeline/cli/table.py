"""The audit as a person reads it: the banner, what to do first, one line a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.audit import Audit
    from dq_pipeline.families.verdict import CheckVerdict

BANNER = {"clear": "CLEAR", "warn": "WARNED", "block": "BLOCKED", "insufficient": "INSUFFICIENT EVIDENCE"}
_STYLE = {"clear": "green", "warn": "yellow", "block": "bold red", "insufficient": "magenta"}
_FIRST = 7


def show_audit(audit: Audit, folder: Path) -> None:
    """Print the audit to standard output; colours only on a terminal."""
    console = Console(highlight=False, soft_wrap=False)
    rows = ", ".join(f"{count:,} {table}" for table, count in audit.timings.rows.items())
    console.print(
        Text.assemble(
            (BANNER[audit.verdict], _STYLE[audit.verdict]),
            f"  {audit.spec.dataset}  ({rows}; data {audit.data_version[:12]})",
        )
    )
    first = sorted((v for v in audit.verdicts if v.verdict != "clear"), key=_urgency)[:_FIRST]
    if first:
        console.print("\nFix these first")
        for place, verdict in enumerate(first, 1):
            console.print(Text.assemble(f" {place}. ", (verdict.sentence, _STYLE[verdict.verdict])))
            if verdict.waiver:
                console.print(
                    Text(
                        f"    waived by {verdict.waiver.owner} until {verdict.waiver.expires}: {verdict.waiver.reason}"
                    )
                )
            elif verdict.remedy:
                console.print(Text(f"    {verdict.remedy}"))
    console.print()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("check", "verdict", "what was found"):
        table.add_column(heading, no_wrap=heading != "what was found", overflow="fold")
    for verdict in audit.verdicts:
        table.add_row(verdict.check, Text(verdict.verdict, _STYLE[verdict.verdict]), Text(verdict.sentence))
    console.print(table)
    for family, why in audit.silent.items():
        console.print(Text(f"{family}: not run, {why}"))
    console.print(Text(f"\nResults in {folder}"))


def _urgency(verdict: CheckVerdict) -> int:
    return 0 if verdict.blocking else ("block", "warn", "insufficient").index(verdict.verdict) + 1
