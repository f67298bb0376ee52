"""What production holds that the training data does not, and the edge cases against their quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.report.model import Bars, Pairs, Panel
from dq_pipeline.report.panels.rows import DRAWN, by_value, table

if TYPE_CHECKING:
    from dq_pipeline.report.subject import Subject

FLOOR = 0.005
"""Least share of production for a cell to be drawn: the ratio of rarer ones is noise."""


def against_production(subject: Subject) -> list[Panel]:
    """Share of each cell in training and in production."""
    panels = []
    for by in subject.breakdowns("representation_ratio"):
        ratio = subject.shares("representation_ratio", by)
        training, production = subject.shares("training_share", by), subject.shares("production_share", by)
        both = [key for key in production if key in training]
        if not both:
            continue
        keys = sorted(both, key=lambda key: -_gap(training[key], production[key]))
        drawn = [key for key in keys if production[key] >= FLOOR][:DRAWN] or keys[:DRAWN]
        worst = drawn[0]
        dims = by.replace(",", " x ")
        says = (
            f"{worst.replace('|', ' x ')} is {100 * production[worst]:.3g} % of production and "
            f"{100 * training[worst]:.3g} % of training."
        )
        cells = [(key.replace("|", " x "), training[key], production[key], ratio.get(key)) for key in keys]
        panels.append(
            Panel(
                f"coverage-{by.replace(',', '-')}", f"Training against production, {dims}", says,
                f"Two points a cell, its share in training and in production, the widest gap first. {says}",
                table((dims, "training", "production", "ratio"), cells),
                Pairs(
                    tuple(key.replace("|", " x ") for key in drawn), tuple(training[key] for key in drawn),
                    tuple(production[key] for key in drawn), ("training", "production"), "share of the rows",
                ),
            )
        )  # fmt: skip
    return panels


def edge_cases(subject: Subject) -> list[Panel]:
    """Rows of each edge case against its quota."""
    panels = []
    for by in subject.breakdowns("edge_case_count"):
        rows = by_value(subject.defined("edge_case_count", by))
        if not rows:
            continue
        quota = subject.shares("edge_case_quota", by)
        short = [row for row in rows if (row.estimate.value or 0.0) < quota.get(row.key or "", 0.0)]
        ordered = [*short, *(row for row in rows if row not in short)]
        drawn = ordered[:DRAWN]
        says = f"{len(short):,} of {len(rows):,} are short of their quota."
        cells = [
            (
                row.key,
                row.estimate.value,
                quota.get(row.key or ""),
                max(quota.get(row.key or "", 0.0) - (row.estimate.value or 0.0), 0.0),
            )
            for row in ordered
        ]
        panels.append(
            Panel(
                f"edge-cases-{by.replace(',', '-')}", "Edge cases against their quotas", says,
                f"Bars, one an edge case, with its quota as a mark. {says}",
                table(("edge case", "rows", "quota", "short by"), cells),
                Bars(
                    tuple(row.key or "" for row in drawn), tuple(row.estimate.value or 0.0 for row in drawn),
                    targets=tuple(quota.get(row.key or "", 0.0) for row in drawn), axis="rows",
                ),
            )
        )  # fmt: skip
    return panels


def _gap(training: float, production: float) -> float:
    """How many times rarer the cell is in training, the smallest training share standing in for nothing."""
    return production / max(training, 1e-9)
