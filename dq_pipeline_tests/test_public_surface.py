"""The public names, by hand, and what importing the package costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import dq_pipeline

HEAVY = (
    "great_expectations",
    "mlflow",
    "pandera",
    "dagster",
    "pandas",
    "polars",
    "ibis",
    "duckdb",
    "scipy",
    "numpy",
    "sqlalchemy",
    "matplotlib",
    "pydantic",
)


@pytest.mark.parametrize(
    "name",
    [
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
    ],
)
def test_a_public_name_is_there(name):
    assert name in dq_pipeline.__all__
    assert callable(getattr(dq_pipeline, name))


def test_every_public_name_can_be_had_and_is_found():
    assert set(dq_pipeline.__all__) <= set(dir(dq_pipeline))
    assert all(getattr(dq_pipeline, name) for name in dq_pipeline.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'gone'"):
        _ = dq_pipeline.gone


def loaded_by(statement):
    """The heavy libraries that a statement imports, in a process of its own."""
    code = f"{statement}; import sys; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return set(ended.stdout.split())


def test_importing_the_package_imports_nothing_heavy():
    assert loaded_by("import dq_pipeline") == set()


def test_whoever_asks_for_every_public_name_as_dg_does_imports_nothing_heavy_but_dagster():
    asked = "import dq_pipeline; [getattr(dq_pipeline, name) for name in dir(dq_pipeline)]"
    assert loaded_by(asked) == {"dagster", "pydantic"}


def test_the_audit_needs_no_dagster_and_tracking_no_mlflow():
    assert not loaded_by("import dq_pipeline.audit.run") & {
        "dagster",
        "mlflow",
        "great_expectations",
        "pandera",
    }
    assert loaded_by("import dq_pipeline.tracking") <= {"pydantic"}
    assert not loaded_by("import dq_pipeline.cli") & {
        "dagster",
        "mlflow",
        "great_expectations",
        "pandera",
        "pandas",
    }


def test_the_checks_for_dagster_wait_with_great_expectations_and_pandera():
    assert not loaded_by("from dq_pipeline import build_expectation_checks, build_schema_checks") & {
        "great_expectations",
        "pandera",
        "mlflow",
    }
