"""A grid of cells shaded from little to much, zeros marked, nothing hatched out where there is no number."""

from __future__ import annotations

from math import cos, degrees, log1p, radians, sin
from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import shown
from dq_pipeline.report.pictures.canvas import STEPS, WIDTH, canvas, colour, room_for, svg_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dq_pipeline.report.model import Grid

WRITTEN = 150
"""Cells that a grid may have to write its numbers into them; the table behind it has them anyway."""
TILT = radians(52)
"""How far names lean when they find no room side by side."""
_TALL = 30
_WIDE = 84


def draw_grid(grid: Grid, key: str, title: str, description: str) -> str:
    """The picture as SVG."""
    rows, columns = len(grid.rows), len(grid.columns)
    side = room_for(grid.rows) + 14
    longest = room_for(grid.columns)
    wide = min((WIDTH - side - 8) / columns, _WIDE)
    upright = longest + 10 > wide
    if upright:
        wide = min((WIDTH - side - 8 - longest * cos(TILT)) / (columns - 0.5), _WIDE)
    top = (longest * sin(TILT) + 16 if upright else 20) + (16 if grid.across else 0)
    tall = min(max(wide, 16), _TALL)
    with canvas(round(rows * tall + top + 6)) as drawn:
        frame = drawn.frame(side, WIDTH - side - wide * columns, top, 6)
        frame.axes.set_xlim(0, columns)
        frame.axes.set_ylim(rows, 0)
        written = rows * columns <= WRITTEN and wide >= 34  # noqa: PLR2004 - four digits are that wide
        steps = [[_step(value, grid) for value in row] for row in grid.values]
        _cells(frame.axes, steps)
        for down, row in enumerate(grid.rows):
            frame.before(down + 0.5, drawn.name(row))
            for across in range(columns):
                value, step = grid.values[down][across], steps[down][across]
                if written or value == 0:
                    said = "-" if value is None else _said(value, grid)
                    ink = "muted" if step is None else f"on-shade-{step}"
                    frame.put(across + 0.5, down + 0.5, drawn.word(said), color=colour(ink), ha="center")
        look = {"rotation": degrees(TILT), "ha": "left"} if upright else {}
        for across, column in enumerate(grid.columns):
            frame.above(across + 0.5, drawn.name(column), 3, va="baseline", **look)
        if grid.across:
            drawn.corner(grid.across)
        return svg_of(drawn, key, title, description)


def _cells(axes: Axes, steps: list[list[int | None]]) -> None:
    """All cells as one collection, a hair of surface between them."""
    from matplotlib.collections import PolyCollection

    gap = 0.03
    squares, inks = [], []
    for down, row in enumerate(steps):
        for across, step in enumerate(row):
            left, right, over, under = across + gap, across + 1 - gap, down + gap, down + 1 - gap
            squares.append([(left, over), (right, over), (right, under), (left, under)])
            inks.append(colour("line" if step is None else f"shade-{step}"))
    axes.add_collection(PolyCollection(squares, facecolors=inks, linewidths=0))


def _step(value: float | None, grid: Grid) -> int | None:
    """The shade: agreement from 0 to 1, shares from 0 to the largest, counts and ratios by their logarithm."""
    if value is None:
        return None
    if grid.kind == "agreement":
        return max(0, min(int(value * STEPS), STEPS - 1))
    most = max((number for row in grid.values for number in row if number is not None), default=0.0)
    if most <= 0 or value <= 0:
        return 0
    if grid.kind == "share":
        return min(1 + int(value / most * (STEPS - 1)), STEPS - 1)
    return min(1 + int(log1p(value) / log1p(most) * (STEPS - 1)), STEPS - 1)


def _said(value: float, grid: Grid) -> str:
    if grid.kind == "agreement":
        return f"{round(value, 2) + 0.0:.2f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.0f}"
    if grid.kind == "share":
        return f"{100 * value:.2g} %" if value else "0"
    return shown(value) if grid.kind == "count" else f"{value:.2g}"
