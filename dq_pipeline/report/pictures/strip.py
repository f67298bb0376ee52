"""The gate's history: a row a check, a column a night; each verdict has its ink and its sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.report.pictures.canvas import WIDTH, canvas, colour, room_for, svg_of

if TYPE_CHECKING:
    from dq_pipeline.report.model import Strip

SIGN = {"clear": "", "warn": "!", "block": "×", "insufficient": "?"}  # noqa: RUF001 - a cross
_NAME = 34


def draw_strip(strip: Strip, key: str, title: str, description: str) -> str:
    """The picture as SVG."""
    from matplotlib.collections import PolyCollection

    rows, columns = len(strip.checks), len(strip.nights)
    side = room_for(strip.checks, _NAME) + 14
    wide = min((WIDTH - side - 8) / columns, 26)
    with canvas(rows * 19 + 30) as drawn:
        frame = drawn.frame(side, WIDTH - side - wide * columns, 4, 26)
        frame.axes.set_xlim(0, columns)
        frame.axes.set_ylim(rows, 0)
        squares, inks = [], []
        for down, row in enumerate(strip.verdicts):
            frame.before(down + 0.5, drawn.name(strip.checks[down], _NAME))
            for across, verdict in enumerate(row):
                if verdict is None:
                    continue
                ends = across + 0.05, across + 0.95, down + 0.08, down + 0.92
                squares.append(
                    [(ends[0], ends[2]), (ends[1], ends[2]), (ends[1], ends[3]), (ends[0], ends[3])]
                )
                inks.append(colour(verdict))
                if SIGN[verdict] and wide >= 9:  # noqa: PLR2004 - a letter's width
                    frame.put(
                        across + 0.5, down + 0.5, drawn.word(SIGN[verdict]),
                        color=colour("surface"), ha="center", weight="bold",
                    )  # fmt: skip
        frame.axes.add_collection(PolyCollection(squares, facecolors=inks, linewidths=0))
        every = max(1, round(74 / wide))
        for across in range(columns - 1, -1, -every):
            end = across + (1 if columns > 1 else 0)
            frame.below(
                end,
                drawn.word(strip.nights[across]),
                ha="right" if columns > 1 else "left",
                color=colour("muted"),
            )
        return svg_of(drawn, key, title, description)
