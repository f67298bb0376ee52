"""All definitions in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.reference import agreement, annotators, composition, contracts, coverage, integrity, time
from dq_pipeline.reference.columns import COLUMNS

if TYPE_CHECKING:
    from dq_pipeline.reference.definition import Definition, FamilyWords

MEASURES: dict[str, Definition] = {
    **agreement.MEASURES,
    **annotators.MEASURES,
    **time.MEASURES,
    **composition.MEASURES,
    **coverage.MEASURES,
    **integrity.MEASURES,
    **contracts.MEASURES,
}
"""Name of a measure to its definition."""

DEFINITIONS: dict[str, Definition] = {**COLUMNS, **MEASURES}
"""The same, and of the handouts' numbers that are no measures."""

FAMILIES: dict[str, FamilyWords] = {
    "contracts": contracts.FAMILY,
    "agreement": agreement.FAMILY,
    "annotators": annotators.FAMILY,
    "gold": annotators.GOLD,
    "drift": time.DRIFT,
    "calibration": time.CALIBRATION,
    "consensus": annotators.CONSENSUS,
    "balance": composition.BALANCE,
    "concentration": composition.CONCENTRATION,
    "shortcuts": composition.SHORTCUTS,
    "coverage": coverage.COVERAGE,
    "edge_cases": coverage.EDGE_CASES,
    "integrity": integrity.FAMILY,
    "own_suite": contracts.OWN_SUITE,
}
"""Name of a family to its words, in the order in which people read them."""
