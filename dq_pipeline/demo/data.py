"""Street scenes, seeded: clean, or with defects planted by name, one of each kind that training data has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

DATASET = "street_scenes"
LABELS = {"clear_road": 0.30, "vehicle": 0.28, "cyclist": 0.22, "pedestrian": 0.20}
FLEETS = {"amber": 0.21, "birch": 0.19, "cedar": 0.17, "delta": 0.16, "larch": 0.15, "fjord": 0.12}
WEATHER = {"clear": 0.5, "rain": 0.3, "snow": 0.2}
LIGHT = {"day": 0.6, "night": 0.4}
ANNOTATORS = ("ana", "ben", "chloe", "dan", "eva", "finn", "gus", "hana")
SIGNALS = ("motion", "edges", "height")
"""Numbers that a camera gives, from which a model can learn the label."""
VOTES = 3
GOLD = 240
PRODUCTION = 900

DEFECTS: dict[str, str] = {
    "vague_guideline": "annotators cannot tell far-off people from empty road",
    "careless_annotator": "gus answers at random",
    "one_source": "fleet amber gives nine scenes of ten",
    "shortcut": "half of the cyclists come from fleet birch",
    "rare_label": "one pedestrian in two hundred scenes",
    "missing_condition": "no snow at night, which production has",
    "undeclared_label": "a label that nobody declared",
    "orphans": "annotations of scenes that are not there",
    "doubled_items": "scenes that are there twice",
    "lost_gold": "gold whose ids match nothing",
}
"""What can be planted, and what it is."""

FOUND_BY: dict[str, tuple[str, ...]] = {
    "vague_guideline": ("agreement_",),
    "careless_annotator": ("annotators_", "agreement_"),
    "one_source": ("concentration_",),
    "shortcut": ("shortcuts_",),
    "rare_label": ("balance_",),
    "missing_condition": ("coverage_",),
    "undeclared_label": ("contract_annotations",),
    "orphans": ("contract_annotations_have_items",),
    "doubled_items": ("contract_items",),
    "lost_gold": ("contract_gold_joins",),
}
"""How the names of the checks start that find a defect."""


def make(
    folder: Path, *, defects: Collection[str] = (), items: int = 1_200, seed: int = 7, spec: bool = True
) -> Path:
    """Write the tables and their spec.

    Args:
        folder: Where; made when it is not there.
        defects: Names from `DEFECTS` to plant.
        items: How many scenes.
        seed: Another seed draws other scenes.
        spec: Whether to write spec.yaml too.

    Returns:
        The path of the spec.

    Raises:
        ValueError: A defect that there is none of.
    """
    unknown = sorted(set(defects) - DEFECTS.keys())
    if unknown:
        raise ValueError(f"no defect {unknown[0]!r}; there are {', '.join(DEFECTS)}")
    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(seed)
    scenes = _scenes(chance, items, defects)
    votes = _votes(chance, scenes, defects)
    gold = _gold(chance, scenes, defects)
    production = _circumstances(chance, PRODUCTION)
    _write(folder / "items.parquet", {name: scenes[name] for name in scenes if name != "truth"})
    _write(folder / "annotations.csv", votes)
    _write(folder / "gold.csv", gold)
    _write(folder / "production.parquet", production)
    path = folder / "spec.yaml"
    if spec:
        path.write_text(SPEC, encoding="utf-8")
    return path


SPEC = f"""\
# Street scenes, made by `dq-pipeline demo`. Every key: `dq-pipeline schema`.
dataset: {DATASET}
owners: ["team:perception"]
items: {{table: items.parquet, id: scene_id, source: fleet, group: drive_id, conditions: [weather, light]}}
annotations: {{table: annotations.csv, item: scene_id, annotator: annotator, label: label}}
gold: {{table: gold.csv, item: scene_id, label: label}}
production: {{table: production.parquet}}
labels: {{level: nominal, values: [{", ".join(LABELS)}]}}
training_set: {{consensus: majority, split: {{validation: 0.15, test: 0.15, by: group}}}}
checks:
  agreement: {{krippendorff_alpha: {{warn: 0.8, block: 0.667}}}}
  concentration: {{largest_share: {{warn: 0.5, block: 0.8}}, hhi: {{warn: 0.25}}}}
  balance: {{imbalance_ratio: {{warn: 10, block: 100}}, min_cell: 30}}
