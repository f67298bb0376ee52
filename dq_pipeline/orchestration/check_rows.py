"""Two questions about recorded checks that Dagster's storage holds but its Python API cannot answer in one query.

Both read the table `asset_check_executions` of a SQL event log (SQLite, Postgres, MySQL).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import sqlalchemy as sa
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable as Rows
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dq_pipeline.orchestration.provenance import Read

IN_ONE_QUERY = 500
"""Values of an `in`: SQLite takes 32,766 variables, older ones 999."""


def recorded_checks(instance: dg.DagsterInstance, assets: Iterable[dg.AssetKey]) -> set[dg.AssetCheckKey]:
    """The checks that ever ran, or were to run, on some assets, in any code location of the instance."""
    found = set()
    with _log(instance).index_connection() as connection:
        for some in _parts(sorted({asset.to_string() for asset in assets})):
            query = (
                sa.select(Rows.c.asset_key, Rows.c.check_name).where(Rows.c.asset_key.in_(some)).distinct()
            )
            for key, name in connection.execute(query):
                asset = dg.AssetKey.from_db_string(key)
                if asset is not None:
                    found.add(dg.AssetCheckKey(asset, name))
    return found


def contested(instance: dg.DagsterInstance, reads: Iterable[Read]) -> set[tuple[dg.AssetCheckKey, int]]:
    """The checks that answered about one materialization more than once, so that the last answer is to be found.

    Dagster's newest row of a check is the one planned last, which need not be the one that answered last.
    """
    ids = sorted({read.storage_id for read in reads if read.storage_id is not None})
    found = set()
    with _log(instance).index_connection() as connection:
        for some in _parts(ids):
            one = (Rows.c.asset_key, Rows.c.check_name, Rows.c.materialization_event_storage_id)
            query = sa.select(*one).where(one[2].in_(some)).group_by(*one).having(sa.func.count() > 1)
            for key, name, storage_id in connection.execute(query):
                asset = dg.AssetKey.from_db_string(key)
                if asset is not None:
                    found.add((dg.AssetCheckKey(asset, name), int(storage_id)))
    return found


def _parts(values: Sequence[str] | Sequence[int]) -> Iterator[Sequence[str] | Sequence[int]]:
    for start in range(0, len(values), IN_ONE_QUERY):
        yield values[start : start + IN_ONE_QUERY]


def _log(instance: dg.DagsterInstance) -> SqlEventLogStorage:
    log = instance.event_log_storage
    if isinstance(log, SqlEventLogStorage):
        return log
    raise InputError(
        "quality gate",
        found=f"an event log kept by {type(log).__name__}",
        expected="one in SQL, whose recorded checks can be listed",
        fix="storage: {postgres: {...}} in dagster.yaml",
    )
