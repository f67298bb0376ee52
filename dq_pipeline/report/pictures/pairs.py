"""Two shares a name with the gap between them: training against production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.report.pictures.bars import ROW, written
from dq_pipeline.report.pictures.canvas import canvas, colour, room_for, svg_of

if TYPE_CHECKING:
    from dq_pipeline.report.model import Pairs


def draw_pairs(pairs: Pairs, key: str, title: str, description: str) -> str:
    """The picture as SVG."""
    with canvas(ROW * len(pairs.names) + 66) as drawn:
        frame = drawn.frame(room_for(pairs.names) + 14, 16, 28, 38)
        frame.axes.set_ylim(len(pairs.names) - 0.5, -0.5)
        most = max(*pairs.first, *pairs.second, 1e-9)
        frame.across(0, most * 1.05, drawn, lambda value: written(value, percent=True), pairs.axis)
        places = list(range(len(pairs.names)))
        frame.axes.hlines(places, pairs.first, pairs.second, color=colour("muted"), linewidth=2)
        for name, place in zip(pairs.names, places, strict=True):
            frame.before(place, drawn.name(name))
        legend = 4.0
        for values, ink, mark, word in zip(
            (pairs.first, pairs.second), ("first", "second"), "oD", pairs.of, strict=True
        ):
            look: dict[str, Any] = {
                "marker": mark,
                "markersize": 6.5,
                "color": colour(ink),
                "linestyle": "none",
            }
            frame.axes.plot(values, places, **look)
            top = 1 + 14 / frame.high
            frame.axes.plot(
                [legend / frame.wide], [top], transform=frame.axes.transAxes, clip_on=False, **look
            )
            frame.put((legend + 10) / frame.wide, top, drawn.word(word), transform=frame.axes.transAxes)
            legend += 40 + 7 * len(word)
        return svg_of(drawn, key, title, description)
