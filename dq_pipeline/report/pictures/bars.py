"""Bars or points: one value a name, its interval, and the limit that it is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import shown
from dq_pipeline.report.pictures.canvas import canvas, colour, room_for, svg_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dq_pipeline.report.model import Bars

ROW = 26


def draw_bars(bars: Bars, key: str, title: str, description: str) -> str:
    """The picture as SVG."""
    top = 26 if bars.limits else 8
    said = [written(value, percent=bars.percent) for value in bars.values]
    if bars.targets:
        said = [f"{one} / {shown(target)}" for one, target in zip(said, bars.targets, strict=True)]
    with canvas(ROW * len(bars.names) + top + 38) as drawn:
        frame = drawn.frame(room_for(bars.names) + 14, room_for(said) + 20, top, 38)
        frame.axes.set_ylim(len(bars.names) - 0.5, -0.5)
        frame.across(*_ends(bars), drawn, lambda value: written(value, percent=bars.percent), bars.axis)
        _draw(frame.axes, bars)
        for place, name in enumerate(bars.names):
            frame.before(place, drawn.name(name))
            frame.after(place, drawn.word(said[place]))
        for words, limit in bars.limits:
            frame.axes.axvline(limit, color=colour("block"), linewidth=1.2, linestyle=(0, (4, 3)))
            frame.above(limit, drawn.word(words), color=colour("block"))
        return svg_of(drawn, key, title, description)


def written(value: float, *, percent: bool) -> str:
    """The value as a picture writes it."""
    return f"{100 * value:.3g} %" if percent else shown(float(f"{value:.3g}") if abs(value) < 1e3 else value)  # noqa: PLR2004 - thousands are whole


def _ends(bars: Bars) -> tuple[float, float]:
    """What the picture reaches from and to."""
    ends = [*bars.values, *bars.targets, *(limit for _, limit in bars.limits)]
    ends += [end for end in (*bars.lows, *bars.highs) if end is not None]
    low, high = min(ends), max(ends)
    room = (high - low or abs(high) or 1.0) * 0.04
    return (0.0 if bars.form == "bar" and low >= 0 else low - room), high + room


def _draw(axes: Axes, bars: Bars) -> None:
    places = list(range(len(bars.names)))
    short = [bool(bars.targets) and value < bars.targets[place] for place, value in enumerate(bars.values)]
    inks = [colour("block" if one else "first") for one in short]
    if bars.form == "bar":
        axes.barh(places, bars.values, height=0.62, color=inks)
    known = [
        (place, low, high)
        for place, low, high in zip(places, bars.lows, bars.highs, strict=False)
        if low is not None and high is not None
    ]
    if known:
        ink = colour("ink" if bars.form == "bar" else "first")
        rows, lows, highs = zip(*known, strict=True)
        axes.hlines(rows, lows, highs, color=ink, linewidth=1.4)
    if bars.form == "point":
        axes.plot(bars.values, places, marker="o", markersize=6, linestyle="none", color=colour("first"))
    if bars.targets:
        axes.vlines(
            bars.targets, [place - 0.42 for place in places], [place + 0.42 for place in places],
            color=colour("ink"), linewidth=2,
        )  # fmt: skip
