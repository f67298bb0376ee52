"""Keys of several values: joined by "|", and told apart again whatever the values hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MISSING = "(missing)"
"""How a row without a dimension's value is shown, whether a label, a condition or a source: a value of its own."""
_SPECIAL = re.compile(r"([\\|])")
_PIECES = re.compile(r"\\(.)|(\|)|([^\\|]+)", re.DOTALL)


def key_of(values: Iterable[str | None]) -> str:
    r"""The key of several values: joined by "|", a "|" or "\" within one behind a "\"; of one value, itself.

    >>> key_of(("rain", None))
    'rain|(missing)'
    >>> print(key_of(("a|b", "c")))
    a\|b|c
    """
    shown = [MISSING if value is None else value for value in values]
    return shown[0] if len(shown) == 1 else "|".join(_SPECIAL.sub(r"\\\1", value) for value in shown)


def values_of(key: str, by: str) -> tuple[str, ...]:
    r"""The value of each dimension of a breakdown.

    >>> values_of(r"a\|b|c", "source,label")
    ('a|b', 'c')
    >>> values_of("a|b", "source")
    ('a|b',)
    """
    if "," not in by:
        return (key,)
    values = [""]
    for special, mark, plain in _PIECES.findall(key):
        if mark:
            values.append("")
        else:
            values[-1] += special or plain
    return tuple(values)
