"""The project that the docs speak of: images, readings, gold, specs, and the folders of two audits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

IMAGES = 360
READERS = ("ana", "bo", "cy")
FINDINGS = ("effusion", "nodule", "normal")
SUITE = {
    "name": "images",
    "expectations": [
        {
            "type": "expect_column_values_to_not_be_null",
            "kwargs": {"column": "image_id"},
            "severity": "critical",
        }
    ],
}


def project(folder: Path, spec: str) -> None:
    """Write the project's files.

    Args:
        folder: Where they go.
        spec: The text of spec.yaml.
    """
    names = [f"img{n:04}" for n in range(IMAGES)]
    found = [FINDINGS[n * 7 % 11 % 3] for n in range(IMAGES)]
    images = {
        "image_id": names,
        "hospital": [("north", "south", "west")[n % 3] for n in range(IMAGES)],
        "patient_id": [f"p{n // 2}" for n in range(IMAGES)],
        "view_position": [("AP", "PA")[n // 3 % 2] for n in range(IMAGES)],
        "sex": [("F", "M")[n // 6 % 2] for n in range(IMAGES)],
    }
    pq.write_table(pa.table(images), folder / "images.parquet")
    readings = [
        f"{name},{reader},{_said(n, k, label)},2026-{1 + n // 120:02}-{1 + n % 28:02}"
        for n, (name, label) in enumerate(zip(names, found, strict=True))
        for k, reader in enumerate(READERS)
    ]
    (folder / "readings.csv").write_text("\n".join(["image_id,reader_id,finding,read_at", *readings]) + "\n")
    gold = [f"{name},{label}" for name, label in list(zip(names, found, strict=True))[::4]]
    (folder / "gold.csv").write_text("\n".join(["image_id,finding", *gold]) + "\n")
    (folder / "spec.yaml").write_text(spec)
    (folder / "chest_xray.yaml").write_text(spec)
    (folder / "suite.json").write_text(json.dumps(SUITE))


def _said(place: int, reader: int, label: str) -> str:
    """What a reader says: nearly always what is there, twice in a spelling of his own."""
    if place % 40 == reader:
        return FINDINGS[FINDINGS.index(label) - 1]
    return "efusion" if label == "effusion" and place in {26, 59} and reader == 1 else label
