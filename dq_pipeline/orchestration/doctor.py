"""What keeps gates from closing or from ever opening: found in definitions and settings, before a night finds it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from dq_pipeline.orchestration.check_rows import recorded_checks
from dq_pipeline.orchestration.decision import GATE
from dq_pipeline.orchestration.required import gates, location_of, unmet, wanted
from dq_pipeline.reference import family_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

    from dq_pipeline.orchestration.code_locations import CodeLocation
    from dq_pipeline.orchestration.required import Gate

RETRY = "dagster/retry_on_asset_or_op_failure"
"""The tag of a job that Dagster reads before the instance's own setting."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        where: The code location, or "instance".
        what: What is wrong, in a sentence.
        fix: What to do.
    """

    where: str
    what: str
    fix: str


def findings(locations: Sequence[CodeLocation], instance: dg.DagsterInstance | None) -> list[Finding]:
    """Everything that is wrong.

    Args:
        locations: The code locations; checks of one count for the gates of another.
        instance: The instance; without one, its settings and records are not looked at.
    """
    found = [
        Finding(
            one.name, f"was not looked at: {one.why_not}.", f"Run dq-pipeline doctor there for {one.name}."
        )
        for one in locations
        if one.repository is None
    ]
    loaded = [one for one in locations if one.repository is not None]
    checks = [
        one.graph.get_check_spec(key)
        for one in loaded
        for key in sorted(one.graph.asset_check_keys)
        if key.name != GATE
    ]
    for one in loaded:
        for gate in gates(one.graph):
            found += _of_gate(one, gate, checks, instance)
        found += _of_jobs(one)
        found += _without_partitions(one)
    found += _nothing_of_ours(locations, loaded)
    if instance is not None:
        found += _nobody_runs(loaded, checks, instance)
        found += _of_instance(loaded, instance)
    return found + _telemetry(instance)


def _nothing_of_ours(locations: Sequence[CodeLocation], loaded: Sequence[CodeLocation]) -> list[Finding]:
    """That nothing was looked at, where no location could be loaded or none of them holds a dataset, a check or a gate."""
    if any(gates(one.graph) or any(map(_is_ours, one.graph.asset_check_keys)) for one in loaded):
        return []
    where = ", ".join(one.name for one in loaded or locations)
    if not loaded:
        what = "Nothing was looked at: no code location could be loaded."
        fix = "Name one that can be: -m my_project.definitions, -f or -w."
    else:
        what = "Nothing was looked at: there is no dataset, check or gate of dq_pipeline."
        fix = "Name the location that has them (-m, -f or -w), or dg scaffold defs dq_pipeline.TrainingDataQuality my_dataset."
    return [Finding(where or "code locations", what, fix)]


def _is_ours(check: dg.AssetCheckKey) -> bool:
    return family_of(check.name) is not None or words_of(check.name) is not None


def _ancestors(graph: AssetGraph, asset: dg.AssetKey) -> set[dg.AssetKey]:
    return set(graph.get_ancestor_asset_keys(asset)) - {asset} if graph.has(asset) else set()


def _asked(graph: AssetGraph, gate: Gate) -> set[dg.AssetKey]:
    """The assets whose checks a gate asks for, as far as the code location knows."""
    also = {key for other in gate.also for key in {other} | _ancestors(graph, other)}
    return _ancestors(graph, gate.asset) | also


def _of_gate(
    location: CodeLocation,
    gate: Gate,
    checks: Sequence[dg.AssetCheckSpec],
    instance: dg.DagsterInstance | None,
) -> list[Finding]:
    """A gate that nothing checks, one that requires what nobody has, and assets that nobody knows."""
    graph, name = location.graph, gate.asset.to_user_string()
    asked = _asked(graph, gate)
    elsewhere = recorded_checks(instance, asked) if instance is not None else set()
    known = {spec.key for spec in checks}
    here = [spec for spec in checks if spec.asset_key in asked]
    here += [
        dg.AssetCheckSpec(key.name, asset=key.asset_key, blocking=True)
        for key in sorted(elsewhere)
        if key not in known and key.name != GATE
    ]
    found = []
    missing = unmet(gate, here)
    if missing:
        names = ", ".join(sorted({spec.key.to_user_string() for spec in here})) or "none"
        found.append(
            Finding(
                location.name,
                f"The gate of {name} requires {', '.join(missing)}, which no check of its ancestors is: it never opens.",
                f"Correct require; the checks are: {names}.",
            )
        )
    elif not any(wanted(gate, spec) for spec in here):
        found.append(
            Finding(
                location.name,
                f"{name} is gated and nothing checks what it is made from: its gate never opens.",
                f"Add a blocking check to one of: {', '.join(sorted(key.to_user_string() for key in asked)) or 'its deps'}.",
            )
        )
    seen = {
        key for key in gate.also if graph.has(key) or (instance is not None and instance.has_asset_key(key))
    }
    found += [
        Finding(
            location.name,
            f"The gate of {name} also asks for {key.to_user_string()}, which this location does not know and nobody "
            "ever materialized.",
            "Correct the key in also, parts joined by '/'.",
        )
        for key in sorted(set(gate.also) - seen)
        if instance is not None
    ]
    return found


def _of_jobs(location: CodeLocation) -> list[Finding]:
    """Jobs whose selection leaves out the blocking checks of an asset that a gated one is made from."""
    if location.repository is None:
        return []
    graph = location.graph
    jobs = {
        job.name: job for job in location.repository.get_all_jobs() if not job.name.startswith("__ASSET_JOB")
    }
    started = _started_by(location, jobs)
    run_by = {name: set(job.asset_layer.asset_graph.asset_check_keys) for name, job in jobs.items()}
    everywhere = {key for keys in run_by.values() for key in keys}
    found = []
    for gate in gates(graph):
        asked = _asked(graph, gate)
        needed = [
            key
            for key in sorted(graph.asset_check_keys)
            if key.asset_key in asked
            and key.name != GATE
            and wanted(gate, graph.get_check_spec(key))
            and graph.get_check_spec(key).automation_condition is None
        ]
        for name, job in sorted(jobs.items()):
            made = set(job.asset_layer.selected_asset_keys)
            builds = made & (asked | {gate.asset})
            left_out = [
                key
                for key in needed
                if key not in run_by[name]
                and (
                    key.asset_key in made
                    # The checks of what is built elsewhere run where it is built, if anywhere.
                    or (gate.asset in made and key not in everywhere)
                )
            ]
            if builds and left_out:
                assets = ", ".join(sorted({f'"{key.asset_key.to_user_string()}"' for key in left_out}))
                found.append(
                    Finding(
                        location.name,
                        f"{started[name]} leaves out {', '.join(key.to_user_string() for key in left_out)}: the gate of "
                        f"{gate.asset.to_user_string()} stays closed.",
                        f"Add to its selection: | dg.AssetSelection.checks_for_assets({assets}).",
                    )
                )
    return found


def _started_by(location: CodeLocation, jobs: Iterable[str]) -> dict[str, str]:
    """Each job as people know it: by its name, or by the schedule that targets assets without naming a job."""
    schedules: dict[str, list[str]] = {}
    if location.repository is not None:
        for schedule in location.repository.schedule_defs:
            schedules.setdefault(schedule.job_name, []).append(schedule.name)
        for sensor in location.repository.sensor_defs:
            for target in sensor.targets:
                schedules.setdefault(target.job_name, []).append(sensor.name)
    told = {}
    for name in jobs:
        by = f" (started by {', '.join(sorted(schedules[name]))})" if name in schedules else ""
        told[name] = (
            f"What {schedules[name][0]} starts" if name.startswith("__") and by else f"Job {name}{by}"
        )
    return told


def _without_partitions(location: CodeLocation) -> list[Finding]:
    """Checks without partitions on an asset that has them: they answer for the partition that was built last."""
    graph = location.graph
    return [
        Finding(
            location.name,
            f"Check {key.to_user_string()} knows no partitions and its asset has them: it answers for the one built last.",
            f"Give it partitions_def={key.asset_key.path[-1]}.partitions_def.",
        )
        for key in sorted(graph.asset_check_keys)
        if key.name != GATE
        and graph.get_check_spec(key).blocking
        and graph.get_check_spec(key).partitions_def is None
        and graph.has(key.asset_key)
        and graph.get(key.asset_key).partitions_def is not None
    ]


def _nobody_runs(
    loaded: Sequence[CodeLocation], checks: Sequence[dg.AssetCheckSpec], instance: dg.DagsterInstance
) -> list[Finding]:
    """Checks on record that no code location defines: a gate goes on asking for them."""
    known = {spec.key for spec in checks}
    found = []
    for location in loaded:
        for gate in gates(location.graph):
            recorded = recorded_checks(instance, _asked(location.graph, gate))
            for key in sorted(recorded - known):
                history = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
                last = history[0] if history else None
                ours = last is not None and location_of(instance, last.run_id) == location.name
                tells = last is None or (
                    last.evaluation is not None and getattr(last.evaluation, "blocking", None) is False
                )
                if key.name == GATE or ours or tells:
                    continue
                found.append(
                    Finding(
                        location.name,
                        f"Check {key.to_user_string()} is on record and no code location here defines it: the gate of "
                        f"{gate.asset.to_user_string()} goes on asking for it.",
                        f"dq-pipeline retire {key.to_user_string()} --owner ... --reason ..., if nobody runs it any more.",
                    )
                )
    return found


def _of_instance(loaded: Sequence[CodeLocation], instance: dg.DagsterInstance) -> list[Finding]:
    """Settings of the instance that work against gates."""
    found = []
    retries = instance.run_retries_enabled and instance.run_retries_max_retries > 0
    if retries and instance.run_retries_retry_on_asset_or_op_failure:
        jobs = [
            f"{job.name} of {one.name}"
            for one in loaded
            if one.repository is not None
            for job in one.repository.get_all_jobs()
            if not job.name.startswith("__") and job.run_tags.get(RETRY, "true").lower() != "false"
        ]
        told = f" (jobs without the tag: {', '.join(sorted(jobs))})" if jobs else ""
        found.append(
            Finding(
                "instance",
                f"run_retries runs a failed check again, {instance.run_retries_max_retries} times{told}.",
                "dagster.yaml: run_retries: {enabled: true, retry_on_asset_or_op_failure: false}",
            )
        )
    engine = getattr(instance.event_log_storage, "_engine", None)
    if engine is not None and engine.dialect.name == "postgresql" and engine.dialect.driver != "psycopg2":
        found.append(
            Finding(
                "instance",
                f"Postgres is spoken to through {engine.dialect.driver}, with which dagster-postgres cannot store events.",
                "dagster.yaml: postgres_url: postgresql+psycopg2://..., or pip install 'sqlalchemy<2.1'",
            )
        )
    return found


def _telemetry(instance: dg.DagsterInstance | None) -> list[Finding]:
    """Libraries that call home."""
    found = []
    if instance is not None and instance.telemetry_enabled:
        found.append(
            Finding("instance", "Dagster's telemetry is on.", "dagster.yaml: telemetry: {enabled: false}")
        )
    off = {os.environ.get(name, "").lower() for name in ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK")}
    if not off & {"true", "1"}:
        found.append(
            Finding("environment", "MLflow's telemetry is on.", "export MLFLOW_DISABLE_TELEMETRY=true")
        )
    return found
