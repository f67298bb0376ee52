"""Tiles whose area is their count: columns as wide as their total, split by share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.report.pictures.canvas import WIDTH, canvas, colour, room_for, svg_of

if TYPE_CHECKING:
    from dq_pipeline.report.model import Mosaic

TILES = 8
"""Inks that tell rows apart."""
_HEIGHT = 250


def draw_mosaic(mosaic: Mosaic, key: str, title: str, description: str) -> str:
    """The picture as SVG."""
    totals = [sum(row[place] for row in mosaic.counts) for place in range(len(mosaic.columns))]
    everything = sum(totals) or 1.0
    legend = room_for(mosaic.rows) + 34
    tilted = room_for(mosaic.columns) > (WIDTH - legend) / len(mosaic.columns)
    bottom = 22 + (room_for(mosaic.columns) * 0.62 if tilted else 8)
    with canvas(round(_HEIGHT + bottom)) as drawn:
        axes = drawn.axes(46, legend + 12, 8, bottom)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xticks([])
        axes.set_yticks([0, 0.5, 1], [drawn.word(text) for text in ("0", "50 %", "100 %")])
        gap = 0.004
        left = 0.0
        for place, column in enumerate(mosaic.columns):
            wide = totals[place] / everything
            under = 0.0
            for row in range(len(mosaic.rows)):
                tall = mosaic.counts[row][place] / (totals[place] or 1.0)
                axes.bar(
                    left + wide / 2, tall, width=max(wide - gap, wide * 0.6), bottom=under,
                    color=colour(f"tile-{row % TILES}"), edgecolor=colour("surface"), linewidth=0.8,
                )  # fmt: skip
                under += tall
            if wide * (WIDTH - legend) > 11:  # noqa: PLR2004 - a letter's height
                look = (
                    {"rotation": -35, "ha": "left", "va": "top"} if tilted else {"ha": "center", "va": "top"}
                )
                drawn.put(axes, left + wide / 2, -0.03, drawn.name(column), **look)
            left += wide
        for row, label in enumerate(mosaic.rows):
            height = 1 - (row + 0.5) * 18 / _HEIGHT
            axes.plot(
                [1.04], [height], marker="s", markersize=8, color=colour(f"tile-{row % TILES}"),
                transform=axes.transAxes, clip_on=False,
            )  # fmt: skip
            drawn.put(axes, 1.04 + 12 / (WIDTH - legend), height, drawn.name(label), transform=axes.transAxes)
        return svg_of(drawn, key, title, description)
