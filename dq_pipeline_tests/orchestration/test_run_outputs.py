"""One folder a run, `latest`, and no more than are kept."""

import os
from types import SimpleNamespace

import pytest

from dq_pipeline.audit import audit
from dq_pipeline.demo import make
from dq_pipeline.families import families_of
from dq_pipeline.orchestration.run_outputs import KEPT, RunOutputs, unfinished
from dq_pipeline.report import history
from dq_pipeline.spec import load_spec


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    spec, source = load_spec(make(tmp_path_factory.mktemp("scenes"), items=60))
    parts = {name: audit(spec, source, assets=(name,)) for name in ("items", "annotations")}
    return SimpleNamespace(families=families_of(spec, source), **parts)


def test_the_assets_of_a_run_add_up_and_latest_names_the_run(found, tmp_path):
    RunOutputs(tmp_path, "monday").add("items", found.items, found.families)
    first = RunOutputs(tmp_path, "tuesday").add("items", found.items, found.families)
    both = RunOutputs(tmp_path, "tuesday").add("annotations", found.annotations, found.families)
    assert {one.table for one in first.verdicts} == {"items"}
    assert {one.table for one in both.verdicts} == {"items", "annotations"}
    assert (tmp_path / "latest").resolve() == tmp_path / "runs" / "tuesday"
    assert (tmp_path / "latest" / "measures.parquet").is_file()


def test_each_run_is_one_night_however_many_assets_it_audits(found, tmp_path):
    for run in ("monday", "tuesday"):
        RunOutputs(tmp_path, run).add("items", found.items, found.families)
        RunOutputs(tmp_path, run).add("annotations", found.annotations, found.families)
    nights = history.read(tmp_path)
    assert [night.run for night in nights] == ["monday", "tuesday"]
    assert all("agreement_krippendorff_alpha" in night.checks for night in nights)
    assert (tmp_path / "latest" / "report.html").is_file()


def test_where_links_are_refused_latest_is_a_copy(found, tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError("A required privilege is not held by the client")

    monkeypatch.setattr(type(tmp_path), "symlink_to", refuse)
    for run in ("monday", "tuesday"):
        RunOutputs(tmp_path, run).add("items", found.items, found.families)
    assert not (tmp_path / "latest").is_symlink()
    assert (tmp_path / "latest" / "verdicts.json").is_file()


def test_the_oldest_runs_are_let_go(found, tmp_path):
    for number in range(KEPT + 3):
        old = tmp_path / "runs" / f"run{number:02}"
        old.mkdir(parents=True)
        os.utime(old, (1_000 + number, 1_000 + number))
    RunOutputs(tmp_path, "now").add("items", found.items, found.families)
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
    RunOutputs(tmp_path, "now").add("items", found.items, found.families)
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
