"""Results of a check for each partition that a run holds, also when one run builds many (a single-run backfill).

Dagster takes one `AssetCheckResult` for the whole step, and writes it to no partition when the step holds several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def check_events(
    context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext,
    results: Mapping[str | None, dg.AssetCheckResult],
) -> Iterator[Any]:
    """Events that record one check's result for each partition of the step.

    Args:
        context: The running step's.
        results: Partition to its result, each with `asset_key` and `check_name`; {None: result} without partitions.

    Yields:
        The result as it is for a step with one partition or none; else an evaluation for each partition, aimed at
        that partition's latest materialization, and the check's output.
    """
    op = context.op_execution_context
    if len(results) == 1 and (None in results or op.has_partition_key):
        yield from results.values()
        return
    layer = context.job_def.asset_layer
    keys = {
        dg.AssetCheckKey(one.asset_key, one.check_name)
        for one in results.values()
        if one.asset_key and one.check_name
    }
    if len(keys) != 1:
        raise ValueError("every result names the same asset and check")
    [key] = keys
    for partition, result in results.items():
        asked = dg.AssetRecordsFilter(
            asset_key=key.asset_key, asset_partitions=None if partition is None else [partition]
        )
        made = next(iter(context.instance.fetch_materializations(asked, limit=1).records), None)
        yield dg.AssetCheckEvaluation(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=result.passed,
            severity=result.severity,
            description=result.description,
            metadata=result.metadata,
            partition=partition,
            blocking=layer.asset_graph.get_check_spec(key).blocking,
            target_materialization_data=AssetCheckEvaluationTargetMaterializationData(
                storage_id=made.storage_id, run_id=made.run_id, timestamp=made.timestamp
            )
            if made
            else None,
        )
    if key in op.selected_asset_check_keys:
        yield dg.Output(None, layer.get_op_output_name(key))