mlflow: {{tracking_uri: "sqlite:///mlflow.db"}}
nightly: {{cron: "0 2 * * *", timezone: UTC}}
"""


def _drawn(chance: np.random.Generator, shares: Mapping[str, float], n: int) -> NDArray[Any]:
    return chance.choice(np.array(list(shares)), size=n, p=np.array(list(shares.values())))


def _now_and_then(chance: np.random.Generator, share: float, n: int) -> NDArray[np.bool_]:
    happens: NDArray[np.bool_] = chance.random(n) < share
    return happens


def _circumstances(chance: np.random.Generator, n: int) -> dict[str, NDArray[Any]]:
    return {"weather": _drawn(chance, WEATHER, n), "light": _drawn(chance, LIGHT, n)}


def _scenes(chance: np.random.Generator, n: int, defects: Collection[str]) -> dict[str, NDArray[Any]]:
    """The items, with the truth beside them: three numbers that a camera gives make it learnable."""
    shares = LABELS
    if "rare_label" in defects:
        shares = {"clear_road": 0.38, "vehicle": 0.34, "cyclist": 0.275, "pedestrian": 0.005}
    truth = _drawn(chance, shares, n)
    fleet = _drawn(chance, FLEETS, n)
    if "one_source" in defects:
        fleet = np.where(_now_and_then(chance, 0.95, n), "amber", fleet)
    if "shortcut" in defects:
        moved = (truth == "cyclist") & _now_and_then(chance, 0.5, n)
        fleet = np.where(moved, "birch", fleet)
    around = _circumstances(chance, n)
    if "missing_condition" in defects:
        gone = (around["weather"] == "snow") & (around["light"] == "night")
        around["weather"] = np.where(gone, "clear", around["weather"])
    place = np.searchsorted(np.array(sorted(LABELS)), truth)
    centres = np.array([[0.0, 0.2, 0.1], [1.0, 0.8, 0.3], [0.9, 0.3, 0.9], [0.3, 1.0, 0.8]])[place]
    signals = centres + chance.normal(0, 0.22, (n, 3))
    drive = np.arange(n) // 6
    ids = np.array([f"scene{number:05}" for number in chance.permutation(n)])
    scenes = {
        "scene_id": ids,
        "fleet": fleet,
        "drive_id": np.array([f"drive{number:04}" for number in drive]),
        **around,
        **{name: signals[:, column].round(4) for column, name in enumerate(SIGNALS)},
        "truth": truth,
    }
    if "doubled_items" in defects:
        again = np.concatenate([np.arange(n), np.arange(5)])
        scenes = {name: column[again] for name, column in scenes.items()}
    return scenes


def _votes(
    chance: np.random.Generator, scenes: Mapping[str, NDArray[Any]], defects: Collection[str]
) -> dict[str, NDArray[Any]]:
    """Three of eight annotators label each scene, each right 97 times in 100."""
    ids, first = np.unique(scenes["scene_id"], return_index=True)
    truth = np.repeat(scenes["truth"][first], VOTES)
    who = np.argsort(chance.random((len(ids), len(ANNOTATORS))), axis=1)[:, :VOTES]
    annotator = np.array(ANNOTATORS)[who].ravel()
    n = len(truth)
    label = np.where(_now_and_then(chance, 0.97, n), truth, _drawn(chance, LABELS, n))
    if "vague_guideline" in defects:
        walks = np.isin(truth, ["cyclist", "pedestrian"])
        label = np.where(walks, chance.choice(["cyclist", "pedestrian", "clear_road"], size=n), label)
    if "careless_annotator" in defects:
        label = np.where(annotator == "gus", chance.choice(list(LABELS), size=n), label)
    item = np.repeat(ids, VOTES)
    if "undeclared_label" in defects:
        label = label.astype(object)
        label[:4] = "pedestrain"
    if "orphans" in defects:
        item = item.astype(object)
        item[-12:] = np.repeat([f"scene{90_000 + number}" for number in range(4)], 3)
    order = chance.permutation(n)
    return {"scene_id": item[order], "annotator": annotator[order], "label": label[order]}


def _gold(
    chance: np.random.Generator, scenes: Mapping[str, NDArray[Any]], defects: Collection[str]
) -> dict[str, NDArray[Any]]:
    ids, first = np.unique(scenes["scene_id"], return_index=True)
    some = chance.choice(len(ids), size=min(GOLD, len(ids)), replace=False)
    item = ids[some].astype(object)
    if "lost_gold" in defects:
        lost = len(item) * 3 // 4
        item[:lost] = [f"IMG_{name}" for name in item[:lost]]
    return {"scene_id": item, "label": scenes["truth"][first][some]}


def _write(path: Path, columns: Mapping[str, NDArray[Any]]) -> None:
    """Put a table in its place in one step: a nightly run may be reading."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import csv

    table = pa.table({name: pa.array(column.tolist()) for name, column in columns.items()})
    unfinished = path.with_name(f".unfinished-{path.name}")
    if path.suffix == ".parquet":
        pq.write_table(table, unfinished)
    else:
        csv.write_csv(table, unfinished)
    unfinished.replace(path)
