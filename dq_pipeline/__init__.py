"""Audit training data before you retrain: Dagster assets, checks and a gate, or one command in a terminal."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dq_pipeline.orchestration.alerts import build_check_alerts
    from dq_pipeline.orchestration.alerts_component import CheckAlerts
    from dq_pipeline.orchestration.build import build_training_data_quality
    from dq_pipeline.orchestration.component import TrainingDataQuality
    from dq_pipeline.orchestration.expectation_checks import build_expectation_checks
    from dq_pipeline.orchestration.gate_assets import gate_assets
    from dq_pipeline.orchestration.gated import gated
    from dq_pipeline.orchestration.gated_folder import GatedFolder
    from dq_pipeline.orchestration.model_run import log_training_data
    from dq_pipeline.orchestration.pass_gate import passed_partitions
    from dq_pipeline.orchestration.schema_checks import build_schema_checks

__all__ = [
    "CheckAlerts",
    "GatedFolder",
    "TrainingDataQuality",
    "build_check_alerts",
    "build_expectation_checks",
    "build_schema_checks",
    "build_training_data_quality",
    "gate_assets",
    "gated",
    "log_training_data",
    "passed_partitions",
]

_HOME = {
    "CheckAlerts": "dq_pipeline.orchestration.alerts_component",
    "GatedFolder": "dq_pipeline.orchestration.gated_folder",
    "TrainingDataQuality": "dq_pipeline.orchestration.component",
    "build_check_alerts": "dq_pipeline.orchestration.alerts",
    "build_expectation_checks": "dq_pipeline.orchestration.expectation_checks",
    "build_schema_checks": "dq_pipeline.orchestration.schema_checks",
    "build_training_data_quality": "dq_pipeline.orchestration.build",
    "gate_assets": "dq_pipeline.orchestration.gate_assets",
    "gated": "dq_pipeline.orchestration.gated",
    "log_training_data": "dq_pipeline.orchestration.model_run",
    "passed_partitions": "dq_pipeline.orchestration.pass_gate",
}
"""Where each public name lives: it is imported when it is first asked for, so that `import dq_pipeline` stays light."""


def __getattr__(name: str) -> Any:
    """Import a public name from its home."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """Names of the module and those that are imported when asked for: Dagster finds the component among them."""
    return sorted({*globals(), *__all__})
