"""An audit as people read it: one more night in the dataset's history, and the page in the audit's folder."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from dq_pipeline.audit.outputs import write_json
from dq_pipeline.families.collection import plan_handout
from dq_pipeline.families.proposals import proposals_handout
from dq_pipeline.report import Subject, history, night_of, to_html
from dq_pipeline.tables import whole

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.audit.run import Audit


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
        files=tuple(sorted(path.name for path in folder.glob("*.csv"))),
        nights=nights,
    )
