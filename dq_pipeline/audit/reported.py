"""An audit as its report has it: one more night in the folder's history, and the page."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from dq_pipeline.report import Subject, history, night_of, to_html

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.audit.run import Audit


def report(audit: Audit, folder: Path) -> str:
    """Add the audit to the history in its folder, and give its page."""
    when = datetime.now(timezone.utc)
    night = night_of(
        when, audit.spec.dataset, audit.data_version, audit.verdict, audit.verdicts, audit.measures
    )
    history.append(folder, night)
    return to_html(subject_of(audit, folder, when))


def subject_of(audit: Audit, folder: Path, when: datetime) -> Subject:
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
        handouts=audit.handouts,
        files=tuple(sorted(path.name for path in folder.glob("*.csv"))),
        nights=history.read(folder),
    )
