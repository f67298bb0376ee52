"""Waivers and quarantine of a spec: each must name a check that runs, or it would lie there and open nothing."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.families.family import Family
    from dq_pipeline.spec import Spec, SpecSource


def refuse_idle_waivers(spec: Spec, source: SpecSource, families: Sequence[Family[Any]]) -> None:
    """Hold every waiver, and what may be quarantined, to checks or families that the spec runs.

    Args:
        spec: The spec with its waivers.
        source: Where it was written.
        families: The families that the spec leaves on.

    Raises:
        InputError: One names no check and no family, or one that this spec does not run.
    """
    quarantine = spec.training_set.quarantine
    if not spec.waivers and quarantine is None:
        return
    from dq_pipeline.contracts.of_tables import contracts_of

    known = {contract.check for contract in contracts_of(spec)}
    silent: dict[str, str] = {}
    for family in families:
        why = family.silent()
        if why is None:
            known |= {family.name, *(check.name for check in family.checks())}
        else:
            silent[family.name] = why
    named: list[tuple[str, Sequence[str | int]]] = [
        (waiver.check, ("waivers", place, "check")) for place, waiver in enumerate(spec.waivers)
    ]
    named += [
        (name, ("training_set", "quarantine", "checks", place))
        for place, name in enumerate(quarantine.checks if quarantine else ())
    ]
    for name, keys in named:
        if name in known:
            continue
        off = spec.checks.get(name) is False
        why = silent.get(name, f"checks.{name} is false" if off else "")
        close = difflib.get_close_matches(name, sorted(known), n=1)
        raise InputError(
            source.where(keys),
            found=f"{name!r}, which does not run: {why}" if why else f"{name!r}, which is no check",
            expected=f"one of {', '.join(sorted(known))}",
            fix=f"write {close[0]!r}" if close and not why else f"take {name!r} out",
        )
