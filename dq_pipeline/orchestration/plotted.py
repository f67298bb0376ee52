"""The numbers of an audit that the UI plots over the nights, as an observation of the asset that they are about."""

from collections.abc import Sequence

import dagster as dg

from dq_pipeline.families.verdict import CheckVerdict
from dq_pipeline.measures.estimate import Measure

MOST = 60
"""Numbers of one observation: those of a whole dataset, not of each label or source."""


def observation(
    key: dg.AssetKey, measures: Sequence[Measure], verdicts: Sequence[CheckVerdict]
) -> dg.AssetObservation:
    """The overall numbers of one table, and how many of its checks failed.

    Check metadata is not plotted, metadata of an observation is. An undefined number is left out, so that the plot
    has a gap there.

    Args:
        key: The asset.
        measures: The audit's numbers.
        verdicts: The verdicts of the asset's checks.
    """
    table = key.path[-1]
    overall = [
        row
        for row in measures
        if row.table == table
        and row.by is None
        and row.estimate.value is not None
        and row.family != "contracts"
    ]
    names = [row.measure for row in overall]
    numbers = {
        row.measure if names.count(row.measure) == 1 else f"{row.family}_{row.measure}": float(
            row.estimate.value or 0
        )
        for row in overall[:MOST]
    }
    counted = {
        "checks_blocking": sum(verdict.blocking for verdict in verdicts),
        "checks_not_clear": sum(verdict.verdict != "clear" for verdict in verdicts),
    }
    return dg.AssetObservation(asset_key=key, metadata={**numbers, **counted})
