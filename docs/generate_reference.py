"""Writes docs/reference/: the spec's keys, the checks, the measures and the errors, from the code that knows them."""

from __future__ import annotations

import ast
import inspect
import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from dq_pipeline.contracts.of_tables import contracts_of
from dq_pipeline.demo import DEFECTS, make
from dq_pipeline.families import FAMILIES, families_of
from dq_pipeline.families.verdict import limit
from dq_pipeline.reference import APART
from dq_pipeline.reference import FAMILIES as WORDS
from dq_pipeline.reference.page import measures
from dq_pipeline.spec import Spec, load_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "reference"
SOURCE = Path(inspect.getfile(Spec)).parents[1]
WRITTEN = "<!-- Written by docs/generate_reference.py. -->\n\n"
PLAIN: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Any: "anything",
    type(None): "",
}
EVERY_ROLE = """
calibration: {sessions: [{when: 2026-01-20}], guidelines: [{version: v1, in_force: 2026-01-01}]}
edge_cases: [{name: NAME, where: "weather = 'snow'"}]
"""


def pages() -> dict[str, str]:
    """Name of a page to its text."""
    made = {
        "spec.md": spec_page(),
        "checks.md": checks_page(),
        "measures.md": measures(),
        "errors.md": errors_page(),
    }
    return {name: WRITTEN + text.rstrip() + "\n" for name, text in made.items()}


def spec_page() -> str:
    """Every key of a spec."""
    lines = [
        "# The keys of a spec",
        "",
        "`dq-pipeline schema` prints the same for editors. An unknown key is an error.",
    ]
    parts = [("", Spec), *_parts(Spec, "")]
    for path, model in parts:
        lines += ["", f"## {f'`{path}`' if path else 'Top level'}", "", _first(model), "", *_keys(model)]
    for family in FAMILIES:
        path = f"checks.{family.name}"
        lines += ["", f"## `{path}`", "", _first(family.Policy), "", *_keys(family.Policy)]
    return "\n".join(lines)


def _parts(model: type[BaseModel], path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in model.model_fields.items():
        for inner in _models(field.annotation):
            at = f"{path}.{name}".strip(".")
            yield at, inner
            yield from _parts(inner, at)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]


def _first(model: type[BaseModel]) -> str:
    return " ".join(re.split(r"\n\s*\n\s*Attributes:", inspect.getdoc(model) or "")[0].split())


def meanings(model: type[BaseModel]) -> dict[str, str]:
    """What each key means, as the docstrings of a model and of those it is made of say."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        _, _, said = inspect.cleandoc(base.__dict__.get("__doc__") or "").partition("Attributes:\n")
        for name, words in re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", said, flags=re.MULTILINE):
            found[name] = " ".join(words.split())
    return found


def _keys(model: type[BaseModel]) -> Iterator[str]:
    said = meanings(model)
    yield "| key | takes | default | meaning |"
    yield "|---|---|---|---|"
    for name, field in model.model_fields.items():
        default = "needed" if field.is_required() else _default(field.get_default(call_default_factory=True))
        yield f"| `{name}` | {_cell(_type(field.annotation))} | {_cell(default)} | {_cell(said.get(name, ''))} |"


def _default(value: Any) -> str:
    if value is None or value in ((), {}):
        return ""
    if isinstance(value, BaseModel):
        told = {key: one for key, one in value.model_dump(mode="json").items() if one is not None}
        return (
            f"`{json.dumps(told)}`"
            if not any(isinstance(one, dict) for one in told.values())
            else "its own defaults"
        )
    return f"`{json.dumps(value, default=str)}`"


def _type(annotation: Any) -> str:
    """A type in the words of YAML."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return "keys" if issubclass(annotation, BaseModel) else annotation.__name__
    origin, inner = get_origin(annotation), get_args(annotation)
    if hasattr(annotation, "__metadata__") or origin in {tuple, list}:
        return ("" if hasattr(annotation, "__metadata__") else "list of ") + _type(inner[0])
    if origin is dict:
        return f"{_type(inner[0])} -> {_type(inner[1])}"
    if origin is Literal:
        return ", ".join(f"`{json.dumps(one) if isinstance(one, bool) else one}`" for one in inner)
    return " or ".join(dict.fromkeys(word for one in inner if (word := _type(one))))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def checks_page() -> str:
    """Every check of a dataset that names every role, by family."""
    with tempfile.TemporaryDirectory() as folder:
        path = make(Path(folder), defects=DEFECTS, items=60)
        text = path.read_text(encoding="utf-8").replace(
            "label: label}\ngold", "label: label, time: at, guideline: by}\ngold"
        )
        path.write_text(text + EVERY_ROLE, encoding="utf-8")
        spec, source = load_spec(path)
    checks = [check for family in families_of(spec, source) for check in family.checks()]
    lines = [
        "# Checks",
        "",
        "As the demo's dataset has them, with the roles `weather` and `light` as conditions, `NAME` an edge case, and every family on.",
        "`dq-pipeline explain CHECK` says what each means. Limits are defaults; [spec.md](spec.md) has the keys that set them.",
        "",
        f"## {WORDS['contracts'].title}",
        "",
        f"{WORDS['contracts'].asks} {WORDS['contracts'].matters} [contracts.md](../contracts.md) says when each fails.",
        "",
        *(f"- `{contract.check}`, of {contract.table}" for contract in contracts_of(spec)),
    ]
    for name, words in WORDS.items():
        mine = [check for check in checks if check.family == name]
        if not mine:
            continue
        lines += [
            "",
            f"## {words.title}",
            "",
            f"{words.asks} {words.matters}",
            "",
            "| check | asset | measure | limits |",
            "|---|---|---|---|",
        ]
        for check in mine:
            limits = "; ".join(
                f"{bound.severity}s unless {limit(bound)}"
                for bound in check.bounds
                if bound.severity != "relief"
            )
            lines.append(f"| `{check.name}` | {check.table} | `{check.measure}` | {_cell(limits)} |")
    lines += ["", "## Checks of no family"]
    for name, words in APART.items():
        lines += ["", f"`{name}`: {words.asks} {words.matters}"]
    return "\n".join(lines)


def errors_page() -> str:
    """Every error that names what was expected, by the part that says it."""
    lines = [
        "# Errors",
        "",
        "Input that cannot be used ends in one error of four lines (who asked, what was found, what was expected, the fix) and exit",
        "status 2, before any work. These are the kinds, by the part of the code that says them; `…` stands for what is yours.",
    ]
    told: dict[str, set[tuple[str, str, str]]] = {}
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"InputError", "RefusedError"}:
                said = {word.arg: _words(word.value) for word in node.keywords}
                if node.func.id == "RefusedError" and node.args:  # type: ignore[attr-defined] # a name, as said above
                    said["found"] = _words(node.args[0])
                row = tuple(said.get(key, "…") for key in ("expected", "found", "fix"))
                if row[0] != "…":
                    told.setdefault(file.relative_to(SOURCE).parts[0], set()).add(row)
    for part, rows in sorted(told.items()):
        lines += ["", f"## {part}", "", "| expected | found | fix |", "|---|---|---|"]
        lines += [f"| {' | '.join(_cell(word) for word in row)} |" for row in sorted(rows)]
    return "\n".join(lines)


def _words(node: ast.expr) -> str:
    """A text of the code, with `…` for what is put in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(one) for one in node.values)
    if isinstance(node, ast.IfExp):
        return " / ".join(dict.fromkeys((_words(node.body), _words(node.orelse))))
    if isinstance(node, ast.BinOp):
        return _words(node.left) + _words(node.right)
    return "…"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
