"""Integrity: each planted defect is found by its own check, with how many items and where they are listed."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from dq_pipeline.families import families_of
from dq_pipeline.spec import InputError, spec_from
from dq_pipeline_tests.families.judged import judged

HEADER = ("id", "text", "label", "part", "patient", "code")
ROLES = {
    "table": "items.csv",
    "id": "id",
    "label": "label",
    "split": "part",
    "group": "patient",
    "content": ["text"],
}
ALL = {
    "integrity_duplicate_share",
    "integrity_contradictory_share",
    "integrity_duplicates_across_split",
    "integrity_groups_across_split",
    "integrity_label_given_away",
}


def clean(items=500):
    """Items of distinct content, random labels, whole patients on one side."""
    draw = np.random.default_rng(11)
    order = draw.permutation(items)
    return [
        [
            f"i{order[n]:04}",
            f"item of number {n}",
            ("cat", "dog", "cow")[draw.integers(3)],
            "test" if (n // 2) % 5 == 0 else "train",
            f"p{n // 2}",
            str(draw.integers(4)),
        ]
        for n in range(items)
    ]


def run(folder, rows, *, roles=None, **policy):
    with Path(folder / "items.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    spec = {"dataset": "pets", "items": {**ROLES, **(roles or {})}, "checks": {"integrity": policy}}
    left = folder / "left"
    left.mkdir(exist_ok=True)
    return judged("integrity", folder, spec, left), {
        file.name: file.read_text().replace('"', "").splitlines() for file in left.iterdir()
    }


def test_texts_that_are_all_missing_ask_for_no_installation(tmp_path):
    rows = [[one[0], "", *one[2:]] for one in clean(60)]
    found, _ = run(tmp_path, rows, roles={"text": "text"})
    check = found.said["integrity_near_duplicate_share"]
    assert check.verdict == "insufficient"
    assert check.remedy.startswith("Export the items again")


def test_a_clean_table_passes_every_check_and_leaves_no_file(tmp_path):
    found, files = run(tmp_path, clean())
    assert found.verdicts == dict.fromkeys(ALL, "clear")
    assert files == {}


def test_repeated_items_are_counted_and_listed_with_the_first_of_their_kind(tmp_path):
    rows = clean()
    rows += [[f"again{n}", *rows[2][1:]] for n in range(6)]
    found, files = run(tmp_path, rows)
    check = found.said["integrity_duplicate_share"]
    assert check.verdict == "warn"
    assert check.value == 6 / 506
    assert check.remedy == "Take 6 items out; duplicates.csv lists each with the first of its kind."
    assert files["duplicates.csv"][0] == "same_as,item,label,split,contradictory,across,annotators"
    assert len(files["duplicates.csv"]) == 1 + 7
    assert {line.split(",")[0] for line in files["duplicates.csv"][1:]} == {"again0"}
    assert {name for name, verdict in found.verdicts.items() if verdict != "clear"} == {
        "integrity_duplicate_share"
    }


@pytest.mark.parametrize(("extra", "verdict"), [(5, "clear"), (6, "warn"), (55, "warn"), (56, "block")])
def test_the_share_of_duplicates_is_inclusive_at_its_limits(tmp_path, extra, verdict):
    rows = clean(500 - extra)
    rows += [[f"again{n}", *rows[0][1:]] for n in range(extra)]
    limits = {"warn": 0.01, "block": 0.11}
    found, _ = run(tmp_path, rows, duplicate_share=limits)
    assert found.verdicts["integrity_duplicate_share"] == verdict


def test_identical_items_with_different_labels_contradict_each_other(tmp_path):
    rows = clean()
    other = {"cat": "dog", "dog": "cow", "cow": "cat"}[rows[0][2]]
    rows.append(["again", rows[0][1], other, *rows[0][3:]])
    found, files = run(tmp_path, rows)
    check = found.said["integrity_contradictory_share"]
    assert check.verdict == "warn"
    assert check.value == 2 / 501
    assert check.remedy == "Have 2 items labelled anew; duplicates.csv lists them with who labelled them."
    assert all(line.split(",")[4] == "true" for line in files["duplicates.csv"][1:])


def test_a_duplicate_and_a_group_on_both_sides_of_the_split_leak(tmp_path):
    rows = clean()
    first = rows[0]
    rows.append(["again", first[1], first[2], "train", "another", first[5]])
    rows.append(["alone", "something else", first[2], "train", first[4], first[5]])
    found, files = run(tmp_path, rows)
    assert first[3] == "test"
    check = found.said["integrity_duplicates_across_split"]
    assert (check.verdict, check.value) == ("warn", 2 / 502)
    check = found.said["integrity_groups_across_split"]
    assert (check.verdict, check.value, check.n) == ("block", 1 / 251, 251)
    assert check.remedy == "Move the items of 1 group to one side of the split; split_groups.csv lists them."
    assert files["split_groups.csv"][0] == "group,item,split"
    assert {line.split(",")[2] for line in files["split_groups.csv"][1:]} == {"train", "test"}


@pytest.mark.parametrize(
    ("spoil", "key", "said"),
    [
        (
            lambda row: [*row[:5], str(ord(row[2][2]))],
            "column|code",
            "Column 'code' tells 1 of the label",
        ),
        (
            lambda row: [f"{row[2]}/{row[0]}.png", *row[1:]],
            "text|item",
            "The text of 'item' tells 1 of the label",
        ),
        (
            lambda row: [row[0], f"{row[1]}: a {row[2].upper()}", *row[2:]],
            "text|text",
            "The text of 'text' tells 1",
        ),
        (
            lambda row: [f"{'ctd'.index(row[2][0] if row[2] != 'cow' else 't')}{row[0]}", *row[1:]],
            "order|item",
            "The order of the ids tells",
        ),
    ],
    ids=["a column", "the id", "a text", "the ids' order"],
)
def test_what_gives_the_label_away_is_named(tmp_path, spoil, key, said):
    found, _ = run(tmp_path, [spoil(row) for row in clean()])
    check = found.said["integrity_label_given_away"]
    assert check.verdict == "warn"
    assert found.measures["label_given_away", "leak", key].value > 0.9
    others = {k: e.value for (_, _, k), e in found.measures.items() if k and "|" in k and k != key}
    assert all(value is None or value < 0.9 for name, value in others.items() if name != "order|item")
    if check.key == key:
        assert check.sentence.startswith(said)


def test_too_few_items_give_nothing_away(tmp_path):
    rows = [[*row[:5], row[2]] for row in clean(100)]
    found, _ = run(tmp_path, rows)
    check = found.said["integrity_label_given_away"]
    assert check.verdict == "insufficient"
    assert found.measures["label_given_away", "leak", "column|code"].status == "too_few_units"


def test_near_duplicates_are_sought_in_texts_hashes_and_embeddings(tmp_path):
    rows = clean(60)
    rows = [[*row[:5], "[1, 0]" if n < 5 else f"[{n}, {n * n}]"] for n, row in enumerate(rows)]
    draw = np.random.default_rng(4)
    for row in rows:
        row[1] = "".join(draw.choice(list("abcdefgh"), 80))
    rows[1][1] = rows[0][1][:-1] + "z"
    roles = {"text": "text", "embedding": "code"}
    found, _ = run(tmp_path, rows, roles=roles)
    assert found.measures["near_duplicate_share", "content", "text"].value == pytest.approx(2 / 60)
    listed = found.handouts["near_duplicates.csv"]
    assert ("text", *sorted((rows[0][0], rows[1][0]))) in {
        (kind, *sorted((one, other))) for kind, one, other, _ in listed.rows
    }
    assert listed.columns == ("content", "item", "near", "likeness")
    for n, row in enumerate(rows):
        row[5] = f"{draw.integers(2**63):016x}" if n > 2 else f"{7 << n:016x}"
    found, _ = run(tmp_path, rows, roles={"hash": "code", "content": []})
    check = found.said["integrity_near_duplicate_share"]
    assert (check.verdict, check.value, check.key) == ("clear", 3 / 60, "hash")
    assert found.measures["duplicate_share", None, None].value == 0


def test_roles_that_name_nothing_are_silent_and_columns_that_are_not_there_refused(tmp_path):
    spec, source = spec_from({"dataset": "d", "items": {"table": "items.csv", "id": "id"}})
    family = next(one for one in families_of(spec, source) if one.name == "integrity")
    assert "names no items.content" in family.silent()
    with pytest.raises(InputError, match=r"a column 'txet' for content\.0") as refused:
        run(tmp_path, clean(5), roles={"content": ["txet"]})
    assert "text" in refused.value.fix


def test_chest_xrays_repeat_no_image_and_keep_patients_together(tmp_path):
    if "DQ_REAL_DATA" not in os.environ:
        pytest.skip("DQ_REAL_DATA names no folder")
    spec = {
        "dataset": "chest",
        "items": {
            "table": f"{os.environ['DQ_REAL_DATA']}/chest_xray/images.parquet",
            "id": "image_id",
            "label": "findings",
            "group": "patient_id",
            "content": ["image_id"],
        },
        "training_set": {"split": {"by": "group"}},
    }
    found = judged("integrity", tmp_path, spec)
    assert found.measures["duplicate_share", None, None].value == 0
    assert found.measures["duplicate_share", None, None].n == 112_120
    assert set(found.verdicts.values()) == {"clear"}
