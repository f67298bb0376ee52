"""Waivers of a spec: each must name a check that runs, or it would lie there and open nothing."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.contracts.of_tables import Contract
    from dq_pipeline.families.family import Family
    from dq_pipeline.spec import Spec, SpecSource


def refuse_idle_waivers(
    spec: Spec, source: SpecSource, families: Sequence[Family[Any]], contracts: Sequence[Contract]
) -> None:
    """Hold every waiver to a check or family that the spec runs.

    Args:
        spec: The spec with its waivers.
        source: Where it was written.
        families: The families that the spec leaves on.
        contracts: Its contracts.

    Raises:
        InputError: A waiver names no check and no family, or one that this spec does not run.
    """
    known = {contract.check for contract in contracts}
    silent: dict[str, str] = {}
    for family in families:
        why = family.silent()
        if why is None:
            known |= {family.name, *(check.name for check in family.checks())}
        else:
            silent[family.name] = why
    for place, waiver in enumerate(spec.waivers):
        if waiver.check in known:
            continue
        off = spec.checks.get(waiver.check) is False
        why = silent.get(waiver.check, "checks." + waiver.check + " is false" if off else "")
        close = difflib.get_close_matches(waiver.check, sorted(known), n=1)
        found = (
            f"{waiver.check!r}, which does not run: {why}" if why else f"{waiver.check!r}, which is no check"
        )
        raise InputError(
            source.where(("waivers", place, "check")),
            found=found,
            expected=f"one of {', '.join(sorted(known))}",
            fix=f"write {close[0]!r}" if close and not why else "take the waiver out",
        )
