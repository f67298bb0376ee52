"""One folder a run, told of when its last step has ended, `latest`, and no more than are kept."""

import json
import os
from types import SimpleNamespace

import pytest

from dq_pipeline.audit import audit
from dq_pipeline.demo import make
from dq_pipeline.families import families_of
from dq_pipeline.orchestration.run_outputs import KEPT, Ended, RunOutputs, unfinished
from dq_pipeline.report import history
from dq_pipeline.spec import load_spec


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    spec, source = load_spec(make(tmp_path_factory.mktemp("scenes"), items=60))
    parts = {name: audit(spec, source, assets=(name,)) for name in ("items", "annotations")}
    return SimpleNamespace(families=families_of(spec, source), spec=spec, **parts)


def end(found, output, run, asset, *waits_for):
    """A step that keeps what it found, and ends."""
    outputs = RunOutputs(output, run)
    if hasattr(found, asset):
        outputs.keep(asset, getattr(found, asset), found.families)
    judged_by = (found.spec, found.families)
    return outputs.end(asset, Ended(blocks=False), judged_by, lambda ended: bool({*waits_for} - ended.keys()))


def test_the_parts_of_a_run_add_up_at_once_and_latest_names_the_run_that_has_told(found, tmp_path):
    end(found, tmp_path, "monday", "items")
    assert end(found, tmp_path, "tuesday", "items", "annotations") is None
    verdicts = tmp_path / "runs" / "tuesday" / "verdicts.json"
    assert {one["table"] for one in json.loads(verdicts.read_text())["checks"]} == {"items"}
    assert (tmp_path / "latest").resolve() == tmp_path / "runs" / "monday"
    both = end(found, tmp_path, "tuesday", "annotations", "items")
    assert {one.table for one in both.verdicts} == {"items", "annotations"}
    assert {one["table"] for one in json.loads(verdicts.read_text())["checks"]} == {"items", "annotations"}
    assert (tmp_path / "latest").resolve() == tmp_path / "runs" / "tuesday"
    assert (tmp_path / "latest" / "measures.parquet").is_file()


def test_each_run_is_one_night_however_many_assets_it_audits(found, tmp_path):
    for run in ("monday", "tuesday"):
        end(found, tmp_path, run, "items", "annotations")
        end(found, tmp_path, run, "annotations", "items")
    assert len((tmp_path / "history.jsonl").read_text().splitlines()) == 2
    nights = history.read(tmp_path)
    assert [night.run for night in nights] == ["monday", "tuesday"]
    assert all("agreement_krippendorff_alpha" in night.checks for night in nights)
    assert (tmp_path / "latest" / "report.html").is_file()


def test_what_was_told_is_told_again_only_with_more(found, tmp_path):
    assert end(found, tmp_path, "monday", "consensus") is None, "there is nothing to tell of"
    assert end(found, tmp_path, "monday", "items") is not None
    assert end(found, tmp_path, "monday", "training_set") is None
    assert end(found, tmp_path, "monday", "annotations") is not None
    assert len((tmp_path / "history.jsonl").read_text().splitlines()) == 2


def test_a_part_that_a_kill_cut_short_is_passed_over(found, tmp_path):
    (tmp_path / "runs" / "monday" / ".parts" / "annotations").mkdir(parents=True)
    (tmp_path / "runs" / "monday" / ".parts" / "annotations" / "measures.parquet").touch()
    assert {one.table for one in end(found, tmp_path, "monday", "items").verdicts} == {"items"}


def test_where_links_are_refused_latest_is_a_copy(found, tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError("A required privilege is not held by the client")

    monkeypatch.setattr(type(tmp_path), "symlink_to", refuse)
    for run in ("monday", "tuesday"):
        end(found, tmp_path, run, "items")
    assert not (tmp_path / "latest").is_symlink()
    assert (tmp_path / "latest" / "verdicts.json").is_file()


def test_the_oldest_runs_are_let_go(found, tmp_path):
    for number in range(KEPT + 3):
        old = tmp_path / "runs" / f"run{number:02}"
        old.mkdir(parents=True)
        os.utime(old, (1_000 + number, 1_000 + number))
    end(found, tmp_path, "now", "items")
    left = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert len(left) == KEPT
    assert left[0] == "now"
    assert left[1] == "run04"


def test_what_a_killed_run_left_half_written_goes_with_the_next(found, tmp_path):
    killed = RunOutputs(tmp_path, "killed").folder
    (killed / ".parts" / "items").mkdir(parents=True)
    for left in (
        killed / ".unfinished-1-report.html",
        killed / ".parts" / "items" / ".unfinished-1-part.json",
    ):
        left.touch()
    (tmp_path / ".latest-1").symlink_to(killed)
    (killed / "verdicts.json").write_text("{}")
    end(found, tmp_path, "now", "items")
    assert not [*tmp_path.rglob(".unfinished-*"), *tmp_path.glob(".latest-*")]
    assert (killed / "verdicts.json").is_file()


def test_what_is_being_written_beside_stays(tmp_path):
    with unfinished(tmp_path / "pets") as ours:
        (ours / "rows.csv").write_text("item\n")
        with unfinished(tmp_path / "pets"):
            RunOutputs(tmp_path / "pets", "now").take(ours)
            assert ours.is_dir()
    assert (tmp_path / "pets" / "runs" / "now" / "rows.csv").read_text() == "item\n"
    assert [path.name for path in (tmp_path / "pets").iterdir()] == ["runs"]
