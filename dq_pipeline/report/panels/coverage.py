"""What production holds that the training data does not, and the edge cases against their quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import shown
from dq_pipeline.measures.keys import key_of, values_of
from dq_pipeline.report.model import Bars, Pairs, Panel
from dq_pipeline.report.panels.rows import DRAWN, table

if TYPE_CHECKING:
    from dq_pipeline.report.subject import Subject

FLOOR = 0.005
"""Least share of production for a cell to be drawn: the ratio of rarer ones is noise."""


def against_production(subject: Subject) -> list[Panel]:
    """Share of each cell in training and in production."""
    panels = []
    for by in subject.breakdowns("production_count"):
        rows = {
            split: subject.shares(f"{split}_count", by) for split in ("training", "validation", "production")
        }
        total = {split: sum(counts.values()) for split, counts in rows.items()}
        if not (total["training"] and total["production"]):
            continue
        keys = list(rows["production"])
        training = {key: rows["training"].get(key, 0.0) / total["training"] for key in keys}
        production = {key: rows["production"][key] / total["production"] for key in keys}
        keys.sort(key=lambda key: -_gap(training[key], production[key]))
        drawn = [key for key in keys if production[key] >= FLOOR][:DRAWN] or keys[:DRAWN]
        worst, dims, ratio = drawn[0], by.replace(",", " x "), subject.shares("representation_ratio", by)
        says = f"{_cell(worst, by)} is {100 * production[worst]:.3g} % of production and {100 * training[worst]:.3g} % of training."
        cells = [
            (
                _cell(key, by),
                rows["training"].get(key),
                rows["validation"].get(key),
                rows["production"][key],
                ratio.get(key),
            )
            for key in keys
        ]
        panels.append(
            Panel(
                f"coverage-{by}", f"Training against production, {dims}", says,
                f"Two points a cell, its share in training and in production, the widest gap first. {says}",
                table((dims, "training rows", "validation rows", "production rows", "ratio"), cells),
                Pairs(
                    tuple(_cell(key, by) for key in drawn), tuple(training[key] for key in drawn),
                    tuple(production[key] for key in drawn), ("training", "production"), "share of the rows",
                ),
            )
        )  # fmt: skip
    return panels


def edge_cases(subject: Subject) -> list[Panel]:
    """Rows of each edge case in each part against its quota, those that are short first."""
    by = "edge_case,split"
    rows = subject.defined("edge_case_count", by)
    quotas = {
        key_of((case.name, part)): float(quota)
        for case in subject.spec.edge_cases
        for part, quota in case.quotas(split=True).items()
    }
    counted = {row.key: row.estimate.value or 0.0 for row in rows if row.key in quotas}
    if not counted:
        return []
    short = {key: quotas[key] - have for key, have in counted.items() if have < quotas[key]}
    ordered = sorted(counted, key=lambda key: (-short.get(key, 0.0), key))
    drawn = ordered[:DRAWN]
    says = f"{len(short):,} of {len(counted):,} quotas are not met."
    if short:
        worst = ordered[0]
        says += f" Furthest from it is {_cell(worst, by, ', ')}: short by {shown(short[worst])} rows."
    about = {case.name: case for case in subject.spec.edge_cases}
    cells = [
        (
            _cell(key, by, ", "),
            about[name].where,
            counted[key],
            quotas[key],
            short.get(key, 0.0),
            about[name].owner,
        )
        for key in ordered
        for name in values_of(key, by)[:1]
    ]
    return [
        Panel(
            "edge-case-quotas", "Edge cases against their quotas", says,
            f"Bars, one an edge case and part, with its quota as a mark. {says}",
            table(("edge case, part", "where", "rows", "quota", "short by", "owner"), cells),
            Bars(
                tuple(_cell(key, by, ", ") for key in drawn), tuple(counted[key] for key in drawn),
                targets=tuple(quotas[key] for key in drawn), axis="rows",
            ),
        )
    ]  # fmt: skip


def _cell(key: str, by: str, between: str = " x ") -> str:
    return between.join(values_of(key, by))


def _gap(training: float, production: float) -> float:
    """How many times rarer the cell is in training, the smallest training share standing in for nothing."""
    return production / max(training, 1e-9)
