"""A folder or file that the system keeps from the user: one error that says which, and no traceback."""

import os
import sys

import pytest

from dq_pipeline.cli import main
from dq_pipeline.cli.denied import of_denied


def test_the_folder_whose_rights_are_lacking_is_named(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, how: path != tmp_path / "closed" and may(path, how))
    told = of_denied(PermissionError(13, "Permission denied", str(tmp_path / "closed" / "a.csv")))
    assert told.who == str(tmp_path / "closed" / "a.csv")
    assert told.fix == f"chmod u+rwX {tmp_path / 'closed'}, or name another"


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    told = of_denied(PermissionError(13, "Permission denied", str(tmp_path / "spec.yaml")))
    assert told.fix == f"chmod u+rwX {tmp_path}, or name another"


def test_a_command_that_is_denied_something_ends_with_status_2(tmp_path, monkeypatch, capsys):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied", str(tmp_path / "spec.yaml"))

    monkeypatch.setattr("dq_pipeline.cli._cli", denied)
    monkeypatch.setattr(sys, "argv", ["dq-pipeline", "init", "a.csv"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "found:    Permission denied" in capsys.readouterr().err
