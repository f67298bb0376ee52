"""The tables of a spec as assets: opened and fingerprinted where they lie, never copied."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from dq_pipeline.orchestration.dataset import Dataset, owners_of
from dq_pipeline.orchestration.held_back import answer_for_unread
from dq_pipeline.orchestration.overdue import nightly_freshness
from dq_pipeline.orchestration.snapshot import SNAPSHOT, told
from dq_pipeline.spec import InputError
from dq_pipeline.spec.secrets import without_secrets
from dq_pipeline.tables import Table, Tables

SAYS = {
    "items": "One row an item: what a model is to learn from.",
    "annotations": "One row a label that one annotator gave one item.",
    "gold": "The label known to be right, one row an item.",
    "production": "A sample of what the model meets in use.",
}
PLAYS = {
    "item": "the item's id",
    "annotator": "who gave the label",
    "label": "the label",
    "source": "who or what the item came from",
    "group": "items that belong together",
    "split": "train, validation or test",
    "time": "when",
    "guideline": "the guideline in force",
    "seconds": "seconds spent",
}
"""What a column of each role holds; any other role is a condition."""
KINDS = {".parquet": "parquet", ".pq": "parquet"}


def raw_tables(dataset: Dataset) -> dg.AssetsDefinition:
    """One op that materializes every table of the dataset, so that their versions belong together."""
    specs = [
        dg.AssetSpec(
            dataset.key(table),
            description=f"{SAYS[table]} Read from {_read_from(dataset, table)}.",
            deps=list(dataset.upstream.get(table, ())),
            group_name=dataset.name,
            owners=owners_of(dataset.spec, dataset.source),
            kinds={kind_of_table(dataset, table), dataset.spec.engine.backend},
            metadata={"table": _read_from(dataset, table)},
            freshness_policy=nightly_freshness(dataset.spec.nightly.cron, dataset.spec.nightly.timezone),
        )
        for table in dataset.tables
    ]

    @dg.multi_asset(
        name=dataset.tables_step,
        specs=specs,
        required_resource_keys=dataset.resources,
        pool=dataset.spec.nightly.pool,
    )
    def tables(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        with told(), _answered(context, dataset), dataset.counting(context), Tables(dataset.spec) as opened:
            versions = {table.name: table.data_version for table in opened}
            for table in (opened[name] for name in dataset.tables):
                context.log.info("%s: %s rows, version %s", table.name, table.rows, table.data_version)
                yield dg.MaterializeResult(
                    asset_key=dataset.key(table.name),
                    data_version=dg.DataVersion(table.data_version),
                    metadata={**describe(table), SNAPSHOT: versions},
                )

    return tables


@contextmanager
def _answered(context: dg.AssetExecutionContext, dataset: Dataset) -> Iterator[None]:
    """Answer for the checks of the run where a table cannot be read."""
    try:
        yield
    except InputError as error:
        answer_for_unread(context, [dataset.key(table) for table in dataset.tables], error)
        raise


def _read_from(dataset: Dataset, table: str) -> str:
    ref = getattr(dataset.spec, table)
    return ref.table or f"a query of {without_secrets(ref.database)}"


def kind_of_table(dataset: Dataset, table: str) -> str:
    """The kind of a table's files, as the UI shows it."""
    ref = getattr(dataset.spec, table)
    if ref.database:
        return str(ref.database).partition(":")[0].strip("${}").lower() if "://" in ref.database else "sql"
    path = ref.table.lower()
    return next((kind for ending, kind in KINDS.items() if path.endswith(ending)), "csv")


def describe(table: Table) -> dict[str, Any]:
    """Rows, columns and where they lie, as the UI shows them."""
    roles: dict[str, list[str]] = {}
    for role, column in table.roles.items():
        roles.setdefault(column, []).append(PLAYS.get(role, f"condition {role}"))
    columns = [
        dg.TableColumn(name, str(kind), description=", ".join(roles.get(name, ())) or None)
        for name, kind in table.raw.schema().items()
        if name in set(columns_of(table))
    ]
    return {
        "dagster/row_count": table.rows,
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "lies_at": dg.MetadataValue.path(table.opened.lies_at),
    }


def columns_of(table: Table) -> list[str]:
    """The table's own columns, without the place of each row that opening it adds."""
    from dq_pipeline.tables import PLACE

    return [name for name in table.raw.columns if name != PLACE]
