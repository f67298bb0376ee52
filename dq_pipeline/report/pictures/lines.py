"""Numbers over time with their intervals, limits, and what happened when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.report.pictures.canvas import WIDTH, canvas, colour, room_for, svg_of

if TYPE_CHECKING:
    from datetime import datetime

    from matplotlib.axes import Axes

    from dq_pipeline.report.model import Line, Lines
    from dq_pipeline.report.pictures.canvas import Canvas

LANES, LANE = 3, 16
"""Lines of words above a picture, and their height."""
MARK = 18
"""Letters of what happened when."""
INKS = ("first", "second", "tile-2", "tile-3", "tile-4", "tile-5")


def draw_lines(lines: Lines, key: str, title: str, description: str) -> str:
    """The picture as SVG."""
    named = len(lines.lines) > 1
    left, right, title_high = 52, 120 if named else 16, 20 if lines.axis else 6
    marks = _in_lanes(lines, WIDTH - left - right)
    lanes = 1 + max((mark.lane for mark in marks), default=-1)
    with canvas(200 + title_high + LANE * lanes) as drawn:
        axes = drawn.axes(left, right, title_high + LANE * lanes + 6, 36)
        axes.grid(axis="y", color=colour("line"), linewidth=0.8)
        _time(axes)
        for ink, line in zip(INKS, lines.lines, strict=False):
            _one(drawn, axes, line, ink, named=named)
        _limits(drawn, axes, lines)
        for mark in marks:
            axes.axvline(mark.day, color=colour("muted"), linewidth=1, linestyle=(0, (2, 2)))
            if mark.what:
                axes.annotate(
                    drawn.name(mark.what, MARK), (mark.day, 1), (0, 3 + LANE * mark.lane),
                    xycoords=axes.get_xaxis_transform(), textcoords="offset points",
                    color=colour("muted"), ha="center", va="bottom",
                )  # fmt: skip
        if lines.axis:
            drawn.figure.text(
                0, 1 - 10 / drawn.height, drawn.word(lines.axis), color=colour("muted"), va="center"
            )
        return svg_of(drawn, key, title, description)


@dataclass(frozen=True)
class _Mark:
    day: float
    what: str
    lane: int


def _in_lanes(lines: Lines, width: float) -> list[_Mark]:
    """What happened while there is a line, each word in the lowest lane where it runs into no other."""
    days = [_day(time) for line in lines.lines for time in line.times]
    low, high = min(days), max(days)
    room = (high - low or 1.0) * 0.06
    ends = [-float("inf")] * LANES
    made = []
    for moment, what in lines.marks:
        day = _day(moment)
        if low - room <= day <= high + room:
            half = room_for((what,), MARK) / 2
            place = (day - low) / (high - low or 1.0) * width
            lane = next((one for one in range(LANES) if ends[one] <= place - half), LANES - 1)
            free = ends[lane] <= place - half
            if free:
                ends[lane] = place + half + 8
            made.append(_Mark(day, what if free else "", lane))
    return made


def _one(drawn: Canvas, axes: Axes, line: Line, ink: str, *, named: bool) -> None:
    """A line with its interval as a band, its name at its end when there are several."""
    ends: Any = zip(line.times, line.values, line.lows or line.values, line.highs or line.values, strict=True)
    known = [(_day(when), value, low, high) for when, value, low, high in ends if value is not None]
    if not known:
        return
    axes.plot(
        *zip(*[point[:2] for point in known], strict=True),
        color=colour(ink),
        linewidth=2,
        marker="o",
        markersize=4,
    )
    bounded = [(when, low, high) for when, _, low, high in known if low is not None and high is not None]
    if bounded and line.lows:
        whens, lows, highs = zip(*bounded, strict=True)
        axes.fill_between(whens, lows, highs, color=colour(ink), alpha=0.18, linewidth=0)
    if named:
        axes.annotate(
            drawn.name(line.name, 16), known[-1][:2],
            xytext=(8, 0), textcoords="offset points", va="center", color=colour(ink),
        )  # fmt: skip


def _time(axes: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=2, maxticks=7)  # type: ignore[no-untyped-call] # Matplotlib's
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))  # type: ignore[no-untyped-call] # Matplotlib's


def _day(moment: datetime) -> float:
    """Days since 1970, as Matplotlib counts time."""
    return moment.timestamp() / 86_400


def _limits(drawn: Canvas, axes: Axes, lines: Lines) -> None:
    low, high = axes.get_ylim()
    ends = [low, high, *(limit for _, limit in lines.limits)]
    room = (max(ends) - min(ends)) * 0.04
    axes.set_ylim(min(ends) - room, max(ends) + room)
    for words, limit in lines.limits:
        axes.axhline(limit, color=colour("block"), linewidth=1.2, linestyle=(0, (4, 3)))
        drawn.put(
            axes, 0.995, limit, drawn.word(words),
            transform=axes.get_yaxis_transform(), color=colour("block"), ha="right", va="bottom",
        )  # fmt: skip
