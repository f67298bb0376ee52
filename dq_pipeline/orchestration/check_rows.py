"""Questions about recorded checks that Dagster's storage holds but its Python API cannot answer in one query.

All read the table `asset_check_executions` of a SQL event log (SQLite, Postgres, MySQL). SQLAlchemy is imported where it is
used: `dg` imports every public name of the package to look for components.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation
from dagster._core.events.log import EventLogEntry
from dagster._serdes import deserialize_value

from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

    from dq_pipeline.orchestration.provenance import Read

IN_ONE_QUERY = 500
"""Values of an `in`: SQLite takes 32,766 variables, older ones 999."""


def recorded_checks(instance: dg.DagsterInstance, assets: Iterable[dg.AssetKey]) -> set[dg.AssetCheckKey]:
    """The checks that ever ran, or were to run, on some assets, in any code location of the instance."""
    import sqlalchemy as sa
    from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable as Rows

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
    import sqlalchemy as sa
    from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable as Rows

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


@dataclass(frozen=True)
class CheckRow:
    """One recorded check.

    Attributes:
        id: Its place among all, in the order in which they were planned.
        event_id: The place of its last event: of its answer, once it has one.
        check: The check's key.
        partition: The partition, None without.
        run_id: The run that was to answer; empty for an answer from outside a run.
        answer: What it answered; None as long as it has not.
        timestamp: When, in seconds since 1970.
    """

    id: int
    event_id: int
    check: dg.AssetCheckKey
    partition: str | None
    run_id: str
    answer: AssetCheckEvaluation | None
    timestamp: float


def last_row(instance: dg.DagsterInstance) -> tuple[int, int]:
    """The greatest id of a row and of an event; 0 where there is none."""
    import sqlalchemy as sa
    from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable as Rows

    with _log(instance).index_connection() as connection:
        found = connection.execute(
            sa.select(sa.func.max(Rows.c.id), sa.func.max(Rows.c.evaluation_event_storage_id))
        ).one()
    return int(found[0] or 0), int(found[1] or 0)


def rows_since(instance: dg.DagsterInstance, row: int, event: int, limit: int) -> list[CheckRow]:
    """The rows after one, without those answered up to an event, by id."""
    import sqlalchemy as sa
    from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable as Rows

    news = sa.or_(Rows.c.evaluation_event_storage_id > event, Rows.c.execution_status == "PLANNED")
    query = sa.select(Rows).where(Rows.c.id > row).where(news).order_by(Rows.c.id).limit(limit)
    found = []
    with _log(instance).index_connection() as connection:
        for one in connection.execute(query).mappings():
            asset = dg.AssetKey.from_db_string(one["asset_key"])
            entry = deserialize_value(one["evaluation_event"], EventLogEntry)
            said = entry.dagster_event.event_specific_data if entry.dagster_event else None
            if asset is None:
                continue
            found.append(
                CheckRow(
                    one["id"],
                    one["evaluation_event_storage_id"] or 0,
                    dg.AssetCheckKey(asset, one["check_name"]),
                    one["partition"],
                    one["run_id"] or "",
                    said if isinstance(said, AssetCheckEvaluation) else None,
                    entry.timestamp,
                )
            )
    return found


def _parts(values: Sequence[str] | Sequence[int]) -> Iterator[Sequence[str] | Sequence[int]]:
    for start in range(0, len(values), IN_ONE_QUERY):
        yield values[start : start + IN_ONE_QUERY]


def _log(instance: dg.DagsterInstance) -> SqlEventLogStorage:
    from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

    log = instance.event_log_storage
    if isinstance(log, SqlEventLogStorage):
        return log
    raise InputError(
        "quality gate",
        found=f"an event log kept by {type(log).__name__}",
        expected="one in SQL, whose recorded checks can be listed",
        fix="storage: {postgres: {...}} in dagster.yaml",
    )
