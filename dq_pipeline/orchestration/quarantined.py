"""A training set without what failed: the raw tables judged again on what remains, before anything is built of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from dq_pipeline.audit import audit
from dq_pipeline.audit.quarantine import Quarantine, quarantine
from dq_pipeline.audit.run import ASSETS
from dq_pipeline.orchestration.dataset import CONSENSUS, TRAINING_SET, Dataset
from dq_pipeline.orchestration.decision import Reason
from dq_pipeline.orchestration.pass_gate import RejectedError, quarantined_checks
from dq_pipeline.orchestration.provenance import QUARANTINED
from dq_pipeline.orchestration.run_outputs import unfinished
from dq_pipeline.orchestration.snapshot import current, hold, recorded
from dq_pipeline.spec import Spec
from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class Remaining:
    """What a training set is made from.

    Attributes:
        spec: The spec on its tables.
        consensus: The file of the consensus; None for items that are labelled already.
        metadata: What was left out, as the materialization says it; nothing when nothing was.
    """

    spec: Spec
    consensus: Path | None
    metadata: dict[str, Any]


@contextmanager
def remaining(context: dg.AssetExecutionContext, dataset: Dataset) -> Iterator[Remaining]:
    """The tables to build from: all of them, or where a check failed that may be quarantined those that remain.

    Raises:
        RejectedError: What remains fails too, or too much would be left out.
        ChangedError: A table holds something else than the gate has judged.
        InputError: A table cannot be read.
    """
    consensus = dataset.output / f"{CONSENSUS}.parquet" if dataset.annotated else None
    checks = quarantined_checks(context)
    if not checks:
        yield Remaining(dataset.spec, consensus, {})
        return
    with unfinished(dataset.output) as folder:
        apart = _left_out(context, dataset, folder)
        if apart.refused:
            raise RejectedError(Reason("not mended", dataset.key(TRAINING_SET), said=apart.refused))
        if dataset.annotated:
            from dq_pipeline.consensus import write_consensus

            consensus = folder / f"{CONSENSUS}.parquet"
            with Tables(apart.spec, only=("annotations",)) as tables:
                write_consensus(tables, consensus)
        context.log.warning(apart.sentence)
        yield Remaining(apart.spec, consensus, _told(checks, apart))


def _left_out(context: dg.AssetExecutionContext, dataset: Dataset, folder: Path) -> Quarantine:
    """The quarantine of the very tables that the gate has judged."""
    judged = tuple(table for table in ASSETS if table in dataset.tables)
    found = audit(dataset.spec, dataset.source)
    for table in judged:
        hold(recorded(context, dataset.key(table)), {table: found.versions[table]}, dataset.name)
    apart = quarantine(dataset.spec, dataset.source, found, folder)
    for table, version in current(dataset.spec, judged).items():
        hold(recorded(context, dataset.key(table)), {table: version}, dataset.name)
    return apart


def _told(checks: list[dg.AssetCheckKey], apart: Quarantine) -> dict[str, Any]:
    rows = [
        dg.TableRecord({"check": one.check, "of": one.by, "value": one.key[:200], "rows": one.rows})
        for one in apart.left_out[:20]
    ]
    columns = [
        dg.TableColumn("check"),
        dg.TableColumn("of"),
        dg.TableColumn("value"),
        dg.TableColumn("rows", "int"),
    ]
    return {
        QUARANTINED: dg.MetadataValue.json([check.to_user_string() for check in checks]),
        "quarantine": dg.MetadataValue.table(rows, dg.TableSchema(columns)),
        "built_without": apart.sentence,
    }
