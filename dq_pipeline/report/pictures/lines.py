"""Numbers over time with their intervals, limits, and what happened when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.report.pictures.canvas import WIDTH, canvas, colour, room_for, svg_of

if TYPE_CHECKING:
    from datetime import datetime

    from matplotlib.axes import Axes

    from dq_pipeline.report.model import Line, Lines
    from dq_pipeline.report.pictures.canvas import Canvas, Frame

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
        frame = drawn.frame(left, right, title_high + LANE * lanes + 6, 30)
        _time(drawn, frame, [_day(time) for line in lines.lines for time in line.times])
        frame.upward(*_ends(lines), drawn, lambda value: f"{value:.4g}")
        for ink, line in zip(INKS, lines.lines, strict=False):
            last = _one(frame.axes, line, ink)
            if named and last is not None:
                frame.after(last[1], drawn.name(line.name, MARK), color=colour(ink))
        for words, limit in lines.limits:
            frame.axes.axhline(limit, color=colour("block"), linewidth=1.2, linestyle=(0, (4, 3)))
            frame.put(
                0.995, limit, drawn.word(words), transform=frame.axes.get_yaxis_transform(),
                color=colour("block"), ha="right", va="bottom",
            )  # fmt: skip
        for mark in marks:
            frame.axes.axvline(mark.day, color=colour("muted"), linewidth=1, linestyle=(0, (2, 2)))
            if mark.what:
                frame.above(mark.day, drawn.name(mark.what, MARK), LANE * mark.lane, color=colour("muted"))
        if lines.axis:
            drawn.corner(lines.axis)
        return svg_of(drawn, key, title, description)


def _ends(lines: Lines) -> tuple[float, float]:
    """What the picture reaches from and to."""
    ends = [limit for _, limit in lines.limits]
    for line in lines.lines:
        ends += [end for end in (*line.values, *line.lows, *line.highs) if end is not None]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    room = (high - low or abs(high) or 1.0) * 0.06
    return low - room, high + room


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


def _one(axes: Axes, line: Line, ink: str) -> tuple[float, float] | None:
    """A line with its interval as a band; where it ends."""
    ends: Any = zip(line.times, line.values, line.lows or line.values, line.highs or line.values, strict=True)
    known = [(_day(when), value, low, high) for when, value, low, high in ends if value is not None]
    if not known:
        return None
    days, values = [point[0] for point in known], [point[1] for point in known]
    axes.plot(days, values, color=colour(ink), linewidth=2, marker="o", markersize=4)
    bounded = [(when, low, high) for when, _, low, high in known if low is not None and high is not None]
    if bounded and line.lows:
        whens, lows, highs = zip(*bounded, strict=True)
        axes.fill_between(whens, lows, highs, color=colour(ink), alpha=0.18, linewidth=0)
    return days[-1], values[-1]


def _time(drawn: Canvas, frame: Frame, days: list[float]) -> None:
    """Scale the frame over the days, and say at round ones which they are."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, num2date

    low, high = min(days), max(days)
    room = (high - low or 1.0) * 0.06
    frame.axes.set_xlim(low - room, high + room)
    locator = AutoDateLocator(minticks=2, maxticks=7)  # type: ignore[no-untyped-call] # Matplotlib's
    ends = (num2date(low - room), num2date(high + room))  # type: ignore[no-untyped-call] # Matplotlib's
    places = [place for place in locator.tick_values(*ends) if low - room <= place <= high + room]  # type: ignore[no-untyped-call] # Matplotlib's
    words = ConciseDateFormatter(locator).format_ticks(places)  # type: ignore[no-untyped-call] # Matplotlib's
    for place, said in zip(places, words, strict=True):
        frame.below(place, drawn.word(said), color=colour("muted"))


def _day(moment: datetime) -> float:
    """Days since 1970, as Matplotlib counts time."""
    return moment.timestamp() / 86_400
