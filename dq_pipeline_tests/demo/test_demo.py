"""`dq-pipeline demo` as a user runs it, and the code location that shows it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import pytest
import yaml
from mlflow import MlflowClient

from dq_pipeline.demo import DATASET, DEFECTS
from dq_pipeline.demo.location import definitions
from dq_pipeline.demo.nights import instance_at
from dq_pipeline_tests.demo.uis import both

CLONE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The demo run in a folder of its own, as a process."""
    folder = tmp_path_factory.mktemp("here")
    ended = subprocess.run(
        [sys.executable, "-c", "from dq_pipeline.cli import main; main()", "demo"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(CLONE), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return folder, ended


@pytest.fixture(scope="module")
def uis(ran, browser):  # noqa: ARG001 - without one nothing is started
    """The addresses of both UIs on what the demo left."""
    folder, _ = ran
    with both(folder, CLONE) as addresses:
        yield addresses


@pytest.fixture
def page(browser, tmp_path):
    """A page whose errors are none; what it showed last is kept as a picture."""
    context = browser.new_context(viewport={"width": 1500, "height": 1100})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.screenshot(path=tmp_path / "page.png")
    context.close()
    assert errors == []


@pytest.fixture(scope="module")
def said(ran):
    """Each verdict of the blocked night, by its check."""
    folder, _ = ran
    told = folder / ".dq_pipeline" / "demo" / DATASET / "latest" / "verdicts.json"
    return {one["check"]: one for one in json.loads(told.read_text())["checks"]}


def test_it_shows_a_clear_night_and_a_blocked_one(ran):
    _, ended = ran
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    lines = [line.strip() for line in ended.stdout.splitlines()]
    assert "CLEAR  Night 1, a clean delivery" in lines
    assert "BLOCKED  Night 2, a delivery with a defect of each kind" in lines
    held = "Held back: consensus, model, training_set. What the night before made stays in place."
    said = " ".join(ended.stdout.split())  # lines are broken where the terminal is narrow
    assert held in said
    assert [words for words in DEFECTS.values() if words not in said] == []
    assert "dagster dev" in said


def test_the_last_good_training_set_and_model_stay_in_place(ran):
    folder, _ = ran
    output = folder / ".dq_pipeline" / "demo" / DATASET
    assert pq.read_metadata(output / "training_set.parquet").num_rows > 1_100
    assert (output / "model.json").is_file()
    assert (output / "latest" / "report.html").is_file()
    with instance_at(folder / ".dq_pipeline" / "dagster") as instance:
        counts = {
            name: len(instance.fetch_materializations(dg.AssetKey([DATASET, name]), limit=9).records)
            for name in ("items", "annotations", "consensus", "training_set", "model")
        }
        assert counts == {"items": 2, "annotations": 2, "consensus": 1, "training_set": 1, "model": 1}
        assert [run.status.value for run in instance.get_runs()] == ["FAILURE", "SUCCESS"]


def test_nothing_lies_outside_the_ignored_folder(ran):
    folder, _ = ran
    assert [path.name for path in folder.iterdir()] == [".dq_pipeline"]
    assert ".dq_pipeline/" in (CLONE / ".gitignore").read_text().splitlines()


def test_dagsters_lineage_names_every_asset_from_source_to_model(uis, page):
    page.goto(f"{uis[0]}/asset-groups")
    for name in ("items", "annotations", "gold", "production", "consensus", "training_set", "model"):
        page.locator("svg").get_by_text(name, exact=True).first.wait_for()


def test_dagsters_list_of_checks_has_each_with_its_verdict_and_its_sentence(uis, page, said):
    checks = {name: one for name, one in said.items() if one["table"] == "annotations"}
    page.goto(f"{uis[0]}/assets/{DATASET}/annotations?view=checks")
    page.get_by_text(f"Checks ({len(checks)})").wait_for()
    for name in ("agreement_krippendorff_alpha", "annotators_label_bias", "contract_gold"):
        one = checks[name]
        page.get_by_text(name, exact=True).first.click()
        page.get_by_text(one["sentence"], exact=True).first.wait_for()
        page.get_by_text("Passed" if one["verdict"] == "clear" else "Failed", exact=True).first.wait_for()
        page.get_by_text("report.html").first.wait_for()
        if one["remedy"]:
            page.get_by_text(one["remedy"], exact=True).first.wait_for()


def test_dagster_says_of_the_checks_of_what_is_held_back_that_they_were_not_run(uis, page):
    page.goto(f"{uis[0]}/assets/{DATASET}/training_set?view=checks")
    why = "is held back, as 5 checks of street_scenes/annotations and 4 checks of street_scenes/items failed."
    page.get_by_text(f"Not run: {DATASET}/training_set {why}").first.wait_for()
    assert page.get_by_text("Execution failed").count() == 0
    table = page.locator("table").filter(has_text="agreement_krippendorff_alpha").first
    assert table.bounding_box()["x"] + table.bounding_box()["width"] <= 1500


def test_dagster_plots_the_numbers_of_the_nights(uis, page):
    page.goto(f"{uis[0]}/assets/{DATASET}/annotations?view=overview")
    page.get_by_text("One row a label that one annotator gave one item.").first.wait_for()
    page.get_by_role("button", name="Plots").click()
    page.get_by_text("krippendorff_alpha", exact=True).first.wait_for()
    page.locator("canvas").first.wait_for()


def test_mlflow_finds_the_blocked_night_by_its_tag_and_opens_its_report(uis, page, said):
    mine = "searchFilter=tags.`dq.verdict` = 'block'"
    page.goto(f"{uis[1]}/#/experiments/1/runs?workflowType=machine_learning&{mine}")
    page.get_by_text("1 matching run", exact=True).wait_for()
    page.get_by_role("link", name=f"{DATASET} 20").first.click()
    page.get_by_text(f"block, {len(said)} checks").first.wait_for()
    page.get_by_text("dq.verdict").first.wait_for()
    page.get_by_text(re.compile(rf"{DATASET} \([0-9a-f]{{32}}\)")).first.wait_for()
    page.goto(page.url.split("?")[0] + "/artifacts/report.html")
    page.frame_locator("iframe").get_by_text("BLOCKED", exact=True).first.wait_for()
    page.frame_locator("iframe").get_by_text(said["contract_items"]["sentence"]).first.wait_for()


def test_mlflow_shows_the_model_on_the_data_version_whose_audit_was_clear(uis, page, ran):
    folder, _ = ran
    client = MlflowClient(f"sqlite:///{folder / '.dq_pipeline' / 'demo' / 'mlflow.db'}")
    (model,) = client.search_runs(["1"], "tags.`mlflow.runName` = 'street_scenes model'")
    version = model.data.tags["dq.data_version"]
    found = client.search_runs(["1"], f"tags.`dq.data_version` = '{version}'")
    assert {run.data.tags.get("dq.verdict") for run in found} == {None, "clear"}
    assert model.data.metrics["accuracy"] > 0.9
    page.goto(f"{uis[1]}/#/experiments/1/runs/{model.info.run_id}")
    page.get_by_text(f"{DATASET} ({version})").first.wait_for()
    page.get_by_text("training", exact=True).first.wait_for()
    page.get_by_text("dq.data_version").first.wait_for()


def test_the_location_tells_the_story_from_source_to_model(tmp_path):
    graph = definitions(tmp_path).resolve_asset_graph()
    parents = {
        key.path[-1]: sorted(parent.path[-1] for parent in graph.get(key).parent_keys)
        for key in graph.get_all_asset_keys()
    }
    assert parents == {
        "items": [],
        "annotations": [],
        "gold": [],
        "production": [],
        "consensus": ["annotations", "gold"],
        "training_set": ["consensus", "items", "production"],
        "model": ["training_set"],
        "collection_plan": ["annotations", "items"],
    }
    gates = {key.asset_key.path[-1] for key in graph.asset_check_keys if key.name == "quality_gate"}
    assert gates == {"training_set", "model"}
    assert {graph.get(key).group_name for key in graph.get_all_asset_keys()} == {DATASET}


def test_the_location_is_made_when_it_is_asked_for_and_not_at_import(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    from dq_pipeline.definitions import defs

    assert list(tmp_path.iterdir()) == []
    made = defs()
    assert made.resolve_job_def(f"{DATASET}_nightly")
    assert (tmp_path / ".dq_pipeline" / "demo" / "spec.yaml").is_file()


def test_dagsters_own_settings_keep_everything_in_the_ignored_folder_and_send_nothing():
    settings = yaml.safe_load((CLONE / "dagster.yaml").read_text())
    assert settings["telemetry"] == {"enabled": False}
    assert settings["run_retries"]["retry_on_asset_or_op_failure"] is False
    for part in ("local_artifact_storage", "compute_logs"):
        assert settings[part]["config"]["base_dir"].startswith(".dq_pipeline/")
    assert settings["storage"]["sqlite"]["base_dir"].startswith(".dq_pipeline/")
    (location,) = yaml.safe_load((CLONE / "workspace.yaml").read_text())["load_from"]
    assert location["python_module"]["module_name"] == "dq_pipeline.definitions"
