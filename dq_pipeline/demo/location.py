"""The demo as a Dagster code location: its dataset, and a model behind the training set."""

import os
from pathlib import Path

import dagster as dg

from dq_pipeline.demo.data import DATASET, make
from dq_pipeline.demo.model import model_asset
from dq_pipeline.orchestration.build import build_training_data_quality

FOLDER = "DQ_DEMO"
"""The environment variable that names the demo's folder; `.dq_pipeline/demo` in the current one without it."""
TRACKED = "mlflow.db"
"""MLflow's database in the demo's folder."""


def demo_folder() -> Path:
    """Where the demo's tables lie."""
    return Path(os.environ.get(FOLDER, str(Path(".dq_pipeline") / "demo"))).resolve()


def definitions(folder: Path) -> dg.Definitions:
    """The demo's definitions; its tables are made, clean, where there are none yet."""
    spec = folder / "spec.yaml"
    if not spec.is_file():
        make(folder)
    output = folder / DATASET
    data = build_training_data_quality(spec, output=output, downstream=[[DATASET, "model"]])
    return dg.Definitions.merge(
        data, dg.Definitions(assets=[model_asset(output, f"sqlite:///{folder / TRACKED}")])
    )
