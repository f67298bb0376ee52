"""Bars or points: one value a name, its interval, and the limit that it is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import shown
from dq_pipeline.report.pictures.canvas import canvas, colour, room_for, svg_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dq_pipeline.report.model import Bars
    from dq_pipeline.report.pictures.canvas import Canvas

ROW = 26


def draw_bars(bars: Bars, key: str, title: str, description: str) -> str:
    """The picture as SVG."""
    top = 26 if bars.limits else 8
    with canvas(ROW * len(bars.names) + top + 38) as drawn:
        left = room_for(bars.names) + 14
        axes = drawn.axes(left, 64, top, 38)
        _scale(axes, bars)
        places = range(len(bars.names))
        axes.grid(axis="x", color=colour("line"), linewidth=0.8)
        axes.set_axisbelow(True)
        for place in places:
            _one(axes, bars, place)
        axes.set_yticks(list(places), [drawn.name(name) for name in bars.names], color=colour("ink"))
        _said(drawn, axes, bars)
        for words, limit in bars.limits:
            axes.axvline(limit, color=colour("block"), linewidth=1.2, linestyle=(0, (4, 3)))
            drawn.put(
                axes, limit, 1, drawn.word(words),
                transform=axes.get_xaxis_transform(), color=colour("block"), ha="center", va="bottom",
            )  # fmt: skip
        if bars.axis:
            axes.set_xlabel(drawn.word(bars.axis), color=colour("muted"))
        return svg_of(drawn, key, title, description)


def written(value: float, *, percent: bool) -> str:
    """The value as a picture writes it."""
    return f"{100 * value:.3g} %" if percent else shown(float(f"{value:.3g}") if abs(value) < 1e3 else value)  # noqa: PLR2004 - thousands are whole


def _scale(axes: Axes, bars: Bars) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ends = [*bars.values, *bars.targets, *(limit for _, limit in bars.limits)]
    ends += [end for end in (*bars.lows, *bars.highs) if end is not None]
    low, high = min(ends), max(ends)
    room = (high - low or abs(high) or 1.0) * 0.04
    if bars.form == "bar":
        axes.set_xlim(min(low - room, 0) if low < 0 else 0, high + room)
    else:
        axes.set_xlim(low - room, high + room)
    axes.set_ylim(len(bars.names) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: written(value, percent=bars.percent)))


def _one(axes: Axes, bars: Bars, place: int) -> None:
    value = bars.values[place]
    low = bars.lows[place] if bars.lows else None
    high = bars.highs[place] if bars.highs else None
    short = bool(bars.targets) and value < bars.targets[place]
    ink = "block" if short else "first"
    if bars.form == "bar":
        axes.barh(place, value, height=0.62, color=colour(ink))
    if low is not None and high is not None:
        axes.hlines(place, low, high, color=colour("ink" if bars.form == "bar" else ink), linewidth=1.4)
    if bars.form == "point":
        axes.plot([value], [place], marker="o", markersize=6, color=colour(ink))
    if bars.targets:
        axes.vlines(bars.targets[place], place - 0.42, place + 0.42, color=colour("ink"), linewidth=2)


def _said(drawn: Canvas, axes: Axes, bars: Bars) -> None:
    """Each value in numbers at the right edge."""
    for place, value in enumerate(bars.values):
        said = written(value, percent=bars.percent)
        if bars.targets:
            said += f" / {shown(bars.targets[place])}"
        drawn.put(axes, 1.01, place, drawn.word(said), transform=axes.get_yaxis_transform())
