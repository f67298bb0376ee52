"""A Python regular expression said in RE2, the dialect of DuckDB, or not said at all."""

from __future__ import annotations

import re
import warnings

SPACE = r"\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
INSIDE = {"d": r"\p{Nd}", "w": r"\p{L}\p{N}_", "s": SPACE}
OUTSIDE = {
    **{letter: f"[{text}]" for letter, text in INSIDE.items()},
    **{letter.upper(): f"[^{text}]" for letter, text in INSIDE.items()},
    "A": r"\A",
    "Z": r"\z",
}
SAME = set("afnrtv")


def to_re2(pattern: str | re.Pattern[str], *, whole_start: bool) -> str | None:
    r"""Say a pattern so that RE2 accepts exactly the texts that Python's `re` accepts.

    Python's classes know all of Unicode and its `$` allows one line feed after it; RE2's do not. What RE2
    cannot say (look-around, back references, word boundaries, atomic groups) is not translated.

    Args:
        pattern: The pattern, as given to `Check.str_matches` or `Check.str_contains`.
        whole_start: Whether the match must begin where the text does, as `re.match` wants.

    Returns:
        The RE2 pattern, or None when there is none that surely means the same.

    Examples:
        >>> to_re2("cat|dog", whole_start=True)
        '\\A(?:cat|dog)'
        >>> to_re2(r"(?=a)", whole_start=True) is None
        True
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # a "[" inside a class, refused below
            flags = re.compile(pattern).flags
    except re.error:
        return None
    text = pattern.pattern if isinstance(pattern, re.Pattern) else pattern
    if flags & ~(re.UNICODE | re.IGNORECASE) or re.match(r"\(\?[a-zA-Z-]+[:)]", text):
        return None
    translated = _translate(text)
    if translated is None:
        return None
    start = r"\A" if whole_start else ""
    case = "(?i)" if flags & re.IGNORECASE else ""
    said = f"{case}{start}(?:{translated})"
    return said if _engine_accepts(said) else None


def _translate(text: str) -> str | None:
    """Walk the pattern once, with one bit of state: inside a character class or not."""
    out: list[str] = []
    position, in_class = 0, False
    while position < len(text):
        char = text[position]
        rest = text[position:]
        position += 1
        if char == "\\":
            piece = _escape(text[position], in_class=in_class)
            if piece is None:
                return None
            out.append(piece)
            position += 1
        elif in_class:
            if char == "[" or rest[:2] in {"--", "&&", "||", "~~"}:
                return None
            in_class = char != "]"
            out.append(char)
        elif char == "[":
            in_class = True
            opening = re.match(r"\[\^?\]?", rest)
            head = opening[0] if opening else "["
            out.append(head.replace("]", r"\]"))
            position += len(head) - 1
        elif (char == "(" and re.match(r"\(\?(?!:|P<\w)", rest)) or re.match(r"\{,|[*+?}]\+", rest):
            return None
        else:
            out.append({".": r"[^\n]", "$": r"\n?\z", "^": r"\A"}.get(char, char))
    return "".join(out)


def _escape(char: str, *, in_class: bool) -> str | None:
    r"""One escaped character: a class, a control character, or punctuation that stands for itself."""
    classes = INSIDE if in_class else OUTSIDE
    if char in classes:
        return classes[char]
    if char in SAME or not (char.isalnum() or char.isspace()):
        return f"\\{char}" if char.isascii() else char
    return None


def _engine_accepts(pattern: str) -> bool:
    """Ask RE2 itself: it refuses, for one, more than a thousand repetitions."""
    import duckdb

    try:
        duckdb.execute("select regexp_matches('', ?)", [pattern]).fetchone()
    except duckdb.Error:
        return False
    return True
