"""Tables of what trips an engine: ids past 2^63, nulls, NaN, empty text, letters beyond ASCII, names alike but for case or blanks."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from dq_pipeline.spec import spec_from

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dq_pipeline.spec import Spec

ODD_IDS = ["13972909329109139892", "93723560864298497951", "é", "e\u0301", "I1", "i1 ", ""]
SOURCES = ["north", "North", " north", "süd", "", "a|b", None]
LIGHT = ["day", "night", "Day", "NA", "?", "é", None]
ANNOTATORS = ["ana", "ben", "Ben", " ana", "ÿ", "😀", "", None, "x,y"]
LABELS = ["cat", "dog", "Cat", "cat ", "", "nan", "ß", None]
START = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - as tables hold it


def write(folder: Path, seed: int, items: int = 60) -> dict[str, pa.Table]:
    """Write the tables of a seed as Parquet files, and return them.

    Args:
        folder: Where the Parquet files go.
        seed: Of the random values.
        items: Items with plain ids; there are six annotations for each.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    ids = [f"i{number}" for number in range(items)] + ODD_IDS

    def some(values: Sequence[Any]) -> Callable[[], Any]:
        return lambda: chance.choice(values)

    def number() -> float | None:
        return chance.choice([None, float("nan"), 0.5, 18.0, 17.999, 64.0, 65.0, 1e-5, chance.random() * 90])

    def moment() -> dt.datetime | None:
        return chance.choice([None, START + dt.timedelta(minutes=chance.randrange(200_000))])

    def rows(count: int, kinds: dict[str, tuple[Callable[[], Any], pa.DataType | None]]) -> pa.Table:
        return pa.table(
            {name: pa.array([make() for _ in range(count)], kind) for name, (make, kind) in kinds.items()}
        )

    voted = [chance.choice([*ids, "nowhere", None]) for _ in range(items * 6)]
    truth = {item: chance.choice(LABELS) for item in dict.fromkeys(voted)}
    # Most votes are right, so that Dawid-Skene settles in few steps.
    said = [truth[item] if chance.random() < 0.9 else chance.choice(LABELS) for item in voted]
    text, double = pa.string(), pa.float64()
    tables = {
        "items": rows(
            len(ids),
            {
                "src": (some(SOURCES), text),
                "grp": (some(["g1", "g2", "G1", None, *(f"p{place}" for place in range(9))]), text),
                "light": (some(LIGHT), text),
                "age": (number, double),
                "size": (some([None, *(chance.random() * 100 for _ in range(30))]), double),
                "at": (moment, pa.timestamp("ns" if seed % 2 else "us")),
                "said": (some(["a cat", "A cat", "dog sat", "", None, "cat", "Ünï"]), text),
                "big": (some([0, 1, 2]), pa.int64()),
                "vector": (lambda: chance.choice([None, [chance.random(), 1.0], [0.5]]), None),
            },
        ).add_column(0, "id", pa.array(ids)),
        "annotations": rows(
            len(voted),
            {
                "id": (iter(voted).__next__, text),
                "who": (some(ANNOTATORS), text),
                "label": (iter(said).__next__, text),
                "at": (
                    lambda: chance.choice(["soon", "", None, "2024-02-03T10:00:00Z", str(moment())]),
                    text,
                ),
                "version": (some(["v1", "v2", None, ""]), text),
                "seconds": (some([None, float("nan"), -1.0, 3.0, 0.25, 59.5]), double),
                "team": (some(["x", "y", None, "X"]), text),
            },
        ),
        "gold": rows(min(25, len(ids)) + 2, {"label": (some(LABELS), text)}).add_column(
            0, "id", pa.array([*chance.sample(ids, min(25, len(ids))), ids[0], None])
        ),
        "production": rows(
            80,
            {
                "src": (some(SOURCES), text),
                "light": (some(LIGHT), text),
                "age": (number, double),
                "size": (lambda: chance.random() * 100, double),
                "label": (some(LABELS), text),
                "at": (lambda: START, pa.timestamp("us")),
            },
        ),
        "sessions": pa.table(
            {"day": ["2024-01-20", "2024-02-10"], "who": ["ana", "ben"], "version": ["v1", "v2"]}
        ),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=50)
    return tables


def spec_of(folder: Path, backend: str = "duckdb", **more: Any) -> tuple[Spec, list[str]]:
    """The spec of the dataset in a folder, counted by a backend; a role that is None is left out."""
    written = {**keys(), **more, "engine": {"backend": backend}}
    return spec_from({key: value for key, value in written.items() if value is not None}, base=folder)


def keys() -> dict[str, Any]:
    """What the spec says, but for its engine."""
    return {
        "dataset": "awkward",
        "items": {
            "table": "items.parquet",
            "id": "id",
            "source": "src",
            "group": "grp",
            "time": "at",
            "conditions": ["light", {"name": "age", "edges": [0, 18, 65]}, {"name": "size", "quantiles": 3}],
            "content": ["said", "src"],
            "text": "said",
            "features": ["age", "big", "vector"],
        },
        "annotations": {
            "table": "annotations.parquet",
            "item": "id",
            "annotator": "who",
            "label": "label",
            "time": "at",
            "guideline": "version",
            "seconds": "seconds",
            "annotator_group": "team",
        },
        "gold": {"table": "gold.parquet", "item": "id", "label": "label"},
        "production": {"table": "production.parquet", "label": "label", "time": "at"},
        "calibration": {
            "table": "sessions.parquet",
            "when": "day",
            "annotator": "who",
            "guideline": "version",
        },
        "edge_cases": [
            {
                "name": "kids",
                "where": "age < 18 and light = 'day'",
                "train": 1,
                "validation": 1,
                "owner": "ana",
                "reason": "missed in March",
            },
            {
                "name": "cats",
                "where": "said ilike '%cat' or big in (1, 2)",
                "train": 1,
                "validation": 1,
                "owner": "ana",
                "reason": "missed in May",
            },
        ],
    }
