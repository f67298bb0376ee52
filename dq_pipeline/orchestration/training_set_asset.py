"""The training set as an asset behind the gate: written aside, audited, and put in its place when nothing blocks."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from dq_pipeline.audit import Audit, Built, Folders, audit
from dq_pipeline.orchestration.consensus_asset import HOLDS
from dq_pipeline.orchestration.dataset import CONSENSUS, TRAINING_SET, Dataset, owners_of
from dq_pipeline.orchestration.files import column_schema
from dq_pipeline.orchestration.gated import with_gates
from dq_pipeline.orchestration.quarantined import remaining
from dq_pipeline.orchestration.required import Gate
from dq_pipeline.orchestration.run_outputs import RunOutputs, unfinished
from dq_pipeline.orchestration.snapshot import ChangedError, current, hold, read_version, recorded, told
from dq_pipeline.orchestration.table_checks import answers
from dq_pipeline.orchestration.telling import telling
from dq_pipeline.tables import Tables
from dq_pipeline.tables.files import fingerprint

if TYPE_CHECKING:
    from dq_pipeline.release import Release

OURS = {**HOLDS, "label": "what a model is to learn", "split": "train, validation or test"}


def training_set_asset(dataset: Dataset) -> dg.AssetsDefinition:
    """The training set: of the very versions that were judged, or not at all.

    Its own checks are in its own step, so that a set that fails them is never put in place: the last good one stays.
    """
    checks = dataset.checks.get(TRAINING_SET, [])
    policy = dataset.spec.training_set.quarantine
    gate = Gate(dataset.key(TRAINING_SET), quarantine=policy.checks if policy else ())

    @dg.asset(
        key=dataset.key(TRAINING_SET),
        deps=[dataset.key(name) for name in _made_from(dataset)],
        description="What a model is trained on: every kept item with its label and split. It is built only while "
        "every blocking check of everything that it is made from has passed; else the last good one stays.",
        group_name=dataset.name,
        owners=owners_of(dataset.spec, dataset.source),
        kinds={"parquet", dataset.spec.engine.backend},
        required_resource_keys=dataset.resources,
        check_specs=checks,
        automation_condition=dg.AutomationCondition.eager(),
        pool=dataset.spec.nightly.pool,
    )
    def training_set(context: dg.AssetExecutionContext) -> Iterator[Any]:
        yield from _published(context, dataset, checks)

    return with_gates(
        training_set, [gate], lambda context, events: telling(context, dataset, TRAINING_SET, events)
    )


def _made_from(dataset: Dataset) -> list[str]:
    """The assets that it is made from or held against, in the order of the tables."""
    with_consensus = [*dataset.tables, CONSENSUS] if dataset.annotated else [*dataset.tables]
    apart = {"annotations", "gold"} if dataset.annotated else set()
    return [name for name in with_consensus if name not in apart]


def _published(
    context: dg.AssetExecutionContext, dataset: Dataset, checks: list[dg.AssetCheckSpec]
) -> Iterator[Any]:
    """Write, audit, answer, publish: in this order, so that nothing unjudged is ever in place."""
    final = dataset.output / f"{TRAINING_SET}.parquet"
    with told(), unfinished(dataset.output) as room:
        aside = room / final.name
        with dataset.counting(context):
            built, without = _written(context, dataset, aside, final)
        found: Audit | Exception
        try:
            with dataset.counting(context):
                found = replace(_audited(context, dataset, aside), built=built)
        except Exception as error:  # noqa: BLE001 - an answer is due for every check
            found = error
        more = yield from answers(context, dataset, TRAINING_SET, checks, found)
        aside.replace(final)
    yield dg.MaterializeResult(
        data_version=dg.DataVersion(built.release.data_version),
        metadata={**_described(dataset, built.release, final), **more, **without},
    )


def _written(
    context: dg.AssetExecutionContext, dataset: Dataset, path: Path, final: Path
) -> tuple[Built, dict[str, Any]]:
    """The training set of the versions that the gate has judged, and what it says of rows that it was made without.

    Args:
        context: The step's context.
        dataset: The dataset.
        path: Where it waits.
        final: Where it will be.

    Raises:
        RejectedError: Rows were to be left out, and what remains fails too.
        ChangedError: A table or the consensus holds something else.
        InputError: A table cannot be read.
    """
    from dq_pipeline.consensus import read_summary
    from dq_pipeline.release import write_training_set

    only = ("items",) if "items" in dataset.tables else ()
    with remaining(context, dataset) as left, Tables(left.spec, only=only) as tables:
        if not left.metadata:
            _hold(context, dataset, {table.name: table.data_version for table in tables})
        release = write_training_set(tables, left.consensus, path)
        summary = read_summary(tables, left.consensus) if left.consensus else None
        return Built(release, summary, str(final)), left.metadata


def _audited(context: dg.AssetExecutionContext, dataset: Dataset, path: Path) -> Audit:
    """The audit of a training set that waits, held against tables that are what the gate has judged to the end.

    Raises:
        ChangedError: A table or the consensus holds something else.
        InputError: A table cannot be read.
    """
    rows = path.with_name("rows")
    rows.mkdir()
    found = audit(dataset.spec, dataset.source, assets=(), training_set=path, folders=Folders(rows))
    made_from = tuple(name for name in _made_from(dataset) if name != CONSENSUS)
    _hold(context, dataset, {name: version for name, version in found.versions.items() if name in made_from})
    _hold(context, dataset, current(dataset.spec, made_from))
    RunOutputs(dataset.output, context.run.run_id).take(rows)
    return found


def _hold(context: dg.AssetExecutionContext, dataset: Dataset, found: Mapping[str, str]) -> None:
    """Compare tables that were read, and the consensus' file, with the versions that the gate has judged.

    Raises:
        ChangedError: They differ.
    """
    for table, version in found.items():
        hold(recorded(context, dataset.key(table)), {table: version}, dataset.name)
    if not dataset.annotated:
        return
    path = dataset.output / f"{CONSENSUS}.parquet"
    judged = read_version(context, dataset.key(CONSENSUS))
    there = fingerprint([path]) if path.is_file() else None
    if there is None or there != judged:
        was = "is gone" if there is None else f"holds version {there[:12]}"
        raise ChangedError(
            f"The consensus changed since it was materialized: version {str(judged)[:12]} was, its file {was}. "
            f"Materialize {dataset.name}/{CONSENSUS} again."
        )


def _described(dataset: Dataset, release: "Release", path: Path) -> dict[str, Any]:
    """Rows, sides, labels and columns, as the UI shows them."""
    left_out = [dg.TableRecord({"why": why, "items": items}) for why, items in release.left_out.items()]
    schema = dg.TableSchema([dg.TableColumn("why"), dg.TableColumn("items", "int")])
    shown = {"left_out": dg.MetadataValue.table(left_out, schema)} if left_out else {}
    return {
        "dagster/row_count": release.rows,
        "dagster/column_schema": column_schema(path, OURS),
        "dagster/column_lineage": _lineage(dataset, release),
        **release.by_split,
        **shown,
        "file": dg.MetadataValue.path(str(path)),
    }


def _lineage(dataset: Dataset, release: "Release") -> dg.TableColumnLineage:
    """Which column of which asset each of its columns comes from."""
    items, consensus = dataset.key("items"), dataset.key(CONSENSUS)
    ref = dataset.spec.items
    given = {name: column for column, name in release.renamed.items()}
    found: dict[str, list[dg.TableColumnDep]] = {}
    for column in release.columns:
        if column in {"item", "split"}:
            found[column] = _of_id(dataset, column)
        elif column in HOLDS and dataset.annotated:
            found[column] = [dg.TableColumnDep(consensus, column)]
        elif column == "label" and ref and ref.label:
            found[column] = [dg.TableColumnDep(items, ref.label)]
        else:
            found[column] = [dg.TableColumnDep(items, given.get(column, column))]
    return dg.TableColumnLineage(found)


def _of_id(dataset: Dataset, column: str) -> list[dg.TableColumnDep]:
    """Where the id or the split comes from; nowhere when items are named by their place in the table."""
    ref = dataset.spec.items
    if ref is None:
        return [dg.TableColumnDep(dataset.key(CONSENSUS), "item")]
    by = (ref.split or ref.group or ref.id) if column == "split" else ref.id
    return [dg.TableColumnDep(dataset.key("items"), by)] if by else []
