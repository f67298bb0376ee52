"""One headless Chromium for all tests of pages; skipped with the line that installs it where there is none."""

from __future__ import annotations

import shutil

import pytest

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def browser():
    """Chromium, started once."""
    place = shutil.which("chromium") or shutil.which("google-chrome")
    if place is None:
        pytest.skip("no Chromium; install it with: apt-get update && apt-get install -y chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=place, args=list(ARGUMENTS))
        yield opened
        opened.close()
