"""What a name that a person has read somewhere means: a measure, a family, or a check."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from dq_pipeline.reference.checks import NAMES, STARTS
from dq_pipeline.reference.contracts import APART
from dq_pipeline.reference.registry import DEFINITIONS, FAMILIES, MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dq_pipeline.reference.definition import FamilyWords

_WHOLE = frozenset({"quality_gate", "quotas_met"})
"""Checks of no family whose names do not go on."""


def measure_of(check: str) -> str | None:
    """The measure that a check judges, told from its name; None for a name that is no check's."""
    if check in MEASURES:
        return check
    start = _start_of(check, STARTS)
    return NAMES.get(check) or (STARTS[start] if start else None)


def words_of(name: str) -> FamilyWords | None:
    """What a family, or a check that is of none, asks; None for another name."""
    apart = name if name in APART else _start_of(name, APART.keys() - _WHOLE)
    return FAMILIES.get(name) or (APART[apart] if apart else None)


def family_of(check: str) -> str | None:
    """The family of a check, or the one that goes by the name; None for another name."""
    if check in FAMILIES:
        return check
    if check not in NAMES and _start_of(check, STARTS) is None:
        return None
    starts = [name for name in FAMILIES if check.startswith((f"{name}_", f"{name.rstrip('s')}_"))]
    return max(starts, key=len, default=None)


def closest(name: str) -> str | None:
    """The name that was likely meant: of a check, a measure or a family; None where none is near."""
    known = [*DEFINITIONS, *FAMILIES, *NAMES, *APART]
    return next(iter(get_close_matches(name, known, n=1)), None)


def _start_of(name: str, starts: Iterable[str]) -> str | None:
    """The start of a name that goes on with one of the user's own."""
    return next((start for start in starts if name.startswith(f"{start}_") and name != f"{start}_"), None)
