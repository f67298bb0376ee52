"""What tests of several parts share."""

from __future__ import annotations

import os
import shutil
import uuid
from typing import TYPE_CHECKING

import pytest

from dq_pipeline_tests import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
"""What keeps a headless Chromium quiet."""

for name in ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR"):
    os.environ.pop(name, None)  # what is printed is as wide as a log, whatever terminal the tests run on
os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
"""MLflow's servers else start eight processes more for jobs of their own, each of which imports it for seconds."""

WAITING = ("tracking", "demo")
"""Folders of tests that wait for servers most of their time: they come first, beside others, not last and alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that wait before the others, in their order."""
    items.sort(key=lambda item: not set(WAITING) & set(item.path.parts))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a Postgres server that lives as long as the tests."""
    binaries = postgres.programs()
    if binaries is None:
        pytest.skip(postgres.INSTALL)
    with postgres.server(binaries) as address:
        yield address


@pytest.fixture
def postgres_address(postgres_server: str) -> str:
    """The address of a new, empty database."""
    import psycopg

    name = f"dq_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}")
    return f"{postgres_server}/{name}"


@pytest.fixture(scope="module")
def browser():
    """One headless Chromium for a module's tests of pages; skipped with the line that installs it where there is none.

    Not for all of a process: its event loop seems to run as long as it is open, and Dagster starts none beside it.
    """
    place = shutil.which("chromium") or shutil.which("google-chrome")
    if place is None:
        pytest.skip("no Chromium; install it with: apt-get update && apt-get install -y chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=place, args=list(CHROMIUM))
        yield opened
        opened.close()
