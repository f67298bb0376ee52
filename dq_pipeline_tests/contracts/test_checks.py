"""The contracts of a whole spec: a planted defect of each kind is found, clean tables pass."""

from __future__ import annotations

import csv

import pytest

from dq_pipeline.contracts.checks import contract_checks, judge_contracts
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables

CLEAN = {
    "items": "item,source\na,x\nb,x\nc,y\n",
    "annotations": "item,annotator,label\na,1,cat\na,2,cat\nb,1,dog\nb,2,dog\nc,1,cat\n",
    "gold": "item,label\na,cat\nb,dog\n",
}
SPEC = {
    "dataset": "pets",
    "items": {"table": "items.csv", "id": "item", "source": "source"},
    "annotations": {"table": "annotations.csv", "item": "item", "annotator": "annotator", "label": "label"},
    "gold": {"table": "gold.csv", "item": "item", "label": "label"},
    "labels": {"values": ["cat", "dog"]},
}


def judged(folder, tables=None, spec=None):
    for name, text in {**CLEAN, **(tables or {})}.items():
        (folder / f"{name}.csv").write_text(text)
    found, _ = spec_from({**SPEC, **(spec or {})}, base=folder)
    with Tables(found) as opened:
        findings = judge_contracts(found, opened)
        written = {}
        for name, write in findings.writers.items():
            count = write(folder / f"{name}.csv")
            rows = list(csv.DictReader((folder / f"{name}.csv").read_text().splitlines()))
            assert count == len(rows)
            written[name] = rows
    assert [verdict.check for verdict in findings.verdicts] == [
        check.name for check in contract_checks(found)
    ]
    return {verdict.check: verdict for verdict in findings.verdicts}, findings, written


def test_clean_tables_pass_every_contract(tmp_path):
    verdicts, _, written = judged(tmp_path)
    assert {verdict.verdict for verdict in verdicts.values()} == {"clear"}
    assert written == {}
    assert set(verdicts) == {
        "items_item_missing",
        "items_item_repeated",
        "annotations_item_missing",
        "annotations_annotator_missing",
        "annotations_label_missing",
        "annotations_label_undeclared",
        "annotations_repeated",
        "annotations_without_item",
        "gold_item_missing",
        "gold_item_repeated",
        "gold_label_missing",
        "gold_label_undeclared",
        "gold_without_item",
    }


@pytest.mark.parametrize(
    ("table", "row", "check", "verdict", "sentence"),
    [
        ("items", ",x", "items_item_missing", "block", "1 of 4 rows of items have no item."),
        ("items", "a,x", "items_item_repeated", "block", "2 of 4 rows of items share their item with another."),
        ("annotations", ",1,cat", "annotations_item_missing", "block", "1 of 6 rows of annotations have no item."),
        ("annotations", "a,,cat", "annotations_annotator_missing", "block", "1 of 6 rows of annotations have no annotator."),
        ("annotations", "c,2,", "annotations_label_missing", "warn", "1 of 6 rows of annotations have no label."),
        ("annotations", "c,2,cow", "annotations_label_undeclared", "block", "1 of 6 labels of annotations are none of the declared values."),
        ("annotations", "z,2,cat", "annotations_without_item", "block", "1 of 4 annotated items (1 rows) are not in items."),
        ("gold", "z,cat", "gold_without_item", "warn", "1 of 3 gold items are not in annotations."),
        ("gold", "a,dog", "gold_item_repeated", "block", "2 of 3 rows of gold share their item with another."),
        ("gold", "c,cow", "gold_label_undeclared", "block", "1 of 3 labels of gold are none of the declared values."),
    ],
)  # fmt: skip
def test_a_planted_defect_is_found_and_nothing_else(tmp_path, table, row, check, verdict, sentence):
    verdicts, findings, written = judged(tmp_path, {table: CLEAN[table] + row + "\n"})
    failed = {name: found for name, found in verdicts.items() if found.verdict != "clear"}
    assert {name: found.verdict for name, found in failed.items()} == {check: verdict}
    assert failed[check].sentence == sentence
    assert failed[check].remedy
    assert failed[check].blocking is (verdict == "block")
    assert check in findings.ids
    assert written[check]


def test_repeats_are_reported_and_fail_only_under_the_policy_error(tmp_path):
    repeated = {"annotations": CLEAN["annotations"] + "a,1,dog\n"}
    verdicts, _, _ = judged(tmp_path, repeated)
    assert verdicts["annotations_repeated"].verdict == "clear"
    assert verdicts["annotations_repeated"].sentence == (
        "1 pairs of item and annotator stand there more than once (1 with labels that differ); "
        "the first counts, and 1 annotations are left out."
    )
    policy = {"annotations": {**SPEC["annotations"], "repeats": "error"}}
    verdicts, findings, _ = judged(tmp_path, repeated, policy)
    assert verdicts["annotations_repeated"].verdict == "block"
    assert findings.ids["annotations_repeated"] == (("a", "1"), ("a", "1"))


def test_gold_that_mostly_matches_nothing_blocks(tmp_path):
    verdicts, _, _ = judged(tmp_path, {"gold": "item,label\na,cat\nx,cat\ny,dog\n"})
    assert verdicts["gold_without_item"].verdict == "block"


@pytest.mark.parametrize("table", ["items", "annotations", "gold"])
def test_a_table_with_a_header_only_does_not_pass(tmp_path, table):
    verdicts, _, _ = judged(tmp_path, {table: CLEAN[table].splitlines()[0] + "\n"})
    assert verdicts[f"{table}_item_missing"].verdict == "block"
    assert verdicts[f"{table}_item_missing"].sentence == f"{table} has no row."
