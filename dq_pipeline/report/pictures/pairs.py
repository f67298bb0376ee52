"""Two shares a name with the gap between them: training against production."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.report.pictures.bars import ROW, written
from dq_pipeline.report.pictures.canvas import canvas, colour, room_for, svg_of

if TYPE_CHECKING:
    from dq_pipeline.report.model import Pairs


def draw_pairs(pairs: Pairs, key: str, title: str, description: str) -> str:
    """The picture as SVG."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    with canvas(ROW * len(pairs.names) + 66) as drawn:
        left = room_for(pairs.names) + 14
        axes = drawn.axes(left, 16, 28, 38)
        axes.grid(axis="x", color=colour("line"), linewidth=0.8)
        axes.set_axisbelow(True)
        axes.set_xlim(0, max(*pairs.first, *pairs.second, 1e-9) * 1.05)
        axes.set_ylim(len(pairs.names) - 0.5, -0.5)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: written(value, percent=True)))
        places = list(range(len(pairs.names)))
        axes.hlines(places, pairs.first, pairs.second, color=colour("muted"), linewidth=2)
        axes.plot(pairs.first, places, "o", markersize=7, color=colour("first"))
        axes.plot(pairs.second, places, "D", markersize=6.5, color=colour("second"))
        axes.set_yticks(places, [drawn.name(name) for name in pairs.names], color=colour("ink"))
        for place, (ink, mark) in enumerate((("first", "o"), ("second", "D"))):
            x = 0.01 + 0.2 * place
            axes.plot(
                [x],
                [1 + 12 / (ROW * len(places))],
                mark,
                markersize=6.5,
                color=colour(ink),
                transform=axes.transAxes,
                clip_on=False,
            )
            drawn.put(
                axes,
                x + 0.018,
                1 + 12 / (ROW * len(places)),
                drawn.word(pairs.of[place]),
                transform=axes.transAxes,
            )
        if pairs.axis:
            axes.set_xlabel(drawn.word(pairs.axis), color=colour("muted"))
        return svg_of(drawn, key, title, description)
