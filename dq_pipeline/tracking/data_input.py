"""A data version as the input of an MLflow run: the same for the audit that judged it and a model that learned from it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

DIGEST_LONGEST = 36
"""Characters that MLflow keeps of a dataset's digest."""


def data_input(dataset: str, data_version: str, context: str) -> DatasetInput:
    """A dataset's version as MLflow's input.

    Args:
        dataset: The dataset's name.
        data_version: Its fingerprint; equal names and fingerprints are one dataset to MLflow.
        context: What the run did with it: "audit" or "training".
    """
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.entities import Dataset, DatasetInput, InputTag

    source = CodeDatasetSource(tags={"dq_pipeline.dataset": dataset})
    meta: dict[str, Any] = MetaDataset(source, dataset, data_version[:DIGEST_LONGEST]).to_dict()
    named = Dataset(meta["name"], meta["digest"], meta["source_type"], _text(meta["source"]))
    return DatasetInput(named, [InputTag("mlflow.data.context", context)])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
