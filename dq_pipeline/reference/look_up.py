"""What a name that a person has read somewhere means: a measure, a family, or a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.reference.contracts import APART, CHECKS
from dq_pipeline.reference.registry import FAMILIES, MEASURES

if TYPE_CHECKING:
    from dq_pipeline.reference.definition import FamilyWords

PREFIXES = {
    "agreement_slices": "alpha_gap",
    "balance_cells": "cell_count",
    "edge_case": "edge_case_count",
    "drift_agreement": "agreement_drift",
    "drift_gold": "gold_drift",
    "calibration_overdue": "days_overdue",
    "calibration_uncalibrated": "uncalibrated_share",
    "calibration_guideline": "old_guideline_share",
    "gold_suspect": "suspect_gold",
    **CHECKS,
}
"""How the names of checks start that do not hold their measure's name, and the measure that they judge."""


def measure_of(check: str) -> str | None:
    """The measure that a check judges, told from its name; None for a name that is no check's."""
    if check in MEASURES:
        return check
    starts = [start for start in PREFIXES if check == start or check.startswith(start + "_")]
    if starts:
        return PREFIXES[max(starts, key=len)]
    held = [name for name in MEASURES if f"_{name}_" in f"_{check}_"]
    return max(held, key=len, default=None)


def words_of(name: str) -> FamilyWords | None:
    """What a family, or a check that is of none, asks; None for another name."""
    apart = next((start for start in APART if name == start or name.startswith(start + "_")), None)
    return FAMILIES.get(name) or (APART[apart] if apart else None)


def family_of(check: str) -> str | None:
    """The family that a check belongs to, told from its name."""
    starts = [
        name for name in FAMILIES if check == name or check.startswith((f"{name}_", f"{name.rstrip('s')}_"))
    ]
    return max(starts, key=len, default=None)
