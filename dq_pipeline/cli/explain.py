"""`dq-pipeline explain NAME`: what a check, measure or family means, its formula, its source and its defaults."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from dq_pipeline.spec import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq_pipeline.reference import Definition


@click.command()
@click.argument("name", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    default="text",
    help="What to print of all names.",
)
def explain(name: str | None, form: str) -> None:
    """Say what NAME means: a check, as verdicts name it, a measure, a family, or a column of relabel.csv; without NAME, list all."""
    from dq_pipeline.reference import COLUMNS, DEFINITIONS, closest, family_of, measure_of, words_of

    if name is None and form == "markdown":
        from dq_pipeline.reference.page import markdown

        click.echo(markdown())
        return
    if name is None:
        click.echo("\n".join(_listed()))
        return
    family = name if words_of(name) else family_of(name)
    measure = None if family == name else name if name in COLUMNS else measure_of(name)
    if measure is None and family is None:
        close = closest(name)
        raise InputError(
            "explain",
            found=f"unknown name {name!r}",
            expected="a check, a measure or a family (a check of your own suite says itself what it asks)",
            fix=f"write {close!r}" if close else "call `dq-pipeline explain` for the list",
        )
    lines: list[str] = []
    if measure is not None:
        lines += _of_measure(measure, DEFINITIONS[measure])
    if family is not None:
        lines += ["", *_of_family(family)] if lines else [*_of_family(family)]
    click.echo("\n".join(lines))


def _of_measure(name: str, it: Definition) -> Iterator[str]:
    yield f"{it.title} ({name})"
    yield from _parts(
        {
            "What it is": it.says,
            "Why it matters": it.matters,
            "Formula": it.formula,
            "No value when": it.undefined,
            "How to fix": it.mends,
            "Source": "; ".join(str(source) for source in it.sources),
        }
    )


def _of_family(name: str) -> Iterator[str]:
    from dq_pipeline.reference import FAMILIES, words_of

    words = words_of(name)
    if words is None:
        return
    yield f"{'Family' if name in FAMILIES else 'Check'} {name}: {words.asks}"
    yield from _parts({"Why it matters": words.matters})
    defaults = list(_defaults(name))
    if defaults:
        yield f"  Defaults, written under checks: {name}: in the spec"
        width = max(len(key) for key, _ in defaults)
        yield from (f"    {key:<{width}}  {value}" for key, value in defaults)


def _defaults(name: str) -> Iterator[tuple[str, str]]:
    """The family's policy where the spec says nothing."""
    from dq_pipeline.families import FAMILIES

    family = next((one for one in FAMILIES if one.name == name), None)
    if family is None:
        return
    for key, value in family.Policy().model_dump(mode="json").items():
        if isinstance(value, dict):
            yield (
                key,
                "{"
                + ", ".join(f"{part}: {json.dumps(one)}" for part, one in value.items() if one is not None)
                + "}",
            )
        else:
            yield key, "not set" if value is None else json.dumps(value)


def _parts(parts: dict[str, str]) -> Iterator[str]:
    import textwrap

    for heading, words in parts.items():
        if words:
            yield f"  {heading}"
            yield from textwrap.wrap(words, 96, initial_indent="    ", subsequent_indent="    ")


def _listed() -> Iterator[str]:
    from dq_pipeline.reference import APART, COLUMNS, FAMILIES, MEASURES

    yield "Families"
    yield from (f"  {name:<26}{words.asks}" for name, words in FAMILIES.items())
    yield ""
    yield "Measures"
    yield from (f"  {name:<26}{it.title}" for name, it in MEASURES.items())
    yield ""
    yield "Columns of relabel.csv"
    yield from (f"  {name:<26}{it.title}" for name, it in COLUMNS.items())
    yield ""
    yield "Checks of no family"
    yield from (f"  {name:<26}{words.title}" for name, words in APART.items())
