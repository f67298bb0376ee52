"""The summary as one HTML page that needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import shown
from dq_pipeline.reference import FAMILIES, MEASURES
from dq_pipeline.report import text
from dq_pipeline.report.pictures import svg

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from dq_pipeline.report.model import Cell, Panel, Summary

_RIGHT_TO_LEFT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
_RTL = re.compile(f"({_RIGHT_TO_LEFT}(?:[^A-Za-z]*{_RIGHT_TO_LEFT})?)")
TEMPLATES = Path(__file__).parent / "templates"


def render(summary: Summary) -> str:
    """The page; every word that may be a user's is escaped, shortened and isolated."""
    script = (TEMPLATES / "filter.js").read_text(encoding="utf-8")
    page = _environment().get_template("report.html.j2")
    return page.render(
        it=summary,
        style=_ours((TEMPLATES / "style.css").read_text(encoding="utf-8")),
        script=_ours(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        definitions={name: MEASURES[name] for name in summary.measures},
        families=FAMILIES,
        words={"block": "block", "warn": "warn", "insufficient": "too little data", "clear": "clear"},
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        name=name, said=said, plain=plain, signs=signs, number=number, cell=cell, percent=percent
    )
    made.globals.update(picture=picture, interval=interval)
    return made


def name(value: str) -> Markup:
    """A user's name for something, isolated from the direction of what stands around it."""
    from markupsafe import Markup

    return Markup("<bdi>{}</bdi>").format(text.name(value))


def said(value: str) -> Markup:
    """A sentence of ours that may hold users' words: what runs right to left moves nothing around it."""
    from markupsafe import Markup, escape

    parts = _RTL.split(text.sentence(value))
    return escape("").join(
        Markup("<bdi>{}</bdi>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def plain(value: str) -> str:
    """A user's words where no markup can be."""
    return text.sentence(value)


def number(value: float | None) -> str:
    """A number for people."""
    return shown(value)


def signs(bound: str) -> str:
    """A bound with the signs of mathematics."""
    return bound.replace(">=", "\u2265").replace("<=", "\u2264")


def percent(value: float) -> str:
    """A share for people."""
    return f"{100 * value:.3g} %"


def interval(low: float | None, high: float | None) -> str:
    """An interval for people; empty where there is none."""
    return f"{shown(low)} to {shown(high)}" if low is not None and high is not None else ""


def cell(value: Cell) -> Markup | str:
    """A table's cell: a number rounded, a text isolated, a dash for nothing."""
    if value is None:
        return "–"  # noqa: RUF001 - a dash
    return name(value) if isinstance(value, str) else shown(value)


def picture(panel: Panel) -> Markup:
    """A panel's picture."""
    return _ours(svg(panel))


def _ours(markup: str) -> Markup:
    """Markup that this package wrote, users' words in it escaped."""
    from markupsafe import Markup

    return Markup(markup)  # noqa: S704 - the canvas escapes what is put into it
