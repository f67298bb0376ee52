"""The scenarios through `dagster dev`: its daemon, a cron that ticks, automation, a backfill, the UI's own requests."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import dagster as dg
import pytest

from dq_pipeline.orchestration.waivers import CheckWaiver, waive
from dq_pipeline_tests.orchestration import gate_daemon_location as location

HERE = "dq_pipeline_tests.orchestration"
PATIENCE = 240
"""Seconds that a machine with other work may take for what takes seconds."""


def materialize(instance, names, *assets, checks=True):
    """One run of the same assets of several worlds."""
    worlds = [location.WORLDS[name] for name in names]
    keys = [world.key(asset) for world in worlds for asset in assets]
    selection = dg.AssetSelection.assets(*keys)
    if not checks:
        selection = selection.without_checks()
    dg.materialize(
        [one for world in worlds for one in world.assets],
        selection=selection,
        instance=instance,
        raise_on_error=False,
    )


def arrived(instance, names):
    """One run of the checks on the external assets of several worlds."""
    worlds = [location.WORLDS[name] for name in names]
    keys = [dg.AssetCheckKey(world.key("raw"), "arrived") for world in worlds]
    dg.materialize(
        [one for world in worlds for one in world.assets],
        selection=dg.AssetSelection.checks(*keys),
        instance=instance,
        raise_on_error=False,
    )


def prepare(instance):
    """Bring every world to where its scenario starts; nothing gated has been built yet."""
    names = [name for name in location.WORLDS if not name.startswith("night")]
    arrived(instance, [name for name in names if name != "never"])
    materialize(instance, [name for name in names if name != "unchecked"], "images")
    materialize(instance, ["unchecked", "stale"], "images", checks=False)
    materialize(instance, names, "items")
    # Mended after the fact; and waived, then replaced by another bad version.
    location.WORLDS["mended"].data = "good"
    materialize(instance, ["mended"], "images")
    check = dg.AssetCheckKey(location.WORLDS["other_version"].key("images"), "agreement")
    today = location.date(2026, 1, 1)
    waive(instance, check, CheckWaiver("ana", "known", location.date(2999, 1, 1)), today=today)
    materialize(instance, ["other_version"], "images")
    materialize(instance, ["other_version"], "items")
    for day in location.DAYS.get_partition_keys():
        dg.materialize(
            [location.images, location.agreement], partition_key=day, instance=instance, raise_on_error=False
        )


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """`dagster dev` on two code locations, everything prepared before it starts; yields instance and GraphQL."""
    # On a busy machine a run may outlast its minute: the next one then waits and does not rebuild what it reads.
    (tmp_path / "dagster.yaml").write_text(
        "telemetry: {enabled: false}\n"
        "concurrency: {runs: {tag_concurrency_limits: [{key: dagster/schedule_name, limit: 1}]}}\n"
    )
    (tmp_path / "workspace.yaml").write_text(
        f"load_from:\n  - python_module: {HERE}.gate_daemon_location\n  - python_module: {HERE}.gate_far_location\n"
    )
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with dg.DagsterInstance.get() as instance:
        prepare(instance)
        with (tmp_path / "dev.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml", "-p", str(port)],
                cwd=tmp_path,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )
        try:
            yield instance, lambda query, **variables: ask(port, query, variables)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def ask(port, query, variables):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        data=json.dumps({"query": query, "variables": variables}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own server
        return json.loads(answer.read())["data"]


def until(ready, what):
    """Wait until something is there, and return it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if found := ready():
                return found
        except (OSError, KeyError, TypeError):
            pass
        time.sleep(0.5)
    raise AssertionError(f"never: {what}")


LOADED = "{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus } } } }"
MATERIALIZE = """mutation($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  } }"""
AGAIN = """mutation($params: ReexecutionParams!) {
  launchPipelineReexecution(reexecutionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  } }"""
BACKFILL = """mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message }
  } }"""


def by_hand(graphql, module, *path):
    """What the UI's button sends."""
    selector = {
        "repositoryLocationName": f"{HERE}.{module}",
        "repositoryName": "__repository__",
        "pipelineName": "__ASSET_JOB",
        "assetSelection": [{"path": list(path)}],
    }
    answer = graphql(MATERIALIZE, params={"selector": selector, "runConfigData": {}, "mode": "default"})
    return answer["launchPipelineExecution"]["run"]["runId"]


def test_nothing_is_built_on_what_did_not_pass_however_dagster_starts_it(dev):
    instance, graphql = dev

    def loaded():
        entries = graphql(LOADED)["workspaceOrError"]["locationEntries"]
        return len(entries) == 2 and all(entry["loadStatus"] == "LOADED" for entry in entries)

    def ended(run_id):
        run = instance.get_run_by_id(run_id)
        return run.status.value if run is not None and run.is_finished else None

    def built(world, asset="model"):
        return len(instance.fetch_materializations(dg.AssetKey([world, asset]), limit=9).records)

    def told(world, asset="model"):
        history = instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey([world, asset]), "quality_gate"), limit=9
        )
        return {one.evaluation.passed for one in history if one.status.value != "PLANNED"}

    until(loaded, "both code locations are loaded")
    # By hand, in both locations; again from the failure; and a backfill of a good and a bad day.
    started = [by_hand(graphql, "gate_daemon_location", "later", "model")]
    started.append(by_hand(graphql, "gate_far_location", "far", "model"))
    days = {"assetSelection": [{"path": ["days", "model"]}], "partitionNames": ["2026-01-01", "2026-01-02"]}
    assert graphql(BACKFILL, params=days)["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess"
    assert [until(lambda run=run: ended(run), "a run by hand ends") for run in started] == ["FAILURE"] * 2
    again = graphql(AGAIN, params={"parentRunId": started[0], "strategy": "FROM_FAILURE"})
    again = again["launchPipelineReexecution"]["run"]["runId"]
    # Automation has looked once; now its inputs are new.
    until(lambda: ticks(instance, "automation"), "the automation sensor has ticked")
    materialize(instance, location.AUTOMATIC, "items")
    assert until(lambda: ended(again), "the re-execution ends") == "FAILURE"
    until(lambda: built("auto_good", "automatic"), "automation starts what may be built")
    until(lambda: told("auto_bad", "automatic"), "automation's attempt on bad data is told")
    until(lambda: told("days") == {True, False}, "both days of the backfill are told")
    # The cron has ticked, and its run has ended.
    until(
        lambda: [
            run
            for run in instance.get_runs(dg.RunsFilter(job_name="tick"))
            if run.is_finished and run.tags.get("dagster/schedule_name") == "each_minute"
        ],
        "the schedule's run ends",
    )
    for name in location.OPEN:
        assert built(name) >= 1, name
        assert told(name) == {True}, name
    for name in (*location.CLOSED, "far"):
        assert built(name) == 0, name
    for name in (*location.CLOSED[:-1], "far"):
        assert told(name) == {False}, name
    assert built("auto_bad", "automatic") == 0
    assert told("auto_bad", "automatic") == {False}
    assert {
        one.partition_key
        for one in instance.fetch_materializations(dg.AssetKey(["days", "model"]), limit=9).records
    } == {"2026-01-01"}


def ticks(instance, sensor):
    """Whether a sensor of the daemon has been evaluated."""
    return any(
        tick.is_completed
        for state in instance.all_instigator_state()
        if state.origin.instigator_name == sensor
        for tick in instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1)
    )
