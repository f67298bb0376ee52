"""How far an audit is: on a terminal's error stream only, with a rate and the time left where the engine can tell."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import threading

import ibis
import pytest

from dq_pipeline.cli.progress import Pace, Progress
from dq_pipeline_tests.malformed import SPEC, votes


def test_a_query_that_runs_tells_its_share_its_rate_and_the_time_left():
    pace = Pace()
    assert pace.words(0.0, 100.0, 4_000_000) == ""
    assert pace.words(25.0, 102.0, 4_000_000) == "25 % of this query, about 500 thousand rows/s, 6 s left"
    assert pace.words(50.0, 104.0, 0) == "50 % of this query, 4 s left"
    assert pace.words(100.0, 108.0, 4_000_000) == ""


def test_the_next_query_starts_its_own_clock():
    pace = Pace()
    pace.words(10.0, 0.0, 0)
    pace.words(90.0, 90.0, 0)
    assert pace.words(5.0, 100.0, 0) == ""
    assert pace.words(50.0, 190.0, 0) == "50 % of this query, 1 min 30 s left"


@pytest.mark.parametrize("percent", [-1.0, 0.0, 0.9, 100.0])
def test_nothing_is_told_where_nothing_is_known(percent):
    pace = Pace(since=0.0, percent=percent)
    assert pace.words(percent, 1000.0, 10) == ""


def test_the_engine_is_asked_while_it_works_and_never_after_it_is_closed(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    connection = ibis.duckdb.connect()
    with Progress() as progress:
        progress.connected(connection)
        progress.stage("counts")
        progress.counted({"items": 3, "annotations": 9})
        connection.raw_sql("SELECT count(*) FROM range(1000)")
        assert -1.0 <= progress._percent() <= 100.0  # noqa: SLF001 - what the terminal's thread calls
        connection.disconnect()
        assert progress._percent() == -1.0  # noqa: SLF001
        assert "counts" in str(progress.__rich__().text)


def test_without_a_terminal_nothing_is_asked_or_shown(capsys):
    with Progress() as progress:
        progress.connected(ibis.duckdb.connect())
        progress.stage("counts")
        assert progress._connection is None  # noqa: SLF001
    assert capsys.readouterr().err == ""


def _read(terminal):
    """What a terminal got, until its last writer has gone."""
    try:
        while got := os.read(terminal, 1 << 16):
            yield got
    except OSError:
        pass
    os.close(terminal)


def test_json_on_stdout_stays_json_while_the_terminal_shows_progress(tmp_path):
    """In a real pseudo-terminal, by the real command."""
    (tmp_path / "spec.yaml").write_text(SPEC + "mlflow: false\n")
    (tmp_path / "annotations.csv").write_text(votes(lambda _item, _who, label: f"{label}\u202eé"))
    terminal, end = pty.openpty()
    shown = []
    reader = threading.Thread(target=lambda: shown.extend(_read(terminal)))
    reader.start()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(
        [sys.executable, "-c", "from dq_pipeline.cli import main; main()", "audit", "spec.yaml", "--format", "json"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=end, env=environment, timeout=240, check=False,
    )  # fmt: skip
    os.close(end)
    reader.join()
    told = json.loads(ended.stdout)
    assert told["dataset"] == "pets"
    assert b"\x1b" not in ended.stdout
    assert re.search("contracts|counts|suite|report", b"".join(shown).decode(errors="replace"))
    assert (tmp_path / "dq_audit" / "pets" / "report.html").is_file()
