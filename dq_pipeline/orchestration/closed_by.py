"""What closes gates, in lines: what is common to the checks of one version once, one line a check, what to do once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.orchestration.decision import remedy_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dq_pipeline.orchestration.decision import Reason


def in_lines(reasons: Iterable[Reason]) -> list[str]:
    """The reasons, those of one version of an asset together, and then what to do about them all.

    Args:
        reasons: In the order in which they are told; of equal ones the first counts.
    """
    together: dict[tuple[object, ...], list[Reason]] = {}
    for one in dict.fromkeys(reasons):
        # What is about the asset itself stands alone.
        apart = one if one.check is None else None
        key = (one.state, one.asset, one.partition, one.storage_id, one.run_id, apart)
        together.setdefault(key, []).append(one)
    lines: list[str] = []
    for same in together.values():
        lines += [same[0].sentence] if len(same) == 1 else [same[0].about(len(same)), *map(_of_check, same)]
    return lines + [f"-> {what}" for what in dict.fromkeys(map(_remedy, together.values()))]


def _of_check(reason: Reason) -> str:
    return f"  {reason.check}: {reason.said}" if reason.said else f"  {reason.check}"


def _remedy(same: Sequence[Reason]) -> str:
    return remedy_of(same[0].state, same[0].asset, [one.check for one in same if one.check])
