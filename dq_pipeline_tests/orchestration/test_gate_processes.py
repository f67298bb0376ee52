"""Runs in processes of their own: killed, at the same time, executed again, and what the command line tells."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import dagster as dg
import pytest

from dq_pipeline_tests.orchestration import gate_location

MODULE = "dq_pipeline_tests.orchestration.gate_location"


POSTGRES_TOO = pytest.mark.parametrize("home", ["sqlite", "postgres"], indirect=True)
"""What depends on when one process sees what another has written."""


@pytest.fixture
def home(request, tmp_path, monkeypatch):
    """A world's folder, which is DAGSTER_HOME too."""
    settings = "telemetry: {enabled: false}\n"
    if getattr(request, "param", "sqlite") == "postgres":
        address = request.getfixturevalue("postgres_address").replace("postgresql:", "postgresql+psycopg2:")
        settings += f'storage: {{postgres: {{postgres_url: "{address}"}}}}\n'
    (tmp_path / "dagster.yaml").write_text(settings)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("GATE_WORLD", str(tmp_path))
    (tmp_path / "data").write_text("good")
    with dg.DagsterInstance.get():  # two processes must not both create the database
        return tmp_path


def start(*assets, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", MODULE, *assets],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )


def run(*assets):
    """Whether a run of these assets succeeded."""
    return start(*assets).wait(timeout=90) == 0


def hanging(home, name, *assets, **environment):
    """A run of these assets that has come to one op and waits there."""
    (home / "hanging").unlink(missing_ok=True)
    (home / "hang").write_text(name)
    process = start(*assets, **environment)
    for _ in range(600):
        if (home / "hanging").exists():
            return process
        assert process.poll() is None, "it ended before it came to hang"
        time.sleep(0.1)
    process.kill()
    raise AssertionError("it never came to hang")


def killed_while_hanging(home, name, *assets):
    process = hanging(home, name, *assets)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(timeout=30) == -signal.SIGKILL
    (home / "hang").write_text("")


def states():
    """What would close the gate now."""
    _, out, _ = gate("--json")
    return [reason["state"] for reason in json.loads(out)["reasons"]]


def materialized(name):
    with dg.DagsterInstance.get() as instance:
        return len(instance.fetch_materializations(dg.AssetKey(name), limit=100).records)


def gate(*options):
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            "from dq_pipeline.cli import main; main()",
            "gate",
            "model",
            "-m",
            MODULE,
            *options,
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


@POSTGRES_TOO
def test_a_run_killed_between_the_materialization_and_its_check_keeps_it_closed(home):
    (home / "data").write_text("bad")
    killed_while_hanging(home, "agreement", "images", "model")
    assert materialized("images") == 1
    assert not run("model")
    assert materialized("model") == 0
    assert not (home / "built").exists()
    assert states() == ["planned"]


@POSTGRES_TOO
def test_a_run_killed_in_the_gated_step_builds_nothing_and_blocks_nothing_good(home):
    killed_while_hanging(home, "model", "images", "model")
    assert materialized("model") == 0
    status, out, _ = gate()
    assert status == 0, out
    assert run("model")
    assert materialized("model") == 1


def test_an_input_that_another_run_is_rebuilding_keeps_it_closed(home):
    assert run("images")
    other = hanging(home, "images", "images", GATE_DATA="bad")
    try:
        assert not run("model")
        assert states() == ["being rebuilt"]
    finally:
        (home / "hang").write_text("")
        assert other.wait(timeout=90) == 1, "the bad images fail their check"
    assert states() == ["failed"]
    assert materialized("model") == 0


def test_an_input_replaced_while_the_asset_is_built_is_not_stored(home):
    assert run("images")
    builder = hanging(home, "model", "model")
    assert start("images", GATE_DATA="bad").wait(timeout=90) == 1
    (home / "hang").write_text("")
    assert builder.wait(timeout=90) == 1
    assert (home / "built").read_text() == "good\n", "it was computed from the good images"
    assert materialized("model") == 0, "and not stored"


@POSTGRES_TOO
def test_two_runs_at_once_one_good_and_one_bad_never_build_on_the_bad_one(home):
    runs = [start("images", "model", GATE_DATA=data) for data in ("good", "bad")]
    for one in runs:
        one.wait(timeout=90)
    built = (home / "built").read_text().split() if (home / "built").exists() else []
    assert "bad" not in built
    assert materialized("images") == 2
    with dg.DagsterInstance.get() as instance:
        answers = instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey("images"), "agreement"), limit=10
        )
        passed = {
            one.evaluation.target_materialization_data.storage_id
            for one in answers
            if one.status.value == "SUCCEEDED"
        }
        for record in instance.fetch_materializations(dg.AssetKey("model"), limit=10).records:
            tags = record.event_log_entry.asset_materialization.tags
            assert int(tags["dagster/input_event_pointer/images"]) in passed


def test_re_execution_from_failure_is_not_built(home):
    (home / "data").write_text("bad")
    with dg.DagsterInstance.get() as instance:
        job = dg.reconstructable(gate_location.chain_job)
        with dg.execute_job(job, instance=instance) as failed:
            assert not failed.success
        again = dg.ReexecutionOptions(parent_run_id=failed.run_id, step_selection=["model"])
        with dg.execute_job(job, instance=instance, reexecution_options=again) as ended:
            assert not ended.success
    assert materialized("model") == 0
    assert not (home / "built").exists()


def test_the_command_line_tells_waives_and_opens(home):
    (home / "data").write_text("bad")
    assert not run("images")
    status, out, _ = gate()
    assert status == 1
    assert "Check agreement of images" in out
    assert "-> Mend images" in out
    waived = subprocess.run(
        [
            sys.executable,
            "-c",
            "from dq_pipeline.cli import main; main()",
            *("waive", "images:agreement", "--owner", "ana", "--reason", "known", "--expires", "2999-01-01"),
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    assert "waived until 2999-01-01" in waived.stdout
    status, out, _ = gate()
    assert status == 0
    assert "waived: images:agreement until 2999-01-01 by ana: known" in out


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("gate", "plain", "-m", MODULE), "plain, which has no gate"),
        (("gate", "model"), "neither -m, -f or -w"),
        (("gate", "model", "-m", "no_such_module"), "definitions in no_such_module"),
        (("waive", "images", "--owner", "a", "--reason", "b", "--expires", "2999-01-01"), "'images'"),
        (("waive", "images:c", "--owner", "a", "--reason", "b", "--expires", "soon"), "--expires 'soon'"),
    ],
)
def test_what_the_command_line_cannot_use_is_one_clear_error(home, options, found):
    assert home.exists()
    ended = subprocess.run(
        [sys.executable, "-c", "from dq_pipeline.cli import main; main()", *options],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        cwd=home if "-m" not in options else None,  # a folder without a workspace.yaml
    )
    assert ended.returncode == 2, ended.stderr
    assert found in ended.stderr
    assert "Traceback" not in ended.stderr
