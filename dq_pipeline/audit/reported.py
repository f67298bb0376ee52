"""An audit as people read it: one more night in the dataset's history, and the page in the audit's folder."""

from __future__ import annotations

import csv
from datetime import datetime, timezone
from itertools import islice
from typing import TYPE_CHECKING

from dq_pipeline.audit.outputs import write_json
from dq_pipeline.families.collection import plan_handout
from dq_pipeline.families.proposals import proposals_handout
from dq_pipeline.report import File, Subject, history, night_of, to_html
from dq_pipeline.tables import whole
from dq_pipeline.tables.spreadsheet import from_cell

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.audit.run import Audit

BEGIN = 20
"""Rows of a CSV that the page shows."""


def report_audit(audit: Audit, folder: Path, *, run: str, nights: Path | None = None) -> None:
    """Add an audit that is written to the history, and write its page beside it.

    Args:
        audit: What was found.
        folder: Where `write` left the audit's files.
        run: Dagster's run id, or an id of the command line's own: one night each, however often it is told.
        nights: Where the history lies, when it is not in the folder itself.
    """
    with audit.timings.stage("report"):
        kept = nights or folder
        when = datetime.now(timezone.utc)
        history.append(kept, night_of(audit, run=run, when=when))
        page = to_html(subject_of(audit, folder, when, history.read(kept)))
        with whole(folder / "report.html") as file:
            file.write_text(page, encoding="utf-8")
    write_json(folder / "timings.json", audit.timings.as_dict())


def subject_of(audit: Audit, folder: Path, when: datetime, nights: tuple[history.Night, ...] = ()) -> Subject:
    """What the report needs of an audit and the folder it left its files in."""
    return Subject(
        spec=audit.spec,
        data_version=audit.data_version,
        when=when,
        verdict=audit.verdict,
        verdicts=audit.verdicts,
        measures=audit.measures,
        silent=audit.silent,
        rows=audit.timings.rows,
        seconds=audit.timings.seconds,
        handouts=(*audit.tables_of_work, plan_handout(audit.plan), proposals_handout(audit.proposed)),
        files=tuple(_begun(path) for path in sorted(folder.glob("*.csv"))),
        failing=audit.failing,
        nights=nights,
    )


def _begun(path: Path) -> File:
    """A CSV of ours and its first rows, each text as it was before a spreadsheet had to be kept from running it."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = [tuple(map(from_cell, row)) for row in islice(csv.reader(file), BEGIN + 2)] or [
                ()
            ]
    except (OSError, ValueError, csv.Error):
        return File(path.name)
    return File(path.name, header, tuple(rows[:BEGIN]), whole=len(rows) <= BEGIN)
