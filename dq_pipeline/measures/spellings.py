"""Names that are likely one name spelled in several ways."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LONG = 5
"""Letters that a word has at least for one of them to be a slip: "site a" and "site b" are two sites."""
LONGER = 9
"""Letters that a word has at least for two of them to be slips: north and south differ by two."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """Two names that are likely one.

    Attributes:
        name: The one with more rows.
        other: The other.
        why: How they differ: "case, blanks or punctuation", "order of words" or "letters".
    """

    name: str
    other: str
    why: str


def suspects(rows: Mapping[str, int]) -> list[Spelling]:
    """Pairs of names that differ in case, accents, blanks, punctuation, order of words or a slip of letters only.

    Numbers tell names apart, so do words of fewer letters than LONG: `site_1` and `site_2`, `ward a` and `ward b` are
    no suspects. Letters are compared by optimal string alignment: insertions, deletions, exchanges, swaps.

    Args:
        rows: Name -> its rows.

    >>> [(one.name, one.other) for one in suspects({"St. Mary": 90, "st mary ": 9, "St Mray": 1, "Site 1": 5, "Site 2": 5})]
    [('St. Mary', 'st mary ')]
    >>> [(one.other, one.why) for one in suspects({"General Hospital": 9, "Genreal Hospital": 1, "hospital, general": 1})]
    [('Genreal Hospital', 'letters'), ('hospital, general', 'order of words')]
    """
    words = {name: _words(name) for name in sorted(rows, key=lambda name: (-rows[name], name))}
    found: dict[tuple[str, str], str] = {}
    for one, other in _sharing({name: "".join(parts) for name, parts in words.items()}):
        found[one, other] = "case, blanks or punctuation"
    for one, other in _sharing({name: " ".join(sorted(parts)) for name, parts in words.items()}):
        found.setdefault((one, other), "order of words")
    for one, other in _slips(words):
        found.setdefault((one, other), "letters")
    order = {name: place for place, name in enumerate(words)}
    pairs = sorted(found, key=lambda pair: (order[pair[0]], order[pair[1]]))
    return [Spelling(*pair, found[pair]) for pair in pairs]


def _words(name: str) -> tuple[str, ...]:
    """The words of a name, numbers apart from letters, without case and accents."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(re.findall(r"\d+|[^\W\d_]+", bare))


def _sharing(keys: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """The pairs of names with one key; an empty key is none."""
    groups: dict[str, list[str]] = {}
    for name, key in keys.items():
        if key:
            groups.setdefault(key, []).append(name)
    for names in groups.values():
        for other in names[1:]:
            yield names[0], other


def _slips(words: Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, str]]:
    """The pairs of names of which one word differs, by a slip."""
    from rapidfuzz.distance import OSA

    # Names that differ in one word share all others: so many small groups instead of all pairs.
    groups: dict[tuple[str | None, ...], list[tuple[str, str]]] = {}
    for name, parts in words.items():
        for place, word in enumerate(parts):
            if len(word) >= LONG and not word[0].isdigit():
                groups.setdefault((*parts[:place], None, *parts[place + 1 :]), []).append((name, word))
    for members in groups.values():
        for (one, word), (other, again) in combinations(members, 2):
            most = 2 if min(len(word), len(again)) >= LONGER else 1
            if word != again and OSA.distance(word, again, score_cutoff=most) <= most:
                yield one, other
