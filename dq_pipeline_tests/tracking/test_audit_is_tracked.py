"""`dq-pipeline audit` with MLflow's database there, gone, and there again."""

from __future__ import annotations

import sys

import pytest

from dq_pipeline.audit.tracked import tracking_uri
from dq_pipeline.cli import main
from dq_pipeline_tests.malformed import SPEC, votes


@pytest.fixture
def command(tmp_path, monkeypatch, capfd):
    """Run `dq-pipeline audit` on a clean table; its exit status and what it printed."""
    (tmp_path / "annotations.csv").write_text(votes())
    monkeypatch.chdir(tmp_path)

    def run(uri, *options):
        (tmp_path / "spec.yaml").write_text(f'{SPEC}mlflow: {{tracking_uri: "{uri}"}}\n')
        monkeypatch.setattr(sys, "argv", ["dq-pipeline", "audit", "spec.yaml", *options])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capfd.readouterr()

    return run


def test_what_mlflow_missed_is_sent_with_the_next_audit_and_the_verdict_does_not_change(
    command, database, runs
):
    status, said = command("http://ana:s3cret@127.0.0.1:9", "--format", "json")
    assert status == 0
    assert "refuses the connection): 1 runs wait in" in said.err
    assert "s3cret" not in said.err + said.out
    assert runs() == []
    status, said = command(database)
    assert status == 0
    assert said.out.splitlines()[-1].endswith("with 1 kept from before.")
    assert len(runs()) == 2
    for run in runs():
        assert run.data.metrics["annotations/agreement/krippendorff_alpha"] == 1.0
        assert run.data.params["agreement/krippendorff_alpha/block"] == "0.667"
        assert run.data.tags["dq.verdict"] == "warn"  # perfect agreement is suspicious
        assert run.data.tags["dq.check.agreement_krippendorff_alpha"] == "clear"


def test_nothing_is_sent_or_kept_when_the_command_says_so(command, database, runs, tmp_path):
    status, _ = command(database, "--no-track")
    assert status == 0
    assert runs() == []
    assert not (tmp_path / ".dq_pipeline").exists()


def test_a_relative_database_lies_beside_the_spec(tmp_path):
    assert tracking_uri("sqlite:///mlflow.db", tmp_path) == f"sqlite:///{tmp_path}/mlflow.db"
    assert tracking_uri("sqlite:////var/mlflow.db", tmp_path) == "sqlite:////var/mlflow.db"
    assert tracking_uri("http://host:5000", tmp_path) == "http://host:5000"
