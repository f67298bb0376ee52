"""Which content of a dataset's tables a materialization stands for, and whether the files still hold it.

The tables of a dataset are materialized together, so that their versions belong together; each of them carries the
fingerprints of all. Checks and the training set hold what they read against them: a file that was replaced since is
never judged, or trained on, in the name of an older version.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from dq_pipeline.spec import Spec
from dq_pipeline.tables import data_version_of

SNAPSHOT = "dq_pipeline/snapshot"
"""Metadata of a table's materialization: the fingerprint of each table of the dataset, by its name."""


class ChangedError(Exception):
    """The files do not hold what was materialized; its message says which, and what to do."""


def recorded(context: Any, key: dg.AssetKey) -> dict[str, str]:
    """The fingerprints that the materialization carries which a step reads, or a check targets.

    Args:
        context: The context of the asset or check.
        key: A table's asset.

    Raises:
        ChangedError: There is no materialization, or it was not made by this package.
    """
    step = context.op_execution_context._step_execution_context  # noqa: SLF001 - the only holder of what is read
    version = step.maybe_fetch_and_get_input_asset_version_info(key)
    name = key.to_user_string()
    if version is None or version.event_type is not dg.DagsterEventType.ASSET_MATERIALIZATION:
        raise ChangedError(f"{name} was never materialized. Materialize {name} with its checks.")
    asked = dg.AssetRecordsFilter(asset_key=key, storage_ids=[version.storage_id])
    records = context.instance.fetch_materializations(asked, limit=1).records
    made = records[0].asset_materialization if records else None
    carried = made.metadata.get(SNAPSHOT) if made else None
    if carried is None or not isinstance(carried.value, dict):
        raise ChangedError(
            f"The materialization of {name} (event {version.storage_id}) does not say which content it stands for. "
            f"Materialize {name} in a run."
        )
    return {str(table): str(found) for table, found in carried.value.items()}


def current(spec: Spec, tables: tuple[str, ...]) -> dict[str, str]:
    """The fingerprints of what the files hold now.

    Raises:
        InputError: A file is gone.
    """
    return {table: data_version_of(spec, table) for table in tables}


def hold(recorded: Mapping[str, str], found: Mapping[str, str], dataset: str) -> None:
    """Compare what was materialized with what was read.

    Raises:
        ChangedError: They differ in a table.
    """
    for table, version in found.items():
        before = recorded.get(table)
        if before != version:
            was = f"version {before[:12]} was materialized" if before else "it was not there then"
            raise ChangedError(
                f"The table {table} changed since it was materialized: {was}, its file now holds {version[:12]}. "
                f"Materialize {dataset}/{table} again with the checks."
            )
