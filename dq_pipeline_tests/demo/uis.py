"""Dagster's and MLflow's own web servers on what the demo left, started side by side."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

STARTS = 120
"""Seconds that a server may take on a busy machine."""


@contextlib.contextmanager
def both(folder: Path, clone: Path) -> Iterator[tuple[str, str]]:
    """The addresses of Dagster's UI and of MLflow's, on the demo of a folder."""
    home = folder / ".dq_pipeline" / "dagster"
    store = folder / ".dq_pipeline" / "demo" / "mlflow.db"
    dagster, mlflow = _ports(2)
    settings = {"DAGSTER_HOME": str(home), "PYTHONPATH": str(clone), "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (
        _server(folder, "dagster", settings, "dagster_webserver", "-m", "dq_pipeline.definitions", "-p", dagster),
        _server(
            folder, "mlflow", settings, "mlflow", "server", "--workers", "1", "--port", mlflow,
            "--backend-store-uri", f"sqlite:///{store}",
        ),
    ):  # fmt: skip
        _wait(f"http://127.0.0.1:{dagster}/server_info")
        _wait(f"http://127.0.0.1:{mlflow}/health")
        yield f"http://127.0.0.1:{dagster}", f"http://127.0.0.1:{mlflow}"


def _ports(many: int) -> list[str]:
    with contextlib.ExitStack() as kept:
        probes = [kept.enter_context(socket.socket()) for _ in range(many)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [str(probe.getsockname()[1]) for probe in probes]


@contextlib.contextmanager
def _server(
    folder: Path, name: str, settings: Mapping[str, str], module: str, *options: str
) -> Iterator[None]:
    with (folder.parent / f"{folder.name}-{name}.log").open("ab") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", module, *options],
            cwd=folder, env={**os.environ, **settings}, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            yield
        finally:
            os.killpg(server.pid, signal.SIGKILL)  # with the processes that it started
            server.wait()


def _wait(url: str) -> None:
    end = time.monotonic() + STARTS
    while not _answers(url):
        assert time.monotonic() < end, f"no server at {url}"
        time.sleep(0.2)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - a server of our own
            return True
    except OSError:
        return False
