"""The sender, a process of its own: it can hang or be killed, and the audit is none the worse.

It reads one JSON request a line from standard input (the tracking URI may hold a password: not for a command line), empties
the outbox, and says in one line of JSON for each payload what became of it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from dq_pipeline.spec.secrets import without_secrets
from dq_pipeline.tracking.outbox import Outbox
from dq_pipeline.tracking.sender import DONE
from dq_pipeline.tracking.server import why_silent

LOCK_SECONDS = 10.0
REFUSALS = {"INVALID_PARAMETER_VALUE", "BAD_REQUEST", "INVALID_STATE"}
"""The server's word about one payload, not about itself: the next payload may still pass."""


def main() -> None:
    """Answer one request a line until the input ends."""
    # What libraries print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        _answer(json.loads(line), answers)
        _say(answers, **{DONE: True})


def _answer(request: dict[str, Any], answers: Any) -> None:
    """Empty the outbox, the wanted payload first, then the oldest; stop when the server fails."""
    uri, outbox = request["uri"], Outbox(Path(request["outbox"]))
    silent = why_silent(uri, request["probe"])
    if silent:
        _say(answers, problem=f"{without_secrets(uri)} {silent}")
        return
    with outbox.sending(LOCK_SECONDS) as alone:
        if alone:
            _empty(outbox, request, answers)
        else:
            _say(answers, problem="another audit is sending")


def _empty(outbox: Outbox, request: dict[str, Any], answers: Any) -> None:
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    from dq_pipeline.tracking.deliver import deliver

    uri = request["uri"]
    client = None
    tried: set[str] = set()
    while left := [name for name in outbox.names() if name not in tried]:
        name = request["first"] if request["first"] in left else left[0]
        tried.add(name)
        try:
            client = client or MlflowClient(uri)
            payload = outbox.read(name)
            run_id, url = deliver(payload, client, uri, request["experiment"])
            outbox.done(name)
            _say(answers, name=name, run_id=run_id, url=url)
        except MlflowException as error:
            _say(answers, name=name, problem=_short(error, uri))
            if error.error_code not in REFUSALS:
                return
        except ValueError as error:
            _say(answers, name=name, problem=f"{name} in the outbox cannot be read: {_short(error, uri)}")
        except Exception as error:  # noqa: BLE001  # any database driver, any artifact store
            if name not in outbox.names():
                continue  # a newer payload of its run took its place while it was sent
            _say(answers, name=name, problem=_short(error, uri))
            return


def _short(error: Exception, uri: str) -> str:
    """The class and the first line of an error, without secrets."""
    line = (str(error).splitlines() or [""])[0]
    return without_secrets(f"{type(error).__name__}: {line}", uri)[:300]


def _say(answers: Any, **what: Any) -> None:
    answers.write(json.dumps(what) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
