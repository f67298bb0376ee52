"""A Matplotlib figure as inline SVG: small, coloured by the page's own style, its words put in last.

Matplotlib lays out and draws; it never sees a user's words. Each text is drawn as a token, which is replaced in the SVG by
the escaped words: no font is missing, no `$` starts a formula, and no name makes a picture wider.
"""

from __future__ import annotations

import io
import re
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from dq_pipeline.report.text import name, sentence, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 720
"""Width of every picture, in the page's pixels."""
LETTER = 7.2
"""Width of a letter at the size of a picture's texts, in pixels."""
SHORT = 22
"""Characters of a name in a picture; the table behind it has more."""
STEPS = 9
"""Shades of the scale from little to much."""
INKS = (
    "ink", "muted", "line", "surface", "clear", "warn", "block", "insufficient", "first", "second",
    *(f"shade-{step}" for step in range(STEPS)), *(f"on-shade-{step}" for step in range(STEPS)),
    *(f"tile-{place}" for place in range(8)),
)  # fmt: skip
"""Names of the colours, which the page's style gives their values in light and in dark."""
_COLOUR = {ink: f"#00fe{place:02x}" for place, ink in enumerate(INKS)}
_INK = {colour: ink for ink, colour in _COLOUR.items()}
_RC: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "dq_pipeline",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "figure.dpi": 72,
    "path.simplify": True,
    "axes.unicode_minus": True,
}


def cut(text: str, limit: int) -> str:
    """The text as a picture shows it: escapes written out, and no wider than so many letters."""
    if width(text) <= limit:
        return name(text)
    kept, room = "", limit - 1
    for mark in visible(text[:limit]):
        room -= _wide(mark)
        if room < 0:
            break
        kept += mark
    return kept + "…"


def width(text: str) -> int:
    """Letters that the text is wide, ideographs and emoji two each."""
    return sum(_wide(mark) for mark in name(text, 1000))


def room_for(names: Iterable[str], limit: int = SHORT) -> float:
    """Pixels that the widest of the names takes, cut to so many letters."""
    return max((min(width(one), limit) for one in names), default=0) * LETTER


def _wide(mark: str) -> int:
    return 2 if unicodedata.east_asian_width(mark) in "WF" else 0 if unicodedata.combining(mark) else 1


def colour(ink: str) -> str:
    """What stands for an ink until the page colours it.

    Raises:
        KeyError: No such ink.
    """
    return _COLOUR[ink]


class Canvas:
    """A figure and the words that are put in last.

    Args:
        height: Height in pixels.
        figure: The figure.
    """

    def __init__(self, height: int, figure: Figure) -> None:
        self.height = height
        self.figure = figure
        self._words: list[str] = []

    def frame(self, left: float, right: float, top: float, bottom: float) -> Frame:
        """A frame to draw in, with the given margins in pixels."""
        wide, high = WIDTH - left - right, self.height - top - bottom
        axes = self.figure.add_axes(
            (left / WIDTH, bottom / self.height, wide / WIDTH, high / self.height), frameon=False
        )
        axes.set_axis_off()
        return Frame(axes, wide, high)

    def corner(self, text: str) -> None:
        """A text of ours in the upper left corner."""
        self.figure.text(0, 1 - 10 / self.height, self.word(text), color=colour("muted"), va="center")

    def word(self, text: str) -> str:
        """A token that stands for a text of ours."""
        self._words.append(escape(text))
        return f"@{len(self._words) - 1}@"

    def name(self, text: str, limit: int = SHORT) -> str:
        """A token that stands for a user's name: cut, isolated from the text around it, and told in full on hover."""
        short, whole = cut(text, limit), name(text)
        shown = f'<tspan unicode-bidi="isolate">{escape(short)}</tspan>'
        self._words.append(shown if whole == short else f"{shown}<title>{escape(whole)}</title>")
        return f"@{len(self._words) - 1}@"

    def fill(self, svg: str) -> str:
        """The SVG with its words in place of their tokens."""
        return re.sub(r"@(\d+)@", lambda found: self._words[int(found[1])], svg)


