"""Near duplicates among the items: what is compared, how many, and from where on two contents are all but equal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from dq_pipeline.counts import Contents, ContentSample
from dq_pipeline.measures.near_duplicates import NearPairs, near_by_angle, near_by_bits, near_by_text

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["text", "hash", "embedding"]
MOST: dict[Kind, int] = {"text": 20_000, "hash": 50_000, "embedding": 10_000}
"""Items that are compared at most: what is there often is found among them, and memory stays bounded."""


@dataclass(frozen=True)
class NearContent:
    """One column in which near duplicates are sought.

    Attributes:
        kind: What it holds.
        column: Its name.
        limit: The least similarity, the most bits that differ, or the least cosine.
    """

    kind: Kind
    column: str
    limit: float

    @property
    def request(self) -> ContentSample:
        """The items to compare."""
        return ContentSample(self.column, MOST[self.kind])

    def found(self, contents: Contents) -> NearPairs | None:
        """The pairs; None where the library that finds them is not installed."""
        return _found(self, contents)

    def listed(self, contents: Contents) -> list[tuple[str, str, str, float]]:
        """The pairs by id: what was compared, the two items, and how alike they are."""
        pairs = self.found(contents)
        return [
            (self.kind, contents.items[one], contents.items[other], likeness)
            for one, other, likeness in (pairs.pairs if pairs else ())
        ]


def can_find_texts() -> bool:
    """Whether the library that finds near duplicates among texts is installed."""
    return find_spec("datasketch") is not None


@lru_cache(maxsize=8)
def _found(near: NearContent, contents: Contents) -> NearPairs | None:
    """Once for the measure and for the list of pairs."""
    held: Sequence[object] = contents.contents
    if near.kind == "embedding":
        return near_by_angle(held, near.limit)
    texts = [str(one) for one in held]
    if near.kind == "hash":
        return near_by_bits(texts, int(near.limit))
    try:
        return near_by_text(texts, near.limit)
    except ModuleNotFoundError:
        return None
