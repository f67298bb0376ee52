"""The awkward tables as plain Python reads them: rows with roles, the votes that count, sides of the split and bins."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections import Counter, defaultdict
from functools import cached_property

import numpy as np

DAY = dt.timedelta(days=1)
EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - as tables hold it
MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "unknown", "?"}
VALIDATION, TEST, SEED = 0.1, 0.2, 7
"""The split where a spec says nothing."""


def a_number(value):
    """None for NaN too."""
    return None if value is None or math.isnan(value) else value


def a_time(text):
    """The time that a text says, in UTC and without a zone; None where it says none."""
    try:
        return dt.datetime.fromisoformat(text or "").replace(tzinfo=None)
    except ValueError:
        return None


def a_day(time):
    return None if time is None else (time - EPOCH) // DAY


def a_month(time):
    return None if time is None else time.strftime("%Y-%m")


def digest(text):
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - no secret


def side(unit):
    """The side of the split: 13 digits of a digest as a share of all such digests."""
    share = int(digest(f"{SEED}:{unit}")[:13], 16) / 16**13
    return "test" if share < TEST else "validation" if share < TEST + VALIDATION else "train"


def bin_of(value, edges):
    """The bin of a number, whole edges written as whole numbers."""
    names = [str(int(edge)) if float(edge).is_integer() else repr(float(edge)) for edge in edges]
    if value is None:
        return None
    if value < edges[0]:
        return f"< {names[0]}"
    for place in range(1, len(edges)):
        if value < edges[place]:
            return f"[{names[place - 1]}, {names[place]})"
    return f">= {names[-1]}"


class PlainTables:
    """Rows as dictionaries by role, of the tables that `awkward_tables.write` made."""

    def __init__(self, tables):
        self.raw = {name: table.to_pylist() for name, table in tables.items()}
        sizes = [a_number(row["size"]) for row in self.raw["items"]]
        edges = np.quantile([size for size in sizes if size is not None], [1 / 3, 2 / 3])
        self._edges = sorted({float(f"{edge:.12g}") for edge in edges})

    def _conditions(self, row):
        return {
            "source": row["src"],
            "light": row["light"],
            "age": bin_of(a_number(row["age"]), [0, 18, 65]),
            "size": bin_of(a_number(row["size"]), self._edges),
        }

    @cached_property
    def items(self):
        return [
            row
            | self._conditions(row)
            | {
                "item": row["id"],
                "group": row["grp"],
                "split": side(row["id"] if row["grp"] is None else row["grp"]),
                "time": a_month(row["at"]),
            }
            for row in self.raw["items"]
        ]

    @cached_property
    def item(self):
        return {row["item"]: row for row in self.items}

    @cached_property
    def production(self):
        return [row | self._conditions(row) | {"time": a_month(row["at"])} for row in self.raw["production"]]

    @cached_property
    def annotations(self):
        return [
            {
                "item": row["id"],
                "annotator": row["who"],
                "label": row["label"],
                "time": a_time(row["at"]),
                "guideline": row["version"],
                "seconds": a_number(row["seconds"]),
                "annotator_group": row["team"],
            }
            for row in self.raw["annotations"]
        ]

    @cached_property
    def votes(self):
        """Of an annotator's annotations of an item the first, with the dimensions of the item."""
        stand = {}
        for row in self.annotations:
            if None not in (row["item"], row["annotator"], row["label"]):
                stand.setdefault((row["item"], row["annotator"]), row)
        dims = ("source", "split", "light", "age", "size", "group")
        return [
            row | {dim: self.item[row["item"]][dim] if row["item"] in self.item else None for dim in dims}
            for row in stand.values()
        ]

    @cached_property
    def triples(self):
        return [(row["item"], row["annotator"], row["label"]) for row in self.annotations]

    @cached_property
    def gold(self):
        """The first gold label of each item."""
        known = {}
        for row in self.raw["gold"]:
            if None not in (row["id"], row["label"]):
                known.setdefault(row["id"], row["label"])
        return known

    @cached_property
    def sessions(self):
        """Day, annotator and guideline of each."""
        rows = self.raw["sessions"]
        return sorted({(a_day(a_time(row["day"])), row["who"], row["version"]) for row in rows})

    @cached_property
    def majority(self):
        """The label that most annotators gave each item, where no other has as many."""
        of_item = defaultdict(Counter)
        for vote in self.votes:
            of_item[vote["item"]][vote["label"]] += 1
        found = {}
        for item, labels in of_item.items():
            (label, most), *others = labels.most_common()
            if not others or others[0][1] < most:
                found[item] = label
        return found
