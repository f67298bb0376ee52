"""The process that sends: started when it is first needed and kept, since importing MLflow takes it seconds.

It can hang, or be killed, without harm to the process that asks: each payload has a deadline, after which the sender is
ended and the next request starts another.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from typing import Any

ENVIRONMENT = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    "PYTHONWARNINGS": "ignore",
    "PYTHONSAFEPATH": "1",
}
"""No file of the current folder stands in for a library. MLflow's defaults wait 247 seconds for a server that refuses and 1,208 for one that hangs."""
DONE = "done"
"""The key of the last answer to a request."""
MOST_SECONDS = 300.0
"""A request lasts no longer, however many payloads wait that a slow server takes one by one."""
END_SECONDS = 5.0


class Sender:
    """One sending process and the pipe to it.

    Attributes:
        environment: The environment that it was started with.
        owner: The process that started it: a forked child must not write into its parent's pipe.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment, self.owner = environment, os.getpid()
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(  # our own module, no shell
            [sys.executable, "-m", "dq_pipeline.tracking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=environment,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, request: dict[str, Any], deadline: float) -> tuple[list[dict[str, Any]], bool]:
        """Hand over a request; its answers until it is done, and whether the deadline came first.

        Each answer gives the next the same seconds, so that what waits since a server was away is no reason to end.
        Answers end early when the sender dies.
        """
        answers: list[dict[str, Any]] = []
        start = time.monotonic()
        end = start + deadline
        try:
            self._write(json.dumps(request) + "\n")
        except OSError:
            self.end()
            return answers, False
        while True:
            try:
                line = self._answers.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                self.end()
                return answers, True
            if line is None:
                self.end()
                return answers, False
            if line.endswith("}\n"):
                answer = json.loads(line)
                if DONE in answer:
                    return answers, False
                answers.append(answer)
                end = min(time.monotonic() + deadline, start + max(deadline, MOST_SECONDS))

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    def leave(self) -> None:
        """Let it end by itself, at the end of its input."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
        self.end()

    def _write(self, line: str) -> None:
        stream = self._process.stdin
        if stream is None or stream.closed:
            raise BrokenPipeError
        stream.write(line)
        stream.flush()

    def _listen(self) -> None:
        stream = self._process.stdout
        with contextlib.suppress(OSError, ValueError):
            for line in stream or ():
                self._answers.put(line)
        self._answers.put(None)


_lock = threading.Lock()
kept: list[Sender] = []
"""The sender of this process, if it has one."""


def ask(request: dict[str, Any], deadline: float) -> tuple[list[dict[str, Any]], bool]:
    """Hand a request to this process's sender: one at a time, within the deadline."""
    end = time.monotonic() + deadline
    if not _lock.acquire(timeout=deadline):
        return [], True
    try:
        return _sender().ask(request, max(0.0, end - time.monotonic()))
    finally:
        _lock.release()


def _sender() -> Sender:
    """A sender that is alive, of this process and of today's environment."""
    environment = {**os.environ, **ENVIRONMENT}
    for sender in kept:
        if sender.owner == os.getpid() and sender.alive and sender.environment == environment:
            return sender
    leave()
    kept.append(Sender(environment))
    return kept[0]


@atexit.register
def leave() -> None:
    """Let the sender of this process go."""
    while kept:
        sender = kept.pop()
        if sender.owner == os.getpid():
            sender.leave()
