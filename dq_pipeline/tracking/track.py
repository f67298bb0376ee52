"""Keep a payload, then try to send it within a deadline: the audit's only door to MLflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq_pipeline.spec.secrets import without_secrets
from dq_pipeline.tracking.outbox import Outbox
from dq_pipeline.tracking.sender import ask

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.tracking.payload import Payload

PROBE_SECONDS = 3.0
DEADLINE_SECONDS = 30.0
LOCAL_DEADLINE_SECONDS = 300.0
"""An embedded database never hangs, and its first use migrates a schema that must not be cut off halfway."""


@dataclass(frozen=True)
class Tracked:
    """What became of a payload.

    Attributes:
        run_id: Its MLflow run, None when it was not sent.
        url: The run's page, None when there is none.
        sent: Payloads sent now, those that waited from earlier nights among them.
        waiting: Payloads that still wait in the outbox.
        problem: Why not all was sent; "" when it was. Never holds a password.
        outbox: Where they wait.
    """

    run_id: str | None
    url: str | None
    sent: int
    waiting: int
    problem: str
    outbox: Path

    @property
    def sentence(self) -> str:
        """One sentence for a person."""
        if not self.problem:
            earlier = f", with {self.sent - 1:,} kept from before" if self.sent > 1 else ""
            return f"Tracked in MLflow as run {self.run_id}{earlier}."
        kept = f"{self.waiting:,} runs wait in {self.outbox} and are sent on the next run"
        return f"MLflow was not reached ({self.problem}): {kept}."


def track(
    payload: Payload, *, tracking_uri: str, experiment: str, outbox: Path, deadline: float | None = None
) -> Tracked:
    """Keep a payload in the outbox, then send what waits there.

    Sending runs in a process of its own that is ended at the deadline: whatever hangs, the caller goes on. The process
    is kept for the next payload.

    Args:
        payload: What one audit has to tell.
        tracking_uri: MLflow's tracking URI.
        experiment: Name of the experiment; made when it is not there.
        outbox: The folder that keeps what could not be sent.
        deadline: Most seconds to spend on each payload; by default 30, or 300 on an embedded SQLite database.

    Returns:
        What became of it. A server that is down, or a full disk, is told there and raises nothing.
    """
    box = Outbox(outbox.absolute())
    try:
        name = box.put(payload)
    except OSError as error:
        why = f"the outbox cannot be written: {error.strerror or type(error).__name__}"
        return Tracked(None, None, 0, len(box.names()), why, box.folder)
    if deadline is None:
        deadline = LOCAL_DEADLINE_SECONDS if tracking_uri.startswith("sqlite:") else DEADLINE_SECONDS
    request = {
        "outbox": str(box.folder),
        "first": name,
        "uri": tracking_uri,
        "experiment": experiment,
        "probe": PROBE_SECONDS,
    }
    answers, late = ask(request, deadline)
    sent = {answer["name"]: answer for answer in answers if answer.get("run_id")}
    problems = [answer["problem"] for answer in answers if answer.get("problem")]
    if late:
        problems.append(f"{without_secrets(tracking_uri)} did not take it all within {deadline:g} seconds")
    waiting = len(box.names())
    if waiting and not problems:
        problems.append("the sender ended early")
    mine = sent.get(name, {})
    return Tracked(mine.get("run_id"), mine.get("url"), len(sent), waiting, "; ".join(problems), box.folder)
