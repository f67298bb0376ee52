"""An audit of a dataset that grew counts what is new, says so, and tells what an audit of the whole tells."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dq_pipeline.audit import Folders, audit
from dq_pipeline.spec import InputError, load_spec

SPEC = """\
dataset: growing
annotations: {table: votes/*.parquet, item: item, annotator: who, label: label, time: at}
items: {table: items/*.parquet, id: item, source: site, conditions: [light, {name: age, edges: [0, 18, 65]}]}
checks: {consensus: false}
mlflow: false
"""


def put(folder, night, chance, late=()):
    """A night's items and their votes, some of them late ones on the items of earlier nights."""
    ids = [f"n{night}i{number}" for number in range(60)]
    votes = [
        (item, f"ann{who}", chance.choice("aaabc"), f"2026-01-{night + 1:02}")
        for item in [*ids, *late]
        for who in chance.sample(range(6), 3)
    ]
    items = [
        (item, chance.choice("xyz"), chance.choice(["day", "night", None]), chance.randrange(90))
        for item in ids
    ]
    for name, columns, rows in (
        ("votes", ("item", "who", "label", "at"), votes),
        ("items", ("item", "site", "light", "age"), items),
    ):
        (folder / name).mkdir(exist_ok=True)
        pq.write_table(
            pa.table(dict(zip(columns, zip(*rows, strict=True), strict=True))),
            folder / name / f"{night:02}.parquet",
        )
    return ids


def audited(folder, states=None, watch=None):
    return audit(*load_spec(folder / "spec.yaml"), folders=Folders(states=states), watch=watch)


@pytest.fixture(scope="module")
def audits(tmp_path_factory):
    """The first audit, that of the night after, one of all without what was kept; and the folder."""
    folder = tmp_path_factory.mktemp("growing")
    (folder / "spec.yaml").write_text(SPEC, encoding="utf-8")
    chance = random.Random(5)  # noqa: S311 - no secret
    old = [item for night in range(3) for item in put(folder, night, chance)]
    first = audited(folder, folder / "states")
    put(folder, 3, chance, late=old[:2])
    return first, audited(folder, folder / "states"), audited(folder), folder


@pytest.fixture
def grown(audits, tmp_path):
    """The same, in a folder of the test's own."""
    *made, folder = audits
    return *made, Path(shutil.copytree(folder, tmp_path / "own"))


def test_its_numbers_and_verdicts_are_those_of_a_full_audit(grown):
    _, second, full, _ = grown
    key = ("family", "measure", "table", "by", "key")
    numbers = {tuple(getattr(row, name) for name in key): row.estimate for row in second.measures}
    assert [tuple(getattr(row, name) for name in key) for row in full.measures] == list(numbers)
    for row in full.measures:
        found = numbers[tuple(getattr(row, name) for name in key)]
        assert (found.n, found.status) == (row.estimate.n, row.estimate.status)
        for name in ("value", "low", "high"):
            told, expected = getattr(found, name), getattr(row.estimate, name)
            assert told == (None if expected is None else pytest.approx(expected, rel=1e-12, abs=1e-12)), row
    assert [(one.check, one.verdict, one.sentence) for one in second.verdicts] == [
        (one.check, one.verdict, one.sentence) for one in full.verdicts
    ]


def test_it_says_what_it_counted(grown):
    first, second, full, _ = grown
    assert first.timings.parts == {name: {"files": 3, "counted": 3} for name in ("annotations", "items")}
    assert second.timings.as_dict()["parts"] == {
        name: {"files": 4, "counted": 1} for name in ("annotations", "items")
    }
    assert first.timings.reused == "Counted 3 of 3 files of annotations and 3 of 3 files of items."
    assert second.timings.reused == (
        "Counted 1 of 4 files of annotations and 1 of 4 files of items; kept the counts of 3 of annotations and 3 of items."
    )
    assert full.timings.reused == ""


class Writes:
    """Writes a night's file again while the others are counted."""

    def __init__(self, folder):
        self.folder = folder

    def connected(self, connection):
        pass

    def counted(self, rows):
        pass

    def stage(self, name):
        if name == "contracts":
            put(self.folder, 4, random.Random(7))  # noqa: S311 - no secret


def test_states_of_files_that_changed_meanwhile_are_not_kept(grown):
    *_, folder = grown
    put(folder, 4, random.Random(6))  # noqa: S311 - no secret
    there = {path.name for path in (folder / "states").iterdir()}
    with pytest.raises(InputError, match="changed while it was counted"):
        audited(folder, folder / "states", Writes(folder))
    assert {path.name for path in (folder / "states").iterdir()} == there


def test_where_nothing_can_be_kept_all_is_counted_and_a_warning_says_so(grown, caplog):
    *_, full, folder = grown
    blocked = folder / "no_folder"
    blocked.write_text("a file", encoding="utf-8")
    found = audited(folder, blocked)
    assert json.dumps([one.as_dict() for one in found.verdicts]) == json.dumps(
        [one.as_dict() for one in full.verdicts]
    )
    assert "could not be kept" in caplog.text


def test_steps_of_one_asset_each_share_what_is_kept(grown):
    *_, folder = grown
    spec = load_spec(folder / "spec.yaml")
    told = {}
    for assets in (("annotations",), ("items",), ("annotations",)):
        for states in (folder / "of_steps", None):
            found = audit(*spec, assets=assets, folders=Folders(states=states))
            told.setdefault(assets, []).append([one.as_dict() for one in found.verdicts])
            kept = found.timings.parts
            assert {name: part["files"] for name, part in kept.items()} == (
                {"annotations": 4, "items": 4} if states else {}
            )
    assert all(one == verdicts[0] for verdicts in told.values() for one in verdicts)


def test_what_was_kept_of_a_wrong_column_of_ids_is_of_no_use_when_it_is_mended(grown):
    *_, full, folder = grown
    path = folder / "spec.yaml"
    wrong = SPEC.replace("id: item,", "id: site,").replace("source: site", "source: item")
    path.write_text(wrong, encoding="utf-8")
    audited(folder, folder / "mended")
    path.write_text(SPEC, encoding="utf-8")
    found = audited(folder, folder / "mended")
    assert [one.as_dict() for one in found.verdicts] == [one.as_dict() for one in full.verdicts]


LABELLED = """\
dataset: labelled
items: {table: items/*.parquet, id: item, label: site, source: light}
gold: {table: gold.parquet, item: item, label: label}
mlflow: false
"""


def said(folder, states=None):
    return [one.as_dict() for one in audited(folder, states).verdicts]


def test_another_gold_label_of_a_labelled_item_is_seen(grown):
    *_, folder = grown
    (folder / "spec.yaml").write_text(LABELLED, encoding="utf-8")
    ids = [f"n{night}i{number}" for night in range(3) for number in range(40)]
    for label in "xy":
        pq.write_table(pa.table({"item": ids, "label": [label] * len(ids)}), folder / "gold.parquet")
        assert said(folder, folder / "of_items") == said(folder)


def test_a_newer_file_may_write_its_columns_in_capitals(grown):
    *_, folder = grown
    newest = pq.read_table(folder / "items" / "03.parquet")
    pq.write_table(newest.rename_columns(["Item", "SITE", "light", "Age"]), folder / "items" / "03.parquet")
    assert said(folder, folder / "states") == said(folder)
