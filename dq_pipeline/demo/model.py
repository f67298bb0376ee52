"""A small model behind the gated training set: where a block is felt."""

import json
import os
from pathlib import Path
from typing import Any

import dagster as dg

from dq_pipeline.demo.data import DATASET, SIGNALS
from dq_pipeline.orchestration.gated import gated
from dq_pipeline.orchestration.model_run import log_training_data
from dq_pipeline.spec import InputError


def model_asset(output: Path, tracking: str) -> dg.AssetsDefinition:
    """The model: logistic regression from three camera signals to the label, with an MLflow run of its own.

    Args:
        output: The dataset's output folder, where the training set lies and the model is written.
        tracking: MLflow's tracking URI, the one that the audits are sent to.
    """

    @gated
    @dg.asset(
        key=[DATASET, "model"],
        deps=[[DATASET, "training_set"]],
        description="What the scenes show, from three signals of the camera. Trained only on a training set whose "
        "every ancestor passed its checks.",
        group_name=DATASET,
        owners=["team:perception"],
        kinds={"scikitlearn", "python"},
    )
    def model(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        trained = train(output / "training_set.parquet", output / "model.json")
        context.log.info("accuracy %.3f on the test side", trained["accuracy"])
        run = _tracked(context, tracking, trained, output / "model.json")
        return dg.MaterializeResult(metadata={**trained, "mlflow": f"run {run}"})

    return model


def _tracked(context: dg.AssetExecutionContext, tracking: str, trained: dict[str, Any], model: Path) -> str:
    """What a user's own model does: a run in MLflow, and one line that joins it to the data; returns the run's id."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow

    mlflow.set_tracking_uri(tracking)
    mlflow.set_experiment(DATASET)
    with mlflow.start_run(run_name=f"{DATASET} model") as run:
        log_training_data(context)
        mlflow.log_params({"model": "LogisticRegression", "signals": ", ".join(SIGNALS)})
        mlflow.log_metrics(trained)
        mlflow.log_artifact(str(model))
    return str(run.info.run_id)


def train(training_set: Path, model: Path) -> dict[str, Any]:
    """Fit on the train side, judge on the test side, and write the coefficients.

    Raises:
        InputError: scikit-learn is not installed.
    """
    import pyarrow.parquet as pq

    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise InputError(
            "demo model", found="no scikit-learn", expected="it is installed", fix="pip install scikit-learn"
        ) from error
    rows = pq.read_table(training_set, columns=[*SIGNALS, "label", "split"]).to_pandas()
    seen, unseen = (rows[rows["split"] == side] for side in ("train", "test"))
    fitted = LogisticRegression(max_iter=500).fit(seen[list(SIGNALS)], seen["label"])
    accuracy = float(fitted.score(unseen[list(SIGNALS)], unseen["label"]))
    told = {"labels": fitted.classes_.tolist(), "signals": SIGNALS, "coefficients": fitted.coef_.tolist()}
    model.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return {"accuracy": accuracy, "trained_on": len(seen), "tested_on": len(unseen)}
