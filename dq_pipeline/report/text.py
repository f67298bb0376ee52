"""Users' words made harmless to look at: no control character acts, no text is endless."""

from __future__ import annotations

import unicodedata

NAME = 60
"""Characters that a name is shown with."""
SENTENCE = 700
"""Characters that a sentence is shown with."""
_INVISIBLE = frozenset(
    "\u00ad\u061c\u115f\u180e\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0"
)
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: str, keep: str = "") -> str:
    r"""The text with control characters, bidirectional marks and lone surrogates written out as escapes.

    Args:
        text: Any text.
        keep: Control characters to leave as they are, such as a newline.

    >>> visible("a\x1b[31mb\u202ec")
    'a\\x1b[31mb\\u202ec'
    """
    if text.isprintable() and text.isascii():
        return text
    return "".join(mark if mark in keep else _written(mark) for mark in text)


def name(text: str, limit: int = NAME) -> str:
    r"""A user's name for something, cut in the middle and with its length told when it is too long.

    Spaces at its ends are written out: " no" and "no" are two labels.

    >>> name("x" * 10_000, 20)
    'xxxxxxxxxxxxxx…xxxxx (10,000 characters)'
    >>> print(name(" no"))
    \x20no
    """
    if len(text) <= limit:
        start, end = len(text) - len(text.lstrip(" \xa0")), len(text.rstrip(" \xa0"))
        inner = visible(text[start:end]) if start < end else ""
        return _spaces(text[:start]) + inner + _spaces(text[max(start, end) :])
    tail = limit // 4
    return f"{visible(text[: limit - tail - 1])}…{visible(text[-tail:])} ({len(text):,} characters)"


def sentence(text: str, limit: int = SENTENCE) -> str:
    """A sentence that may hold users' words: endless words are cut, then the whole."""
    words = " ".join(word if len(word) <= NAME * 2 else name(word) for word in text.split(" "))
    if len(words) > limit:
        words = f"{words[: limit - limit // 4]} … {words[-limit // 4 :]}"
    return visible(words)


def _spaces(text: str) -> str:
    return "".join(f"\\x{ord(mark):02x}" for mark in text)


def _written(mark: str) -> str:
    kind = unicodedata.category(mark)
    acts = kind in {"Cc", "Cs", "Zl", "Zp"} or mark in _INVISIBLE
    bidi = kind == "Cf" and mark not in "\u200c\u200d" and not "\U000e0020" <= mark <= "\U000e007f"
    if not (acts or bidi):
        return mark
    if mark in _SHORT:
        return _SHORT[mark]
    code = ord(mark)
    if code <= 0xFF:  # noqa: PLR2004 - what two hexadecimal digits write
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - four digits
