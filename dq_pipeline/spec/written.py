"""Values as YAML writes them: what `init` writes and what an error tells to paste."""

from __future__ import annotations

import json
import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*[A-Za-z][A-Za-z0-9_./-]*|[A-Za-z_]")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def written(value: Any) -> str:
    r"""A value in YAML's flow style, quoted wherever a reader of YAML could take it for something else.

    >>> written(["cat", "no", 3, "-1", "a: b"])
    '[cat, "no", 3, "-1", "a: b"]'
    >>> print(written(["café", "🐱", "a\u202eb"]))
    ["café", "🐱", "a\u202eb"]
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if plain else _quoted(value)
    return str(value)


def _quoted(text: str) -> str:
    """Between YAML's double quotes; JSON writes an emoji as two halves, which YAML does not put together again."""
    shown = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escaped(char) for char in shown)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"  # noqa: PLR2004 - what four digits can say
