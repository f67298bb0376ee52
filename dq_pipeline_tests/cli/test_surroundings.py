"""What a shell may have taken away: standard streams, the working folder."""

import os
import subprocess
import sys

import pytest

COMMAND = f"{sys.executable} -c 'from dq_pipeline.cli import main; main()'"
SPEC = """\
dataset: pets
mlflow: false
items: {table: items.csv, id: id, source: site, label: label}
"""


def shell(folder, line):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(  # noqa: S602 - a shell is what is tested
        line, shell=True, cwd=folder, capture_output=True, text=True, check=False, env=environment
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-", "--format json >&-"])
def test_an_audit_ends_with_its_verdict_where_streams_are_closed(closed, tmp_path):
    (tmp_path / "items.csv").write_text("id,site,label\na,x,cat\nb,y,dog\n")
    (tmp_path / "spec.yaml").write_text(SPEC)
    ended = shell(tmp_path, f"{COMMAND} audit spec.yaml --output out {closed}")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (tmp_path / "out" / "report.html").is_file()
    assert ("WARNED" in ended.stdout) == (">&-" not in closed.replace("2>&-", ""))


def test_a_working_folder_that_was_deleted_is_one_error(tmp_path):
    (tmp_path / "gone").mkdir()
    ended = shell(
        tmp_path / "gone", f"rmdir ../gone; {COMMAND} audit {tmp_path}/spec.yaml --output {tmp_path}/out"
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("dq-pipeline: the working folder\n  found:    it was deleted")
