"""Whatever is wrong with a spec or a table, the command says so in words and never shows a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dq_pipeline.cli import main
from dq_pipeline_tests.malformed import FILES, ODD_BUT_FINE, ROWS, SPECS, Malformed

CASES = [*SPECS, *FILES, *ROWS, *ODD_BUT_FINE]


def lay_out(case: Malformed, folder: Path) -> Path:
    """Write the case's spec and tables."""
    for name in case.folders:
        (folder / name).mkdir()
    for name, content in {"spec.yaml": case.spec, **case.tables}.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / "spec.yaml"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_told_in_words_with_the_exit_status_of_the_contract(case, tmp_path, monkeypatch, capfd):
    spec = lay_out(case, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(sys, "argv", ["dq-pipeline", "audit", str(spec), "--no-track"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = "".join(capfd.readouterr())
    assert "Traceback" not in said
    for text in case.says:
        assert text in said
    assert ended.value.code == case.status, said
    if case.status == 2:
        assert "expected:" in said
        assert "fix:" in said


def test_every_case_has_a_name_of_its_own_and_there_are_many():
    assert len({case.name for case in CASES}) == len(CASES) >= 60


def test_the_installed_command_says_the_same(tmp_path):
    case = next(one for one in SPECS if one.name == "an unknown key")
    spec = lay_out(case, tmp_path)
    command = Path(sys.executable).with_name("dq-pipeline")
    ended = subprocess.run([command, "audit", spec], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"dq-pipeline: {spec}, line 2")
    assert ended.stdout == ""


@pytest.mark.parametrize("given", ["gone.yaml", "."])
def test_a_spec_that_is_no_file_is_told(given, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["dq-pipeline", "audit", given])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capfd.readouterr().err.startswith(f"dq-pipeline: {given}\n  found: ")
