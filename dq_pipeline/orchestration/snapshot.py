"""Which content of a dataset's tables a materialization stands for, and whether the files still hold it.

The tables of a dataset are materialized together, so that their versions belong together; each of them carries the
fingerprints of all. Checks and the training set hold what they read against them: a file that was replaced since is
never judged, or trained on, in the name of an older version.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg

from dq_pipeline.spec import InputError, Spec
from dq_pipeline.tables import data_version_of
from dq_pipeline.tables.place import are_files

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


def read_version(context: Any, key: dg.AssetKey) -> str | None:
    """The data version of the materialization that a step reads; None without one."""
    step = context.op_execution_context._step_execution_context  # noqa: SLF001 - the only holder of what is read
    version = step.maybe_fetch_and_get_input_asset_version_info(key)
    if version is None or version.data_version is None:
        return None
    return str(version.data_version.value)


def current(spec: Spec, tables: tuple[str, ...]) -> dict[str, str]:
    """The fingerprints of what the files of some tables hold now; a table that is copied to be read has none.

    Raises:
        InputError: A file is gone.
    """
    in_place = [table for table in tables if are_files(getattr(spec, table), spec.base)]
    return {table: data_version_of(spec, table) for table in in_place}


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


@contextmanager
def told() -> Iterator[None]:
    """End a step in words when what it reads cannot be used.

    Raises:
        dagster.Failure: In place of what was raised within; not to be retried, the data stays as it is.
    """
    try:
        yield
    except (ChangedError, InputError) as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
