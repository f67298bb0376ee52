"""The bins of a numeric condition: half-open intervals between edges, and what lies outside them."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_EDGE = r"(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)"
_BIN = re.compile(rf"\[{_EDGE}, {_EDGE}\)|(?:<|>=) {_EDGE}")


def between(edges: Sequence[float]) -> tuple[str, ...]:
    """The names of the bins between edges, each with its lower edge and without its upper one.

    >>> between((0, 18, 65.5))
    ('[0, 18)', '[18, 65.5)')
    """
    return tuple(f"[{_shown(low)}, {_shown(high)})" for low, high in pairwise(edges))


def below(edges: Sequence[float]) -> str:
    """The name of what lies below the first edge."""
    return f"< {_shown(edges[0])}"


def above(edges: Sequence[float]) -> str:
    """The name of the last edge and what lies above it."""
    return f">= {_shown(edges[-1])}"


def lowest(name: str) -> float:
    """The lower edge of a bin, by its name.

    >>> sorted([">= 65", "[-5.5, 18)", "< -5.5"], key=lowest)
    ['< -5.5', '[-5.5, 18)', '>= 65']
    """
    if name.startswith("<"):
        return -math.inf
    return float(name.lstrip("[>= ").partition(",")[0])


def edges_of(names: Iterable[str]) -> tuple[float, ...] | None:
    """The edges that the names of bins tell of, rising; None where a name is that of no bin.

    >>> edges_of(["[0, 18)", "[18, 65.5)", ">= 65.5"])
    (0.0, 18.0, 65.5)
    >>> edges_of(["[0, 18)", "rain"]) is None
    True
    """
    edges: set[float] = set()
    for name in names:
        parts = _BIN.fullmatch(name)
        if parts is None:
            return None
        edges |= {float(part) for part in parts.groups() if part is not None}
    return tuple(sorted(edges))


def _shown(edge: float) -> str:
    return str(int(edge)) if float(edge).is_integer() else repr(float(edge))
