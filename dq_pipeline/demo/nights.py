"""Two nights of the demo in a real Dagster instance: a clean delivery, then one with every defect planted."""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from dq_pipeline.demo.data import DATASET, DEFECTS, make
from dq_pipeline.demo.location import definitions

SETTINGS = """\
telemetry: {enabled: false}
nux: {enabled: false}
run_retries: {enabled: true, max_retries: 1, retry_on_asset_or_op_failure: false}
"""
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Night:
    """What one night came to.

    Attributes:
        title: What was delivered.
        planted: The defects in it.
        run_id: Dagster's run.
        built: The assets that were built.
        held_back: The assets that were not.
        checks: Each verdict, as verdicts.json has it.
        rows: Rows of the training set, None when it was held back.
        accuracy: The model's accuracy on the test side, None when it was held back.
    """

    title: str
    planted: tuple[str, ...]
    run_id: str
    built: tuple[str, ...]
    held_back: tuple[str, ...]
    checks: tuple[dict[str, Any], ...]
    rows: int | None
    accuracy: float | None


@contextmanager
def instance_at(home: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance that stays, with its settings in the folder, so that the UI opens on what it recorded."""
    home.mkdir(parents=True, exist_ok=True)
    settings = home / "dagster.yaml"
    if not settings.exists():
        settings.write_text(SETTINGS, encoding="utf-8")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def nights(instance: dg.DagsterInstance, folder: Path) -> Iterator[Night]:
    """Run the nightly job on a clean delivery, then on a spoilt one."""
    yield night(instance, folder, "a clean delivery", ())
    yield night(instance, folder, "a delivery with a defect of each kind", tuple(DEFECTS))


def night(instance: dg.DagsterInstance, folder: Path, title: str, planted: Collection[str]) -> Night:
    """Deliver the tables and run the schedule's job on them."""
    make(folder, defects=planted)
    located = definitions(folder)
    job = located.resolve_job_def(f"{DATASET}_nightly")
    result = job.execute_in_process(instance=instance, raise_on_error=False, run_config=QUIET)
    made = {
        event.asset_key.path[-1]: event.step_materialization_data.materialization.metadata
        for event in result.all_events
        if event.event_type_value == "ASSET_MATERIALIZATION" and event.asset_key is not None
    }
    wanted = [key.path[-1] for key in sorted(located.resolve_asset_graph().materializable_asset_keys)]
    told = json.loads(
        (folder / DATASET / "runs" / result.run_id / "verdicts.json").read_text(encoding="utf-8")
    )
    return Night(
        title,
        tuple(planted),
        result.run_id,
        tuple(name for name in wanted if name in made),
        tuple(name for name in wanted if name not in made),
        tuple(told["checks"]),
        _number(made, "training_set", "dagster/row_count"),
        _number(made, "model", "accuracy"),
    )


def _number(made: dict[str, Any], asset: str, name: str) -> Any:
    return made[asset][name].value if asset in made else None
