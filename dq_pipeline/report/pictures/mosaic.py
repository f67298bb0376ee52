"""Tiles whose area is their count: columns as wide as their total, split by share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.report.pictures.canvas import WIDTH, canvas, colour, room_for, svg_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dq_pipeline.report.model import Mosaic

TILES = 8
"""Inks that tell rows apart."""
LINE = 15
"""Pixels between leaning names for neither to run into the other."""
_HEIGHT = 250


def draw_mosaic(mosaic: Mosaic, key: str, title: str, description: str) -> str:
    """The picture as SVG."""
    totals = [sum(row[place] for row in mosaic.counts) for place in range(len(mosaic.columns))]
    everything = sum(totals) or 1.0
    legend = room_for(mosaic.rows) + 34
    tilted = any(
        room_for((name,)) + 6 > total / everything * (WIDTH - legend - 58)
        for name, total in zip(mosaic.columns, totals, strict=True)
    )
    bottom = 22 + (room_for(mosaic.columns) * 0.62 if tilted else 8)
    with canvas(round(_HEIGHT + bottom)) as drawn:
        frame = drawn.frame(46, legend + 12, 8, bottom)
        frame.axes.set_xlim(0, 1)
        frame.axes.set_ylim(0, 1)
        for share in (0.0, 0.5, 1.0):
            frame.before(share, drawn.word(f"{100 * share:.0f} %"), color=colour("muted"))
        wide = [total / everything for total in totals]
        left = [sum(wide[:place]) for place in range(len(wide))]
        _tiles(frame.axes, mosaic, totals, left, wide)
        look = {"rotation": -35, "ha": "left"} if tilted else {}
        free = 0.0
        for place, column in enumerate(mosaic.columns):
            middle = (left[place] + wide[place] / 2) * frame.wide
            if middle >= free:
                frame.below(middle / frame.wide, drawn.name(column), 3, **look)
                free = middle + (LINE if tilted else 0)
        for row, label in enumerate(mosaic.rows):
            height = 1 - (row + 0.5) * 18 / frame.high
            frame.axes.plot(
                [1 + 18 / frame.wide], [height], marker="s", markersize=8, color=colour(f"tile-{row % TILES}"),
                clip_on=False,
            )  # fmt: skip
            frame.put(1 + 28 / frame.wide, height, drawn.name(label))
        return svg_of(drawn, key, title, description)


def _tiles(axes: Axes, mosaic: Mosaic, totals: list[float], left: list[float], wide: list[float]) -> None:
    """Each row's tiles on top of those of the rows before."""
    gap = 0.004
    under = [0.0] * len(totals)
    middle = [start + width / 2 for start, width in zip(left, wide, strict=True)]
    for row, counts in enumerate(mosaic.counts):
        tall = [count / (total or 1.0) for count, total in zip(counts, totals, strict=True)]
        axes.bar(
            middle, tall, width=[max(width - gap, width * 0.6) for width in wide], bottom=under,
            color=colour(f"tile-{row % TILES}"), edgecolor=colour("surface"), linewidth=0.8,
        )  # fmt: skip
        under = [start + height for start, height in zip(under, tall, strict=True)]
