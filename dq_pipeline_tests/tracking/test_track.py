"""Sending to a real MLflow: whole, once, and never in the audit's way."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from dq_pipeline.tracking import names, track
from dq_pipeline.tracking.deliver import deliver
from dq_pipeline.tracking.outbox import Outbox
from dq_pipeline.tracking.sender import Sender
from dq_pipeline_tests.tracking.conftest import free_port


def send(payload, uri, tmp_path, deadline=240):
    """Send with time enough for a machine that has much else to do."""
    return track(payload, tracking_uri=uri, experiment="pets", outbox=tmp_path / "outbox", deadline=deadline)


def assert_whole(run, payload, client_uri):
    """Everything of the payload stands in the run, each metric once."""
    from mlflow import MlflowClient

    client = MlflowClient(client_uri)
    wanted = dict(names.metrics(payload.measures))
    assert run.data.metrics == wanted
    for name in list(wanted)[:3]:
        assert len(client.get_metric_history(run.info.run_id, name)) == 1
    assert run.data.params == names.params(payload.params)
    assert run.data.tags["dq.verdict"] == "block"
    assert run.data.tags["dq.check.agreement_alpha"] == "block"
    assert run.data.tags["dagster/run_id"] == "abc"
    assert "Alpha is 0.5." in run.data.tags["mlflow.note.content"]
    assert [one.dataset.digest for one in run.inputs.dataset_inputs] == [payload.data_version]
    assert run.info.status == "FINISHED"
    files = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert files == {path.name for path in payload.artifacts}


def test_a_payload_that_two_processes_keep_at_once_is_kept_once_and_no_failure(
    payload, tmp_path, monkeypatch
):
    box, night = Outbox(tmp_path / "outbox"), payload()
    name = box.put(night)
    exists = Path.exists
    # The other process was not done yet when this one looked.
    monkeypatch.setattr(Path, "exists", lambda path, **how: path.name != name and exists(path, **how))
    assert box.put(night) == name
    assert box.names() == [name]


def test_a_payload_stands_whole_in_one_run_however_often_it_is_sent(payload, database, runs, tmp_path):
    night = payload(many=2_500)
    told = [send(night, database, tmp_path) for _ in range(2)]
    assert [one.problem for one in told] == ["", ""]
    assert told[0].run_id == told[1].run_id
    (run,) = runs()
    assert_whole(run, night, database)
    assert Outbox(tmp_path / "outbox").names() == []
    assert told[0].sentence == f"Tracked in MLflow as run {told[0].run_id}."


def test_a_second_payload_of_one_run_adds_to_it(payload, database, runs, tmp_path):
    night = payload()
    send(night, database, tmp_path)
    more = type(night)(**{**night.__dict__, "measures": payload(many=1).measures})
    send(more, database, tmp_path)
    (run,) = runs()
    assert run.data.metrics == dict(names.metrics(more.measures))


def test_of_one_run_only_the_newest_payload_waits(payload, tmp_path):
    night, other = payload("night1"), payload("night2")
    more = type(night)(**{**night.__dict__, "measures": payload(many=1).measures, "verdict": "clear"})
    for one in (night, other, more, more):
        assert send(one, "http://127.0.0.1:9", tmp_path).waiting <= 2
    box = Outbox(tmp_path / "outbox")
    assert {box.read(name).verdict: box.read(name).run_key for name in box.names()} == {
        "clear": "night1",
        "block": "night2",
    }


def test_what_a_stopped_server_missed_is_sent_on_the_next_run_once(payload, serve, runs, tmp_path):
    nights = [payload(f"night{number}") for number in range(3)]
    with serve() as url:
        first = send(nights[0], url, tmp_path)
        assert first.problem == ""
        assert first.url is not None
        assert first.url.startswith(url)
    start = time.monotonic()
    missed = send(nights[1], url, tmp_path)
    assert time.monotonic() - start < 8
    assert missed.sentence.startswith("MLflow was not reached (")
    assert (missed.run_id, missed.waiting) == (None, 1)
    with serve() as url:
        last = send(nights[2], url, tmp_path)
        assert (last.problem, last.sent, last.waiting) == ("", 2, 0)
    found = {run.data.tags["dq.run_key"]: run for run in runs()}
    assert sorted(found) == ["night0", "night1", "night2"]
    assert len(runs()) == 3
    for night in nights:
        assert found[night.run_key].data.metrics == dict(names.metrics(night.measures))


def test_a_sender_killed_halfway_is_resumed_and_nothing_stands_twice(payload, database, runs, tmp_path):
    night = payload(many=6_000, artifacts=150)
    box = Outbox(tmp_path / "outbox")
    request = {
        "outbox": str(box.folder),
        "first": box.put(night),
        "uri": database,
        "experiment": "pets",
        "probe": 1,
    }
    sender = subprocess.Popen(
        [sys.executable, "-m", "dq_pipeline.tracking"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    with sender:
        sender.stdin.write(json.dumps(request).encode())
        sender.stdin.close()
        wait_for_metrics(database)
        sender.kill()
    (half,) = runs()
    assert half.info.status == "RUNNING"
    assert box.names() == [request["first"]]
    assert send(night, database, tmp_path).problem == ""
    (run,) = runs()
    assert run.info.run_id == half.info.run_id
    assert_whole(run, night, database)
    assert box.names() == []


def test_a_server_killed_while_it_takes_a_payload_gets_the_rest_on_the_next_run(
    payload, serve, database, runs, tmp_path
):
    night = payload(many=5_000, artifacts=20)
    told = []
    with serve() as url:
        sender = threading.Thread(target=lambda: told.append(send(night, url, tmp_path)))
        sender.start()
        wait_for_metrics(database)
    sender.join()
    assert told[0].problem != ""
    assert told[0].waiting == 1
    (half,) = runs()
    assert half.info.status == "RUNNING"
    with serve() as url:
        nights = (send(night, url, tmp_path) for _ in range(20))  # a slow server needs more than one
        assert any(one.problem == "" for one in nights)
        (run,) = runs()
        assert run.info.run_id == half.info.run_id
        assert_whole(run, night, url)
    assert Outbox(tmp_path / "outbox").names() == []


def wait_for_metrics(database, seconds=240):
    """Until the first batch of metrics stands in the database."""
    with contextlib.closing(sqlite3.connect(database.removeprefix("sqlite:///"), timeout=30)) as rows:
        end = time.monotonic() + seconds
        while not rows.execute("select count(*) from metrics").fetchone()[0]:
            assert time.monotonic() < end
            time.sleep(0.01)


def test_two_audits_that_send_at_once_send_each_payload_once(payload, database, runs, tmp_path):
    nights = [payload("night1"), payload("night2")]
    threads = [threading.Thread(target=send, args=(night, database, tmp_path)) for night in nights]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    send(payload("night3"), database, tmp_path)
    assert sorted(run.data.tags["dq.run_key"] for run in runs()) == ["night1", "night2", "night3"]
    assert Outbox(tmp_path / "outbox").names() == []


def test_a_damaged_payload_is_told_and_kept_while_the_others_are_sent(payload, database, runs, tmp_path):
    damaged = tmp_path / "outbox" / "0-damaged"
    damaged.mkdir(parents=True)
    (damaged / "payload.json").write_text('{"dataset": ')
    told = send(payload(), database, tmp_path)
    assert told.run_id is not None
    assert "0-damaged in the outbox cannot be read" in told.problem
    assert len(runs()) == 1
    assert Outbox(tmp_path / "outbox").names() == ["0-damaged"]


class Silent(http.server.BaseHTTPRequestHandler):
    """Answers as the server says: 503 at once, or never, or only its health page."""

    def do_GET(self):
        if self.server.mode == "503":
            self.send_error(503)
        elif self.server.mode == "health only" and self.path == "/health":
            self.send_response(200)
            self.end_headers()
        else:
            self.server.stop.wait(60)

    do_POST = do_GET  # noqa: N815 - the base class names it

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def answering(mode):
    with http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Silent) as server:
        server.mode, server.stop, server.daemon_threads = mode, threading.Event(), True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://ana:s3cret@127.0.0.1:{server.server_port}"
        finally:
            server.stop.set()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("mode", "seconds", "said"),
    [
        ("503", 8, "answered 503"),
        ("hangs", 12, "does not answer in time"),
        ("health only", 40, "MlflowException"),
    ],
)
def test_a_server_that_fails_costs_seconds_and_the_payload_waits(payload, tmp_path, mode, seconds, said):
    with answering(mode) as url:
        start = time.monotonic()
        told = send(payload(), url, tmp_path)
    assert time.monotonic() - start < seconds
    assert said in told.problem
    assert told.waiting == 1
    assert "s3cret" not in told.sentence
    assert "ana" not in told.problem


def test_the_deadline_ends_a_sender_that_hangs(payload, tmp_path):
    with answering("health only") as url:
        start = time.monotonic()
        told = send(payload(), url, tmp_path, deadline=1)
    assert time.monotonic() - start < 6
    assert told.problem.endswith("did not take it all within 1 seconds")
    assert (told.waiting, told.run_id) == (1, None)
    assert "s3cret" not in told.sentence


def test_a_slow_server_that_takes_one_run_after_the_other_is_left_in_peace(tmp_path, monkeypatch):
    slow = tmp_path / "slow"
    taken = 'for n in 1 2 3 4; do sleep 1; echo \'{"name": "a", "run_id": "b"}\'; done'
    slow.write_text(f"#!/bin/sh\nread request\n{taken}\necho '{{\"done\": true}}'\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    sender = Sender({})
    answers, late = sender.ask({}, deadline=3)
    assert (len(answers), late) == (4, False)
    sender.leave()


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("http://nowhere.invalid:5000", "has an unknown host name"),
        ("postgresql://ana:s3cret@127.0.0.1:9/mlflow", "refuses the connection"),
        ("sqlite:////dev/null/mlflow.db", "FileExistsError"),
        ("./mlruns", "MlflowException"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_without_its_password(payload, tmp_path, uri, said):
    told = send(payload(), uri, tmp_path)
    assert said in told.problem
    assert told.waiting == 1
    assert "s3cret" not in told.sentence


def test_an_outbox_that_cannot_be_written_is_told(payload, tmp_path):
    (tmp_path / "outbox").write_text("a file")
    told = send(payload(), "http://127.0.0.1:9", tmp_path)
    assert "the outbox cannot be written" in told.sentence


def test_hostile_words_stand_in_a_runs_description_as_they_are_and_do_nothing(payload, database, runs):
    from mlflow import MlflowClient

    bad = "<img src=x onerror=alert(1)> [a](javascript:b) *c* `d` &lt; \\e"
    verdicts = (
        {"check": "balance_cells", "verdict": "block", "sentence": bad, "waiver": {"owner": bad, "reason": "x" * 10_000, "expires": "2999-12-31"}},
    )  # fmt: skip
    deliver(replace(payload(), verdicts=verdicts), MlflowClient(database), database, "pets")
    (run,) = runs()
    note = run.data.tags["mlflow.note.content"]
    assert r"\<img src=x onerror=alert(1)> \[a](javascript:b) \*c\* \`d\` \&lt; \\e" in note
    waiver = run.data.tags["dq.waiver.balance_cells"]
    assert waiver.startswith(bad)
    assert len(waiver) <= 5_000
