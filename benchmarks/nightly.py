"""What a night costs: the nightly Dagster job, over a job of as many empty steps and one import of Great Expectations.

    python benchmarks/nightly.py --rows 10000
    python benchmarks/nightly.py --profile 40

Each contender is a process of its own, in turn, on an instance of its own (SQLite, in process, no MLflow); told is the least
of several in CPU and wall seconds, from start to end of the process. `empty` has as many steps with nothing in them; `checks`
has the job's assets and checks too, each answered at once. `--profile` lists the functions of ours that take longest instead.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import logging
import os
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CONTENDERS = ("empty", "checks", "nightly")
PER_ITEM = 3
"""Annotations of an item of the demo."""
STEPS = "steps.json"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def write(folder: Path, rows: int) -> None:
    """The demo's tables with so many annotations, clean; its spec without MLflow; and what the job's steps make."""
    from dq_pipeline.demo import make

    spec = make(folder, items=rows // PER_ITEM)
    lines = spec.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("mlflow:")]
    spec.write_text("\n".join([*kept, "mlflow: false", ""]), encoding="utf-8")
    from dq_pipeline import build_training_data_quality

    built = build_training_data_quality(spec)
    steps = [
        {
            "assets": sorted(key.to_user_string() for key in getattr(one, "keys", ())),
            "checks": sorted([check.asset_key.to_user_string(), check.name] for check in one.check_keys),
        }
        for one in (*(built.assets or ()), *(built.asset_checks or ()))
        if hasattr(one, "check_keys")
    ]
    (folder / STEPS).write_text(json.dumps(steps), encoding="utf-8")


def nightly(folder: Path) -> Any:
    """The nightly job of the spec in the folder."""
    from dq_pipeline import build_training_data_quality
    from dq_pipeline.demo import DATASET

    return build_training_data_quality(folder / "spec.yaml").resolve_job_def(f"{DATASET}_nightly")


def bare(folder: Path, *, answering: bool) -> Any:
    """A job of as many steps in one process; the first imports Great Expectations.

    Args:
        folder: Where `write` told the steps.
        answering: Whether they have the assets and checks of the nightly job's, or one asset each.
    """
    import dagster as dg

    steps = json.loads((folder / STEPS).read_text(encoding="utf-8"))
    if not answering:
        steps = [{"assets": [f"asset_{place}"], "checks": []} for place in range(len(steps))]
    made = [_step(dg, place, **step) for place, step in enumerate(steps)]
    job = dg.define_asset_job(
        "bare",
        dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
        executor_def=dg.in_process_executor,
    )
    checks = [one for one in made if isinstance(one, dg.AssetChecksDefinition)]
    assets = [one for one in made if not isinstance(one, dg.AssetChecksDefinition)]
    return dg.Definitions(assets=assets, asset_checks=checks, jobs=[job]).resolve_job_def("bare")


def _step(dg: Any, place: int, assets: list[str], checks: list[list[str]]) -> Any:
    """One step that only says that it made its assets and that its checks passed."""

    def body(_context):  # noqa: ANN001, ANN202 - Dagster would read text annotations
        if place == 0:
            import great_expectations  # noqa: F401 - what every audit imports
        for asset in assets:
            yield dg.MaterializeResult(dg.AssetKey.from_user_string(asset))
        for asset, name in checks:
            key = dg.AssetKey.from_user_string(asset)
            yield dg.AssetCheckResult(asset_key=key, check_name=name, passed=True)

    specs = [dg.AssetCheckSpec(name, asset=dg.AssetKey.from_user_string(asset)) for asset, name in checks]
    if not assets:
        return dg.multi_asset_check(name=f"step_{place}", specs=specs)(body)
    outs = [dg.AssetSpec(dg.AssetKey.from_user_string(asset)) for asset in assets]
    return dg.multi_asset(name=f"step_{place}", specs=outs, check_specs=specs)(body)


def run(contender: str, folder: Path, home: Path) -> None:
    """One night in this process."""
    import dagster as dg

    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    overrides = {"telemetry": {"enabled": False}}
    with dg.DagsterInstance.local_temp(str(home), overrides=overrides) as instance:
        job = nightly(folder) if contender == "nightly" else bare(folder, answering=contender == "checks")
        assert job.execute_in_process(instance=instance, run_config=QUIET).success


def profile(folder: Path, home: Path, most: int) -> None:
    """Where the nightly job's time goes, by what takes longest with all it calls."""
    watched = cProfile.Profile()
    watched.runcall(run, "nightly", folder, home)
    pstats.Stats(watched).sort_stats("cumulative").print_stats(
        "dq_pipeline|<frozen importlib|great_exp", most
    )


def spent(command: list[str]) -> tuple[float, float]:
    """CPU and wall seconds of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return used.ru_utime + used.ru_stime, time.perf_counter() - start


def main() -> None:
    """Write the tables, run the contenders in turn, print a line of JSON each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000, help="annotations")
    parser.add_argument("--times", type=int, default=3, help="processes of each contender")
    parser.add_argument("--profile", type=int, metavar="LINES")
    parser.add_argument("--run", nargs=3, metavar=("CONTENDER", "FOLDER", "HOME"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        run(chosen.run[0], Path(chosen.run[1]), Path(chosen.run[2]))
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "data"
        folder.mkdir()
        write(folder, chosen.rows)
        if chosen.profile:
            profile(folder, Path(place), chosen.profile)
            return
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTENDERS}
        for number in range(chosen.times):
            for name in CONTENDERS:
                home = Path(place) / f"{name}{number}"
                home.mkdir()
                found[name].append(spent([sys.executable, __file__, "--run", name, str(folder), str(home)]))
    least = {name: [min(column) for column in zip(*runs, strict=True)] for name, runs in found.items()}
    for name, (cpu, wall) in least.items():
        ratio = round(cpu / least["empty"][0], 2)
        told = {"contender": name, "rows": chosen.rows, "cpu": round(cpu, 2), "wall": round(wall, 2)}
        print(json.dumps({**told, "ratio": ratio, "wall_ratio": round(wall / least["empty"][1], 2)}))


if __name__ == "__main__":
    main()
