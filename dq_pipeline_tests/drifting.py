"""A crowd of four on 600 items: dan labels as the others do until the middle, and by chance from there on."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

CROWD, ITEMS, SITES = ("ana", "ben", "cyd", "dan"), 600, ("north", "south", "west")


def make(folder: Path, **training_set: Any) -> dict[str, Any]:
    """Write the tables; returns the keys of a spec that blocks on them, for dan's sake alone."""
    chance = random.Random(3)  # noqa: S311 - the same every time
    items, votes = ["item,site,weather"], ["item,who,label,at"]
    for place in range(ITEMS):
        true = chance.choice(("cat", "dog"))
        items.append(f"i{place:04},{chance.choice(SITES)},{chance.choice(('rain', 'sun'))}")
        for who in CROWD:
            said = true if chance.random() < 0.97 else {"cat": "dog", "dog": "cat"}[true]
            if who == "dan" and place >= ITEMS // 3:
                said = chance.choice(("cat", "dog"))
            votes.append(f"i{place:04},{who},{said},2026-01-{1 + place // 25:02}T00:00:00")
    (folder / "items.csv").write_text("\n".join(items) + "\n", encoding="utf-8")
    (folder / "votes.csv").write_text("\n".join(votes) + "\n", encoding="utf-8")
    return {
        "dataset": "drifting",
        "items": {"table": "items.csv", "id": "item", "source": "site", "conditions": ["weather"]},
        "annotations": {
            "table": "votes.csv",
            "item": "item",
            "annotator": "who",
            "label": "label",
            "time": "at",
        },
        "checks": {"drift": {"once_in": {"warn": 200, "block": 200}}},
        "training_set": training_set,
        "mlflow": False,
    }
