"""The pictures of a report, one function a way that data fails; a picture whose numbers are not there is left out."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from dq_pipeline.reference import FAMILIES
from dq_pipeline.report.model import Section
from dq_pipeline.report.panels import (
    agreement,
    annotators,
    composition,
    coverage,
    drift,
    gate,
    integrity,
    work,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dq_pipeline.report.model import Panel
    from dq_pipeline.report.subject import Subject

PANELS: dict[str, tuple[Callable[[Subject], list[Panel]], ...]] = {
    "agreement": (
        agreement.by_label,
        agreement.confusions,
        agreement.people,
        agreement.over_time,
        agreement.sliced,
    ),
    "annotators": (annotators.each, annotators.consensus),
    "drift": (drift.windows, drift.falls),
    "calibration": (drift.sessions, drift.overdue),
    "balance": (composition.shares, composition.cells),
    "concentration": (composition.sources, composition.mosaic),
    "coverage": (coverage.against_production,),
    "edge_cases": (coverage.edge_cases,),
    "integrity": (integrity.faults, integrity.given_away),
}
"""The family whose question a picture answers, and the functions that make its panels."""
MOST = 8
"""Panels that a section has at most: a spec with a hundred conditions makes no endless page."""


def sections(subject: Subject) -> tuple[Section, ...]:
    """The sections that have something to show."""
    made = []
    for family, functions in PANELS.items():
        panels = [panel for function in functions for panel in function(subject)][:MOST]
        if panels:
            words = FAMILIES[family]
            made.append(
                Section(family.replace("_", "-"), words.title, words.asks, words.matters, tuple(panels))
            )
    lists = tuple(work.lists(subject)[:MOST])
    if lists:
        made.append(Section("work", "Work to hand out", "What is to be done, row by row?", "", lists))
    nights = (*gate.history(subject), *gate.numbers(subject))[:MOST]
    if nights:
        made.append(Section("gate", "Gate", "How did it go, audit by audit?", "", nights))
    return _with_safe_ids(made)


def _with_safe_ids(made: list[Section]) -> tuple[Section, ...]:
    """The sections with ids of letters, digits and hyphens that no two panels share: a breakdown's name is a user's."""
    taken: set[str] = set()

    def safe(panel: Panel) -> Panel:
        plain = re.sub("[^A-Za-z0-9]+", "-", panel.id)[:40].strip("-")
        candidate, number = plain, 1
        while candidate in taken:
            number += 1
            candidate = f"{plain}-{number}"
        taken.add(candidate)
        return replace(panel, id=candidate)

    return tuple(replace(section, panels=tuple(safe(panel) for panel in section.panels)) for section in made)
