"""The registry as a page of Markdown: `dq-pipeline explain --format markdown`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.reference.registry import FAMILIES, MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq_pipeline.reference.definition import Definition


def markdown() -> str:
    """Every family and every measure, with formula and sources."""
    return "\n".join(
        [
            *_families(),
            "",
            measures(),
        ]
    )


def measures() -> str:
    """Every measure."""
    return "\n".join(["# Measures", *(line for name, it in MEASURES.items() for line in _measure(name, it))])


def _families() -> Iterator[str]:
    yield "# Families"
    for name, words in FAMILIES.items():
        yield from ("", f"## {words.title} (`{name}`)", "", f"{words.asks} {words.matters}")


def _measure(name: str, it: Definition) -> Iterator[str]:
    yield from (
        "",
        f"## {it.title} (`{name}`)",
        "",
        f"{it.says} {it.matters}",
        "",
        f"- Formula: `{it.formula}`",
    )
    yield f"- No value when {it.undefined}."
    if it.mends:
        yield f"- How to fix: {it.mends}"
    yield from (f"- Source: {source}" for source in it.sources)
