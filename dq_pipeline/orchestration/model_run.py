"""A model's own MLflow run, joined to the data that the model was trained on."""

from __future__ import annotations

from dataclasses import dataclass, field

import dagster as dg

from dq_pipeline.orchestration.provenance import Read, ancestors, inputs_read
from dq_pipeline.spec import InputError

WHO = "log_training_data"


@dataclass
class _Dataset:
    """What a step reads of one dataset.

    Attributes:
        read: The fingerprint of each table whose version was read.
        beside: Those of the tables that were there beside it.
        training_set: The fingerprint of the training set, None when none was read.
    """

    read: dict[str, str] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)
    training_set: str | None = None

    @property
    def data_version(self) -> str:
        """As audits of these tables say it."""
        from dq_pipeline.tables import version_of_all

        return version_of_all({**self.beside, **self.read})


def log_training_data(context: dg.AssetExecutionContext) -> dict[str, str]:
    """Join the active MLflow run to the data that the asset's step reads, from its training set back to its tables.

    The run gets the data version as its input dataset, with the context "training", and the tags that the audit of
    that version has too: `dq.dataset`, `dq.data_version` and `dq.version.training_set`; of several datasets the values
    are joined by ", ". `dagster/run_id` names the Dagster run. What stands between the training set and the model, and
    in which code location, does not matter: the versions are those that Dagster recorded as read.

    Args:
        context: The context of the asset that is being built.

    Returns:
        The data version of each dataset, by its name.

    Raises:
        InputError: No MLflow run is active, or nothing that the step reads comes from a dataset of this package.
    """
    import mlflow

    from dq_pipeline.tracking.data_input import data_input

    run = mlflow.active_run()
    if run is None:
        raise InputError(
            WHO,
            found="no active MLflow run",
            expected="one, to be joined to the data",
            fix="with mlflow.start_run():\n        dq_pipeline.log_training_data(context)",
        )
    found = _datasets(context)
    if not found:
        names = ", ".join(sorted(key.to_user_string() for key in context.selected_asset_keys))
        raise InputError(
            WHO,
            found=f"{names}, which reads nothing that comes from an audited dataset",
            expected="a training set among what it is made from, materialized on this instance",
            fix='@dg.asset(deps=[["chest_xray", "training_set"]])',
        )
    versions = {name: one.data_version for name, one in found.items()}
    client = mlflow.MlflowClient()
    client.log_inputs(
        run.info.run_id, [data_input(name, version, "training") for name, version in versions.items()]
    )
    mlflow.set_tags(
        {
            "dq.dataset": ", ".join(versions),
            "dq.data_version": ", ".join(versions.values()),
            "dq.version.training_set": ", ".join(
                one.training_set for one in found.values() if one.training_set
            ),
            "dagster/run_id": context.run.run_id,
        }
    )
    return versions


def _datasets(context: dg.AssetExecutionContext) -> dict[str, _Dataset]:
    """Every dataset that the step's inputs come from, by name."""
    graph = context.job_def.asset_layer.asset_graph.source_asset_graph
    found: dict[str, _Dataset] = {}
    for target in sorted(context.selected_asset_keys):
        inputs = inputs_read(context, target)
        partitioned = context.assets_def.specs_by_key[target].partitions_def is not None
        for partition in context.partition_keys if partitioned else (None,):
            for read in ancestors(context.instance, graph, target, partition=partition, inputs=inputs):
                _add(found, read, _made(context.instance, read))
    return {name: one for name, one in sorted(found.items()) if one.read}


def _made(instance: dg.DagsterInstance, read: Read) -> dg.AssetMaterialization | None:
    """The materialization that was read, of an asset whose name one of ours may have."""
    from dq_pipeline.orchestration.dataset import TABLES, TRAINING_SET

    if read.storage_id is None or read.asset.path[-1] not in {*TABLES, TRAINING_SET}:
        return None
    asked = dg.AssetRecordsFilter(asset_key=read.asset, storage_ids=[read.storage_id])
    records = instance.fetch_materializations(asked, limit=1).records
    return records[0].asset_materialization if records else None


def _add(found: dict[str, _Dataset], read: Read, made: dg.AssetMaterialization | None) -> None:
    """Note what a materialization says of its dataset."""
    from dq_pipeline.orchestration.dataset import TRAINING_SET
    from dq_pipeline.orchestration.snapshot import SNAPSHOT

    if made is None or len(read.asset.path) < 2:  # noqa: PLR2004 - a dataset's name, and a table's
        return
    dataset, table = "/".join(read.asset.path[:-1]), read.asset.path[-1]
    of = found.setdefault(dataset, _Dataset())
    if table == TRAINING_SET:
        of.training_set = (made.tags or {}).get("dagster/data_version")
        return
    carried = made.metadata.get(SNAPSHOT)
    if carried is not None and isinstance(carried.value, dict):
        of.read[table] = str(carried.value[table])
        of.beside |= {str(name): str(version) for name, version in carried.value.items()}
