"""The sending process: kept for the next payload, and replaced when it died, hung or belongs to another environment."""

from __future__ import annotations

import os
import signal
import time

import pytest

from dq_pipeline.tracking import sender, track

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _alone():
    sender.leave()
    yield
    sender.leave()


def pid():
    (kept,) = sender.kept
    return kept.pid


@pytest.fixture
def send(payload, tmp_path):
    """Send a payload to a server that refuses; what became of it."""
    return lambda: track(payload(), tracking_uri=NOWHERE, experiment="pets", outbox=tmp_path / "outbox")


def test_it_is_kept_for_the_next_payload(send):
    assert "refuses the connection" in send().problem
    first = pid()
    assert "refuses the connection" in send().problem
    assert pid() == first


def test_one_that_was_killed_is_replaced(send):
    send()
    first = pid()
    os.kill(first, signal.SIGKILL)
    time.sleep(0.2)
    assert "refuses the connection" in send().problem
    assert pid() != first


def test_another_environment_gets_another_sender(send, monkeypatch):
    send()
    first = pid()
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ana")
    assert "refuses the connection" in send().problem
    assert pid() != first


def test_leaving_ends_it(send):
    send()
    left = pid()
    sender.leave()
    assert sender.kept == []
    with pytest.raises(ProcessLookupError):
        os.kill(left, 0)
