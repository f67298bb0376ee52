"""A policy for assets that read many partitions: a bad one may be left out, as long as they stay few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.orchestration.decision import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import dagster as dg

    from dq_pipeline.orchestration.provenance import Read, Root
    from dq_pipeline.orchestration.required import Gate

About = tuple[Reason, frozenset["Root"]]
"""A reason, and the inputs through which what it is about is read."""


def leave_out(
    gate: Gate, about: Sequence[About], first: Sequence[Read]
) -> tuple[list[Reason], Mapping[dg.AssetKey, tuple[str, ...]]]:
    """The reasons that still close the gate when bad partitions are left out, and those partitions.

    Args:
        gate: The gate, whose `leave_out` is the largest share of an input's partitions that may be missing.
        about: Each reason, with the inputs through which what it is about is read.
        first: The inputs.

    Returns:
        All the reasons, and nothing left out, where a reason is not about partitions only, where more than the
        allowed share of an input's partitions is bad, or where none is left.
    """
    reasons = [reason for reason, _ in about]
    if not gate.leave_out or not about:
        return reasons, {}
    read: dict[dg.AssetKey, set[str]] = {}
    for one in first:
        if one.partition is not None:
            read.setdefault(one.asset, set()).add(one.partition)
    bad: dict[dg.AssetKey, set[str]] = {}
    for _, roots in about:
        for asset, partition in roots:
            if partition is None:
                return reasons, {}
            bad.setdefault(asset, set()).add(partition)
    too_many = [
        Reason(
            "too many",
            asset,
            said=f"{len(parts)} of {len(read[asset])} did not pass, and at most {gate.leave_out:g} of them may be "
            "left out.",
        )
        for asset, parts in sorted(bad.items())
        if len(parts) == len(read[asset]) or len(parts) / len(read[asset]) > gate.leave_out
    ]
    if too_many:
        return [*too_many, *reasons], {}
    return [], {asset: tuple(sorted(parts)) for asset, parts in sorted(bad.items())}
