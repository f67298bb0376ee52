"""One audit in which every name is hostile: each thing that it leaves or prints stays whole, and harms nobody."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from xml.etree import ElementTree as ET

import dagster as dg
import pytest

from dq_pipeline import build_training_data_quality
from dq_pipeline.families import FAMILIES
from dq_pipeline.spec.source import read_yaml
from dq_pipeline.tables.spreadsheet import from_cell
from dq_pipeline_tests.report.test_render import Page
from dq_pipeline_tests.report.world import HOSTILE

NAMES = HOSTILE
SPEC = """\
dataset: pets
items: {table: items.csv, id: item, source: site, group: drive, conditions: [weather]}
annotations: {table: votes.csv, item: item, annotator: who, label: label, guideline: version, annotator_group: vendor}
mlflow: false
"""
WAIVED = ("concentration_largest_share", "balance_imbalance_ratio", "agreement_krippendorff_alpha")
SHOWN_IN_DAGSTER = {"agreement", "balance", "concentration"}
"""Families enough to see every field: each more costs seconds."""


def write(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """The folder of a real audit by the real command, and what it printed as table and JUnit."""
    folder = tmp_path_factory.mktemp("hostile")
    items = [f"{NAMES[n % len(NAMES)]}{n}" for n in range(120)]
    write(
        folder / "items.csv",
        ("item", "site", "drive", "weather"),
        [(one, NAMES[n % 7], f"{NAMES[n % 10]}{n // 6}", NAMES[n % 3]) for n, one in enumerate(items)],
    )
    votes = [
        (one, NAMES[who], NAMES[(n + who * (n % 4 == 0)) % len(NAMES)], NAMES[n % 2], NAMES[who])
        for n, one in enumerate(items)
        for who in range(3)
    ]
    write(
        folder / "votes.csv",
        ("item", "who", "label", "version", "vendor"),
        [*votes, ("=cmd|' /C calc'!A0", *NAMES[:1] * 4)],
    )
    waivers = [
        {"check": check, "owner": bad, "reason": bad, "expires": "2999-12-31"}
        for check, bad in zip(WAIVED, (NAMES[0], NAMES[4], NAMES[6]), strict=True)
    ]
    (folder / "spec.yaml").write_text(SPEC + json.dumps({"waivers": waivers})[1:-1] + "\n", encoding="utf-8")
    code = "from dq_pipeline.cli import main; main()"
    printed = {
        form: subprocess.run(
            [sys.executable, "-c", code, "audit", "spec.yaml", "--format", form],
            cwd=folder, capture_output=True, timeout=300, check=False,
        ).stdout.decode()
        for form in ("table", "junit")
    }  # fmt: skip
    return folder / "dq_audit" / "pets", printed


def test_the_page_has_no_element_that_is_not_its_own(audited):
    folder, _ = audited
    page = Page((folder / "report.html").read_text(encoding="utf-8"))
    assert page.open == []
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert "img" not in {tag for tag, _ in page.elements}
    assert not [key for _, attributes in page.elements for key in attributes if key.startswith("on")]
    assert '<script>alert("x")</script>' in page.words


def test_no_cell_of_any_csv_runs_and_every_id_comes_back(audited):
    folder, _ = audited
    files = sorted(folder.glob("*.csv"))
    assert files
    for file in files:
        with file.open(encoding="utf-8", newline="") as opened:
            for row in csv.reader(opened):
                assert not [cell for cell in row if cell[:1] in tuple("=@\t\r\n")]
    with (folder / "annotations_without_item.csv").open(encoding="utf-8", newline="") as opened:
        assert "=cmd|' /C calc'!A0" in {from_cell(cell) for row in csv.reader(opened) for cell in row}


def test_what_is_printed_holds_no_character_that_acts(audited):
    _, printed = audited
    assert not {mark for mark in printed["table"] if mark < " " and mark != "\n"}
    assert not set(printed["table"]) & set("\x7f\x9b\u202e\u2066")
    assert ET.fromstring(printed["junit"]).get("name") == "pets"  # noqa: S314 - our own output


def test_what_dagster_records_is_short_and_holds_no_character_that_acts(audited):
    folder = audited[0].parents[1]
    spec = read_yaml(folder / "spec.yaml").data
    others = {family.name: False for family in FAMILIES if family.name not in SHOWN_IN_DAGSTER}
    built = build_training_data_quality({**spec, "checks": others}, base=folder)
    with dg.DagsterInstance.ephemeral() as instance:
        ended = built.resolve_job_def("pets_nightly").execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    answers = ended.get_asset_check_evaluations()
    assert any("script" in (one.description or "") for one in answers)
    assert {one.check_name for one in answers if "waiver_owner" in one.metadata} <= set(WAIVED)
    for one in answers:
        told = [
            one.description,
            *(value.value for value in one.metadata.values() if isinstance(value.value, str)),
        ]
        cells = [
            cell
            for value in one.metadata.values()
            if isinstance(value, dg.TableMetadataValue)
            for record in value.records
            for cell in record.data.values()
            if isinstance(cell, str)
        ]
        for text in (*told, *cells):
            assert len(text) < 1_500
            assert not set(text) & set("\n\r\x1b\x07\x9b\u202e\u2066"), (one.check_name, text)
