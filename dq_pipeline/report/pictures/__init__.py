"""Pictures as static inline SVG, drawn with Matplotlib, which is imported when the first one is drawn."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dq_pipeline.report.model import Bars, Grid, Lines, Mosaic, Pairs, Strip
from dq_pipeline.report.pictures.bars import draw_bars
from dq_pipeline.report.pictures.grid import draw_grid
from dq_pipeline.report.pictures.lines import draw_lines
from dq_pipeline.report.pictures.mosaic import draw_mosaic
from dq_pipeline.report.pictures.pairs import draw_pairs
from dq_pipeline.report.pictures.strip import draw_strip

if TYPE_CHECKING:
    from collections.abc import Callable

    from dq_pipeline.report.model import Panel, Picture

DRAW: dict[type[Any], Callable[[Any, str, str, str], str]] = {
    Bars: draw_bars,
    Grid: draw_grid,
    Lines: draw_lines,
    Mosaic: draw_mosaic,
    Pairs: draw_pairs,
    Strip: draw_strip,
}


KEPT = 200
"""Pictures that a process keeps: a nightly run writes its report after each asset, with most pictures as they were."""


def svg(panel: Panel) -> str:
    """A panel's picture as an SVG element; empty when it has none."""
    return "" if panel.picture is None else _drawn(panel.picture, panel.id, panel.title, panel.alt)


@lru_cache(KEPT)
def _drawn(picture: Picture, key: str, title: str, alt: str) -> str:
    return DRAW[type(picture)](picture, key, title, alt)
