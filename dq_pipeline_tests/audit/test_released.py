"""From the command line: a training set is there when nothing blocks, and never when something does."""

from __future__ import annotations

import json
import sys

import pyarrow.parquet as pq
import pytest

from dq_pipeline.cli import main

SPEC = """\
dataset: pets
annotations: {table: votes.csv, item: item, annotator: annotator, label: label}
checks: {agreement: {krippendorff_alpha: {block: BLOCK, warn: 0.95}, min_items: 10}}
mlflow: false
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    rows = [
        (n, who, "cat" if (n + (who == "cyd" and n % 5 == 0)) % 2 else "dog")
        for n in range(60)
        for who in ("ana", "ben", "cyd")
    ]
    (tmp_path / "votes.csv").write_text(
        "item,annotator,label\n" + "".join(f"i{n},{who},{label}\n" for n, who, label in rows)
    )
    monkeypatch.chdir(tmp_path)

    def audit(block, more="training_set: {}\n"):
        (tmp_path / "spec.yaml").write_text(SPEC.replace("BLOCK", str(block)) + more)
        monkeypatch.setattr(sys, "argv", ["dq-pipeline", "audit", "spec.yaml", "--output", "out"])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, " ".join(capsys.readouterr().out.split())

    return audit


def test_a_training_set_is_released_when_nothing_blocks_and_taken_back_when_something_does(run, tmp_path):
    status, said = run(0.5)
    assert status == 0
    assert "Training set released: 60 items (" in said
    table = pq.read_table(tmp_path / "out" / "training_set.parquet")
    told = json.loads((tmp_path / "out" / "training_set.json").read_text())
    assert table.num_rows == told["training_set"]["rows"] == told["consensus"]["items"] == 60
    assert pq.read_table(tmp_path / "out" / "consensus.parquet").num_rows == 60
    checks = json.loads((tmp_path / "out" / "verdicts.json").read_text())["checks"]
    assert "contract_training_set" in {check["check"] for check in checks}
    status, said = run(0.94)
    assert status == 1
    assert "Training set held back: 60 items (" in said
    assert not (tmp_path / "out" / "training_set.parquet").exists()
    assert not [file.name for file in (tmp_path / "out").iterdir() if file.name.startswith(".unfinished")]


def test_a_training_set_that_blocks_is_taken_back_though_the_page_cannot_be_written(run, tmp_path):
    run(0.5)
    (tmp_path / "out" / "report.html").unlink()
    (tmp_path / "out" / "report.html").mkdir()
    assert run(0.94)[0] == 2
    assert not (tmp_path / "out" / "training_set.parquet").exists()


def test_no_training_set_is_built_unless_it_is_declared(run, tmp_path):
    status, said = run(0.5, more="")
    assert status == 0
    assert "Training set" not in said
    assert not (tmp_path / "out" / "consensus.parquet").exists()
    assert (tmp_path / "out" / "relabel.csv").exists()
