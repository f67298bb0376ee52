"""Every snippet of README and docs/ is run, in one prepared project; what cannot be is listed with the reason."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import textwrap
from functools import cache
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest
import yaml
from click.testing import CliRunner

from dq_pipeline.cli import _cli
from dq_pipeline.families import families_of
from dq_pipeline.spec import SpecSource, parse
from dq_pipeline.spec.model import Spec
from dq_pipeline_tests.prepared import project
from dq_pipeline_tests.test_docs import PAGES, ROOT, SMALLEST, blocks

if TYPE_CHECKING:
    from pathlib import Path

NOT_RUN = {
    "python3 -m venv": ".ci/run runs README's, in a fresh environment",
    ".ci/run": "it runs these tests",
    ".venv/bin/pytest": ".ci/run runs it",
    ".venv/bin/ruff": ".ci/run runs it",
    ".venv/bin/mypy": ".ci/run runs it",
    ".venv/bin/python benchmarks/": "takes minutes",
    ".venv/bin/python docs/generate_reference.py": "test_docs.py runs it",
    "pip install": "installs from a registry",
    "xdg-open": "opens a browser",
    "dagster dev": "a server; orchestration/test_browser.py starts one",
    "mlflow ui": "a server; tracking/ starts one",
    "dagster job execute": "a night takes 10 s; orchestration/test_nightly.py runs it",
    "export DAGSTER_HOME": "tests have instances of their own",
    "dg scaffold": "orchestration/test_component.py runs it in a project",
    "dg check": "orchestration/test_component.py runs it in a project",
    "dq-pipeline gate": "needs an instance with a history; orchestration/test_gate_command.py has one",
    "dq-pipeline waive": "as above",
    "dq-pipeline retire": "as above",
    "dq-pipeline doctor": "orchestration/test_doctor.py runs it",
}
COMPONENTS = {"TrainingDataQuality", "GatedFolder", "CheckAlerts"}
SETTINGS = {"storage", "concurrency", "dagster-user-deployments", "name", "audit"}
"""First keys of settings of others: Dagster's, which test_deploy.py starts an instance on, Helm's and those of CI."""
RICH: dict[str, Any] = {
    "dataset": "d",
    "items": {"table": "items.csv", "id": "id", "group": "owner", "conditions": ["weather", "light"]},
    "annotations": {"table": "a.csv", "item": "id", "annotator": "who", "label": "label", "time": "at"},
}
"""What a part of a spec that names no table is a part of."""
SHELL = re.compile(
    r"^(python3|pip|xdg-open|sed|export|mlflow|dagster|dg|dq-pipeline|\.venv/bin|\.ci/run)(?=[ /]|$)"
)
PAGES = [page for page in PAGES if page.parent.name not in {"reference", "adr"}]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The docs' project, with two audits of it."""
    folder = tmp_path_factory.mktemp("prepared")
    (spec,) = (block for block in blocks(ROOT / "README.md") if block.startswith("dataset:"))
    project(folder, spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        of_audit()
    for name in ("B", "main_audit", "audit", "dq_audit/chest_xray"):
        shutil.copytree(folder / "A", folder / name)
    return folder


def kind(block: str) -> str:
    """What a snippet is written in."""
    if re.match(r"(import|from) \w", block):
        return "python"
    if SHELL.match(block):
        return "shell"
    return "xml" if block.startswith("<") else "yaml"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_snippet_runs(
    page: Path, prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "chest_xray"
    shutil.copytree(prepared, here)
    monkeypatch.chdir(here)
    if page.name in {"README.md", "tutorial.md"}:
        (here / "spec.yaml").unlink()
        (here / "chest_xray.yaml").rename(here / "written.yaml")
    for block in blocks(page):
        if kind(block) == "python":
            if not (here / "chest_xray.yaml").exists():
                shutil.copy(here / "written.yaml", here / "chest_xray.yaml")
            made: dict[str, Any] = {"__file__": str(here / "definitions.py")}
            exec(compile(block, page.name, "exec", dont_inherit=True), made)  # noqa: S102 - our own page
            located = [one for one in made.values() if isinstance(one, dg.Definitions)]
            assert len(located) <= 1, "Dagster loads a file with one Definitions object"
        elif kind(block) == "shell":
            for line in block.splitlines():
                ran(line, again=page.name != "tutorial.md")
        elif kind(block) == "yaml":
            read(block)
        else:
            from defusedxml.ElementTree import fromstring

            assert fromstring(block).tag == "View"
    if page.name == "tutorial.md":
        told = [
            json.loads((here / "audits" / name / "verdicts.json").read_text()) for name in ("first", "second")
        ]
        assert [one["verdict"] for one in told] == ["block", "warn"]
        assert located[0].resolve_job_def("chest_xray_nightly")


@cache
def of_audit(*options: str) -> None:
    """Audit the prepared project with some options; one audit with the same ones is enough for all pages."""
    ended = CliRunner().invoke(_cli, ["audit", "spec.yaml", "--no-track", *options, "--output", "A"])
    assert ended.exit_code == 1, (ended.output, ended.exception)
    assert isinstance(ended.exception, SystemExit), ended.exception


def ran(line: str, *, again: bool = True) -> None:
    """Run one line of a shell; ours in this process, an audit of the same project as before only once."""
    said = line.strip()
    if not said or any(said.startswith(start) for start in NOT_RUN):
        return
    words = shlex.split(said, comments=True)
    if words[0].removeprefix(".venv/bin/") != "dq-pipeline":
        subprocess.run(["bash", "-ec", said], check=True, timeout=60)
        return
    words = words[: next((n for n, word in enumerate(words) if word in {">", "||"}), None)]
    if again and words[1] == "audit":
        from dq_pipeline.cli.audit import audit

        asked = audit.make_context("audit", words[2:]).params
        of_audit(*(["--format", asked["form"]] if asked["form"] != "table" else []))
        return
    tracked = ["--no-track"] if words[1] == "audit" and "--no-track" not in words else []
    ended = CliRunner().invoke(_cli, [*words[1:], *tracked])
    assert ended.exit_code in ({0, 1} if words[1] == "audit" else {0}), (line, ended.output, ended.exception)
    assert isinstance(ended.exception, SystemExit | None), (line, ended.exception)


def read(block: str) -> None:
    """Read YAML as what it is: a part of a spec, a component, or settings of others."""
    written: dict[str, Any] = yaml.safe_load(block)
    if "type" in written:
        component(written)
    elif set(written) <= set(Spec.model_fields):
        tables = {"items", "annotations"} & set(written)
        spec = parse(Spec, {**(SMALLEST if tables else RICH), **written}, SpecSource("page", written))
        families_of(spec, SpecSource("page", written))
    else:
        assert next(iter(written)) in SETTINGS, block
        steps = [step for job in written.get("jobs", {}).values() for step in job["steps"]]
        lines = [step["run"] for step in steps if "run" in step] + written.get("audit", {}).get("script", [])
        for line in lines:
            ran(line)


def component(written: dict[str, Any]) -> None:
    """A component's attributes are those that it has."""
    import dq_pipeline

    module, _, name = written["type"].partition(".")
    assert (module, name in COMPONENTS) == ("dq_pipeline", True)
    model = getattr(dq_pipeline, name).get_model_cls()
    assert model.model_validate(written["attributes"])


def test_what_is_not_run_is_still_said_somewhere() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [start for start in NOT_RUN if start not in text] == []


def test_a_line_that_fails_is_not_taken_for_one_that_runs() -> None:
    with pytest.raises(AssertionError):
        ran("dq-pipeline explain krippendorf_alpha")
    assert kind(textwrap.dedent("    import dagster")) == "python"
