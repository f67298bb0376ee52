"""The audit as a person reads it: the banner, what to do first, a table by family."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from dq_pipeline.audit.reported import subject_of
from dq_pipeline.cli.terminal import STATE_STYLE, STYLE, console, plain_table, said
from dq_pipeline.families.verdict import number_of
from dq_pipeline.report import first, held_back, ranked, state
from dq_pipeline.report.text import visible

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.audit import Audit
    from dq_pipeline.families.check import Verdict
    from dq_pipeline.families.verdict import CheckVerdict

KINDS: tuple[Verdict, ...] = ("block", "warn", "insufficient", "clear")


def show_audit(audit: Audit, folder: Path) -> None:
    """Print the audit to standard output; colours only on a terminal."""
    out = console()
    subject = subject_of(audit, folder, datetime.now(timezone.utc))
    banner = state(audit.verdicts, audit.verdict)
    rows = ", ".join(number_of(count, table) for table, count in audit.timings.rows.items())
    out.print(
        Text.assemble(
            (banner, STATE_STYLE[banner]), f"  {audit.spec.dataset}  ({rows}; data {audit.data_version[:12]})"
        )
    )
    out.print(said(held_back(subject)))
    fixes = first(subject)
    if fixes:
        out.print("\nFix these first", style="bold")
        out.print(_fixes(fixes))
    out.print()
    out.print(_by_family(ranked(subject)))
    for family, why in audit.silent.items():
        out.print(said(f"{family}: not run, {why}", "dim"))
    if audit.timings.reused:
        out.print(said(audit.timings.reused, "dim"))
    shown = visible(str(folder))
    if audit.built is not None:
        out.print(Text("\n" + visible(audit.built.sentence(blocked=audit.verdict == "block"))))
    out.print(Text(f"\nReport: {shown}/report.html; every number and check is in {shown}"))


def _fixes(verdicts: list[CheckVerdict]) -> Table:
    """Place, verdict, what was found and below it what to do."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for place, verdict in enumerate(verdicts, 1):
        found, todo = said(verdict.sentence), said(_what_next(verdict), "dim")
        words = Text("\n").join([found, todo]) if todo else found
        table.add_row(f" {place}.", Text(verdict.verdict, STYLE[verdict.verdict]), words)
    return table


def _what_next(verdict: CheckVerdict) -> str:
    if verdict.waiver:
        return f"waived by {verdict.waiver.owner} until {verdict.waiver.expires}: {verdict.waiver.reason}"
    return verdict.remedy


def _by_family(verdicts: list[CheckVerdict]) -> Table:
    """One line a family: its checks by verdict, and the worst of them."""
    table = plain_table(
        "family",
        *("too little data" if kind == "insufficient" else kind for kind in KINDS),
        "worst",
        wrap="worst",
    )
    for family in dict.fromkeys(verdict.family for verdict in verdicts):
        own = [verdict for verdict in verdicts if verdict.family == family]
        count = Counter(verdict.verdict for verdict in own)
        table.add_row(
            family,
            *(Text(str(count[kind]), STYLE[kind]) if count[kind] else Text("-", "dim") for kind in KINDS),
            said(own[0].check if own[0].verdict != "clear" else ""),
        )
    return table
