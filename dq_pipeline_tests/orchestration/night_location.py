"""A nightly job of several processes, in which one table's step ends after the other's, or the other's is killed."""

import functools
import json
import os
import signal
import time
from pathlib import Path

from dq_pipeline import build_training_data_quality
from dq_pipeline.orchestration import table_checks
from dq_pipeline.orchestration.run_outputs import RunOutputs

SPEC = "night.json"


def nightly(folder, late, killed):
    """The job of the dataset in a folder; the tables whose steps end late, and are killed."""
    spec = json.loads((Path(folder) / SPEC).read_text())
    answers = getattr(table_checks.answers, "__wrapped__", table_checks.answers)
    table_checks.answers = _in_order(answers, late, killed)
    return build_training_data_quality(spec, base=folder).resolve_job_def(f"{spec['dataset']}_nightly")


def _in_order(answers, late, killed):
    """What a step answers, once it is its turn."""

    @functools.wraps(answers)
    def waiting(context, dataset, asset, *given):
        if asset == killed:
            os.kill(os.getpid(), signal.SIGKILL)
        outputs = RunOutputs(dataset.output, context.run.run_id)
        until = time.monotonic() + 120
        while asset == late and time.monotonic() < until:
            other = {"items": "annotations", "annotations": "items"}[asset]
            stands = {
                one.step_key: one.status.value
                for one in context.instance.get_run_step_stats(context.run.run_id)
            }
            if other in outputs.ended or stands.get(dataset.step(other)) == "FAILURE":
                break
            time.sleep(0.2)
        return (yield from answers(context, dataset, asset, *given))

    return waiting


def failing_once(folder):
    """The job of the dataset in a folder, on whose annotations the audit fails while a file "fails" lies there."""
    spec = json.loads((Path(folder) / SPEC).read_text())
    audit = getattr(table_checks.audit, "__wrapped__", table_checks.audit)

    @functools.wraps(audit)
    def failing(*given, assets, **options):
        if assets == ("annotations",) and (Path(folder) / "fails").exists():
            raise OSError("No space left on device")
        return audit(*given, assets=assets, **options)

    table_checks.audit = failing
    return build_training_data_quality(spec, base=folder).resolve_job_def(f"{spec['dataset']}_nightly")
