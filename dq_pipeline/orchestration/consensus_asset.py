"""The consensus of the annotations as an asset: one label an item, with its confidence and soft label."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dq_pipeline.orchestration.dataset import CONSENSUS, Dataset, owners_of
from dq_pipeline.orchestration.files import column_schema
from dq_pipeline.orchestration.run_outputs import unfinished
from dq_pipeline.orchestration.snapshot import current, hold, recorded, told
from dq_pipeline.orchestration.telling import telling
from dq_pipeline.tables import Tables

AUTOMATION = (
    dg.AutomationCondition.eager() & dg.AutomationCondition.all_deps_blocking_checks_passed()
).with_label("eager_on_passed_checks")
"""For those who turn Dagster's automation on: never on data whose blocking checks did not pass."""

HOLDS = {
    "item": "the item's id",
    "label": "what the votes come to; null when the method abstains from a tie",
    "confidence": "the probability of the likeliest label",
    "entropy": "of the soft label, in nats; 0 where all agree",
    "votes": "how many count",
    "tied": "whether two labels are equally likely",
    "soft_label": "labels with their probabilities, likeliest first",
}
"""What each column of a consensus holds."""


def consensus_asset(dataset: Dataset) -> dg.AssetsDefinition:
    """The consensus, written anew from the very annotations that were materialized."""
    judged_by = [dataset.key("gold")] if "gold" in dataset.tables else []

    @dg.asset(
        key=dataset.key(CONSENSUS),
        deps=[dataset.key("annotations"), *judged_by],
        description=f"One label an item by {dataset.spec.training_set.consensus}, of all the votes on it.",
        group_name=dataset.name,
        owners=owners_of(dataset.spec, dataset.source),
        kinds={"parquet", dataset.spec.engine.backend},
        required_resource_keys=dataset.resources,
        automation_condition=AUTOMATION,
        pool=dataset.spec.nightly.pool,
    )
    def consensus(context: dg.AssetExecutionContext) -> Iterator[Any]:
        # Steps that have ended may wait for the training set, which will not come where this fails.
        yield from telling(context, dataset, CONSENSUS, _written(context, dataset))

    return consensus


def _written(context: dg.AssetExecutionContext, dataset: Dataset) -> Iterator[dg.MaterializeResult[Any]]:
    """Write it; raises dagster.Failure where the annotations are no longer those that were materialized."""
    from dq_pipeline.consensus import write_consensus

    path = dataset.output / f"{CONSENSUS}.parquet"
    with told(), unfinished(dataset.output) as room, dataset.counting(context):
        before = recorded(context, dataset.key("annotations"))
        with Tables(dataset.spec, only=("annotations",)) as tables:
            hold(before, {"annotations": tables["annotations"].data_version}, dataset.name)
            summary = write_consensus(tables, room / path.name)
        hold(before, current(dataset.spec, ("annotations",)), dataset.name)
        (room / path.name).replace(path)
    yield dg.MaterializeResult(
        data_version=dg.DataVersion(summary.data_version),
        metadata={
            "dagster/row_count": summary.items,
            "dagster/column_schema": column_schema(path, HOLDS),
            "dagster/column_lineage": _lineage(dataset),
            "method": summary.method,
            "votes": summary.votes,
            "tied": summary.tied,
            "abstained": summary.abstained,
            "file": dg.MetadataValue.path(str(path)),
        },
    )


def _lineage(dataset: Dataset) -> dg.TableColumnLineage:
    """Which columns of the annotations each column is made of."""
    ref = dataset.spec.annotations
    if ref is None:
        raise ValueError("a consensus without annotations")
    key = dataset.key("annotations")
    item = [dg.TableColumnDep(key, ref.item)]
    votes = [dg.TableColumnDep(key, column) for column in (ref.label, ref.annotator)]
    return dg.TableColumnLineage({name: item if name == "item" else votes for name in HOLDS})
