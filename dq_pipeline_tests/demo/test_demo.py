"""`dq-pipeline demo` as a user runs it, and the code location that shows it."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import pytest
import yaml

from dq_pipeline.demo import DATASET, DEFECTS
from dq_pipeline.demo.location import definitions
from dq_pipeline.demo.nights import instance_at

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
