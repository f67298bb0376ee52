"""The report: an audit summed up as plain data, then drawn and written as one HTML page."""

from dq_pipeline.report import history
from dq_pipeline.report.history import Night, night_of
from dq_pipeline.report.subject import File, Subject
from dq_pipeline.report.summary import first, held_back, ranked, state, summarise

__all__ = [
    "File",
    "Night",
    "Subject",
    "first",
    "held_back",
    "history",
    "night_of",
    "ranked",
    "state",
    "summarise",
    "to_html",
]


def to_html(subject: Subject) -> str:
    """The report of an audit as one HTML page."""
    from dq_pipeline.report.render import render

    return render(summarise(subject))
