"""The docs say what is true: links lead somewhere, commands are there, YAML is a spec, Python runs."""

from __future__ import annotations

import ast
import re
import runpy
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from dq_pipeline.cli import COMMANDS
from dq_pipeline.families import FAMILIES, families_of
from dq_pipeline.spec import SpecSource, parse
from dq_pipeline.spec.model import Spec

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SMALLEST = {"dataset": "d", "items": {"table": "items.csv", "id": "id"}}


def blocks(page: Path) -> list[str]:
    """The indented or fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    fence = re.compile(r"^```\w*\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
    indented = re.compile(r"(?:^ {4}.*\n(?:\s*\n(?= {4}))?)+", flags=re.MULTILINE)
    fences = [(found.start(), found.end(), found[1]) for found in fence.finditer(text)]
    loose = [
        (found.start(), found.end(), textwrap.dedent(found[0]))
        for found in indented.finditer(text)
        if not any(start < found.start() < end for start, end, _ in fences)
    ]
    return [block for _, _, block in sorted([*fences, *loose])]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_is_one_of_ours(page: Path) -> None:
    said = re.findall(r"(?:bin/|`|^ {4})dq-pipeline ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(said) - set(COMMANDS) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_piece_of_python_is_python(page: Path) -> None:
    for block in blocks(page):
        if re.match(r"(import|from) \w", block):
            ast.parse(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_piece_of_a_spec_is_a_spec(page: Path) -> None:
    keys = "|".join(Spec.model_fields)
    for block in blocks(page):
        if not re.match(rf"({keys}):", block) or "..." in block:
            continue
        written = yaml.safe_load(block)
        if not isinstance(written, dict) or not set(written) <= set(Spec.model_fields):
            continue
        spec = parse(Spec, {**SMALLEST, **written}, SpecSource(page.name, written))
        known = {family.name for family in FAMILIES}
        assert set(spec.checks) <= known
        if "checks" in written and {"items", "annotations"} & set(written):
            families_of(spec, SpecSource(page.name, written))


def test_the_reference_is_what_the_code_says() -> None:
    ran: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "generate_reference.py"))
    told = {
        page.name: page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "reference").glob("*.md")
    }
    assert told == ran["pages"](), "run: .venv/bin/python docs/generate_reference.py"
    assert [line for line in told["spec.md"].splitlines() if line.endswith("|  |")] == []


def test_the_readme_builds_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dagster as dg

    monkeypatch.chdir(tmp_path)
    found = blocks(ROOT / "README.md")
    (spec,) = (block for block in found if block.startswith("dataset:"))
    (code,) = (block for block in found if block.startswith("import dagster"))
    (tmp_path / "chest_xray.yaml").write_text(spec, encoding="utf-8")
    built: dict[str, dg.Definitions] = {}
    exec(code, built)  # noqa: S102 - our own page
    graph = built["defs"].resolve_asset_graph()
    assert graph.get(dg.AssetKey("model")).parent_keys == {dg.AssetKey(["chest_xray", "training_set"])}
    assert dg.AssetCheckKey(dg.AssetKey("model"), "quality_gate") in graph.asset_check_keys


def test_every_benchmark_has_its_place_and_leaves_the_prose_as_it_was() -> None:
    ran = runpy.run_path(str(ROOT / "benchmarks" / "run.py"), run_name="run")
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    written = page
    for name in ran["TABLES"]:
        written = ran["replaced"](written, name, f"table of {name}")
    between = re.compile(r"(?<=<!-- benchmark: )([\w ]+) -->\n(.*?)\n<!-- end -->", re.DOTALL)
    assert between.sub("", written) == between.sub("", page)
    found = {name: table.strip() for name, table in between.findall(written)}
    assert found == {name: f"table of {name}" for name in ran["TABLES"]}
    with pytest.raises(ValueError, match="is needed"):
        ran["replaced"](page, "gone", "")
