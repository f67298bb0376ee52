"""A simulated crowd: annotators of known skill label items of known labels, some of which are gold, over weeks."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from dq_pipeline.audit import audit
from dq_pipeline.families import FAMILIES
from dq_pipeline.spec import spec_from

LABELS = ("cat", "dog", "cow")
FIRST = dt.date(2024, 1, 4)
"""The first day, a Thursday as 1970-01-01 was: windows of seven days begin on it."""


@dataclass
class Crowd:
    """What is simulated.

    Attributes:
        right: Chance of each annotator's label to be right; a function of (annotator, week) where it is none.
        weeks: How many.
        items: Items a week.
        votes: Annotators an item.
        gold: Share of items that are gold.
        mix: Shares of the labels, or a function of the week.
        version: The guideline's version by (annotator, day).
    """

    annotators: int = 8
    right: object = 0.85
    weeks: int = 30
    items: int = 100
    votes: int = 3
    gold: float = 0.8
    mix: object = (0.6, 0.3, 0.1)
    version: object = field(default=lambda _who, _day: "v1")
    seed: int = 7

    def write(self, folder):
        """Write annotations.csv and gold.csv, and give their part of a spec."""
        random = np.random.default_rng(self.seed)
        rows, gold = [], []
        for week in range(self.weeks):
            shares = self.mix(week) if callable(self.mix) else self.mix
            truths = random.choice(len(LABELS), self.items, p=shares)
            for place, truth in enumerate(truths):
                item, day = (
                    f"i{week:03}_{place:03}",
                    FIRST + dt.timedelta(days=7 * week + place * 7 // self.items),
                )
                if random.random() < self.gold:
                    gold.append((item, LABELS[truth]))
                for who in random.permutation(self.annotators)[: self.votes]:
                    right = self.right(who, week) if callable(self.right) else self.right
                    label = truth if random.random() < right else (truth + random.integers(1, 3)) % 3
                    rows.append((item, f"ann{who}", LABELS[label], day.isoformat(), self.version(who, day)))
        tables = {
            "annotations": [("item", "who", "label", "at", "version"), *rows],
            "gold": [("item", "label"), *gold],
        }
        for name, table in tables.items():
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(table)
        return {
            "dataset": "pets",
            "annotations": {
                "table": "annotations.csv",
                "item": "item",
                "annotator": "who",
                "label": "label",
                "time": "at",
                "guideline": "version",
            },
            "gold": {"table": "gold.csv", "item": "item", "label": "label"},
        }


def audited(written, folder, *families, **policies):
    """The audit of a spec with only some families on."""
    checks = {family.name: policies.get(family.name, family.name in families) for family in FAMILIES}
    spec, source = spec_from({**written, "checks": checks}, base=folder)
    return audit(spec, source)


def by_check(found):
    """The verdicts by check, contracts left out."""
    return {verdict.check: verdict for verdict in found.verdicts if verdict.family != "contracts"}


def by_key(found, measure, by="annotator"):
    """The estimates of a measure by key."""
    return {row.key: row.estimate for row in found.measures if row.measure == measure and row.by == by}