@dataclass(frozen=True)
class Frame:
    """Where data is drawn, and the words at its edges. Matplotlib's own ticks cost half of a picture: these are plain texts.

    Attributes:
        axes: Where to draw.
        wide: Its width in pixels.
        high: Its height in pixels.
    """

    axes: Axes
    wide: float
    high: float

    def put(self, x: float, y: float, token: str, **look: Any) -> None:
        """Put a token at a place of the data, or of what `transform` says."""
        told = {"color": colour("ink"), "va": "center", "ha": "left", "rotation_mode": "anchor", **look}
        self.axes.text(x, y, token, **told)

    def before(self, y: float, token: str, **look: Any) -> None:
        """Put a token left of the frame, at a height of the data."""
        at_edge = self.axes.get_yaxis_transform()
        self.put(-6 / self.wide, y, token, transform=at_edge, **{"ha": "right", **look})

    def after(self, y: float, token: str, **look: Any) -> None:
        """Put a token right of the frame, at a height of the data."""
        self.put(1 + 8 / self.wide, y, token, transform=self.axes.get_yaxis_transform(), **look)

    def above(self, x: float, token: str, lane: float = 0, **look: Any) -> None:
        """Put a token over the frame, at a place of the data, `lane` pixels up."""
        at_edge, y = self.axes.get_xaxis_transform(), 1 + (3 + lane) / self.high
        self.put(x, y, token, transform=at_edge, **{"ha": "center", "va": "bottom", **look})

    def below(self, x: float, token: str, lane: float = 0, **look: Any) -> None:
        """Put a token under the frame, at a place of the data, `lane` pixels down."""
        at_edge, y = self.axes.get_xaxis_transform(), -(5 + lane) / self.high
        self.put(x, y, token, transform=at_edge, **{"ha": "center", "va": "top", **look})

    def across(
        self, low: float, high: float, drawn: Canvas, write: Callable[[float], str], title: str = ""
    ) -> None:
        """Scale the frame from left to right, with light lines at round numbers and what they are below."""
        self.axes.set_xlim(low, high)
        places = _round_numbers(low, high)
        self.axes.vlines(places, *self.axes.get_ylim(), color=colour("line"), linewidth=0.8, zorder=0)
        for place in places:
            self.below(place, drawn.word(write(place)), color=colour("muted"))
        if title:
            self.below((low + high) / 2, drawn.word(title), 17, color=colour("muted"))

    def upward(self, low: float, high: float, drawn: Canvas, write: Callable[[float], str]) -> None:
        """Scale the frame from bottom to top, with light lines at round numbers and what they are at the left."""
        self.axes.set_ylim(low, high)
        places = _round_numbers(low, high)
        self.axes.hlines(places, *self.axes.get_xlim(), color=colour("line"), linewidth=0.8, zorder=0)
        for place in places:
            self.before(place, drawn.word(write(place)), color=colour("muted"))


def _round_numbers(low: float, high: float) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    return [float(place) for place in MaxNLocator(5).tick_values(low, high) if low <= place <= high]


@contextmanager
def canvas(height: int) -> Iterator[Canvas]:
    """A canvas to draw on; `svg_of` then makes it SVG. Matplotlib's settings are back as they were afterwards."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(_RC):
        figure = Figure(figsize=(WIDTH / 72, height / 72), facecolor="none")
        FigureCanvasSVG(figure)
        yield Canvas(height, figure)


def svg_of(drawn: Canvas, key: str, title: str, description: str) -> str:
    """The canvas as an SVG element that a screen reader can name and that needs nothing from elsewhere.

    Raises:
        ValueError: The key is no id.
    """
    if not re.fullmatch("[A-Za-z][A-Za-z0-9-]*", key):
        raise ValueError(f"an id of letters, digits and hyphens (found {key!r})")
    written = io.StringIO()
    drawn.figure.savefig(
        written, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    body = written.getvalue()
    body = body[body.index(">", body.index("<svg")) + 1 : body.rindex("</svg>")]
    head = (
        f'<svg class="picture" viewBox="0 0 {WIDTH} {drawn.height}" width="{WIDTH}" height="{drawn.height}" '
        f'role="img" aria-labelledby="{key}-t {key}-d"><title id="{key}-t">{escape(sentence(title))}</title>'
        f'<desc id="{key}-d">{escape(sentence(description))}</desc>'
    )
    return head + drawn.fill(_small(body, key)) + "</svg>"


def _small(body: str, key: str) -> str:
    """Without comments, metadata, fonts and names that nothing points to; numbers to a tenth; inks for colours."""
    body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r" ?font-family: [^;\"]*;?|; ?stroke-linejoin: miter|; ?stroke-linecap: square", "", body)
    body = body.replace("xlink:href", "href")
    pointed = set(re.findall(r"#([A-Za-z][\w-]*)[\")]", body))
    body = re.sub(r' id="([^"]*)"', lambda m: f' id="{key}-{m[1]}"' if m[1] in pointed else "", body)
    body = re.sub(r'(url\(|href=")#(?!00fe)', rf"\1#{key}-", body)
    body = re.sub(r'="[^"]*"', lambda found: re.sub(r"(\d\.\d)\d+", r"\1", found[0]), body)
    body = re.sub(r"#00fe[0-9a-f]{2}", lambda m: f"var(--{_INK[m[0]]})", body)
    body = re.sub(r' transform="rotate\(-?0 [^)]*\)"', "", body)
    body = re.sub(r"<defs>\s*</defs>", "", body)
    before = ""
    while before != body:
        before = body
        body = re.sub(r"<g>\s*</g>", "", body)
    return re.sub(r"\s*\n\s*", " ", body)
