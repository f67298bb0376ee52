"""Pairs of contents that are all but equal: by the bits of a hash, by the shingles of a text, by the angle of embeddings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

PAIRS = 1000
"""Pairs that are listed; all are counted."""
BLOCK = 1024
_ONES = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1, dtype=np.uint8)
"""The bits that are 1 in each byte."""
SHINGLE = 5
"""Characters of a shingle."""
PERMUTATIONS = 128


@dataclass(frozen=True)
class NearPairs:
    """What was found among N contents.

    Attributes:
        compared: N.
        near: Contents that have another one near them.
        pairs: Places of the two contents and how alike they are, at most PAIRS, in the order of the places.
        unreadable: Contents that are no hash and no embedding of the common length.
    """

    compared: int
    near: int
    pairs: tuple[tuple[int, int, float], ...]
    unreadable: int = 0


def near_by_bits(hashes: Sequence[str], bits: int) -> NearPairs:
    """Pairs of hashes in hexadecimal that differ in at most `bits` bits; likeness is the share of bits that are equal.

    Two hashes that differ in at most k bits are equal in one of k + 1 bands: only those of a common band are compared
    (Norouzi, Punjani & Fleet 2012, multi-index hashing).
    """
    read = [_bits_of(one) for one in hashes]
    width = _commonest([len(one) for one in read if one is not None])
    places = [place for place, one in enumerate(read) if one is not None and len(one) == width]
    if len(places) < 2 or width == 0:  # noqa: PLR2004 - a pair
        return NearPairs(len(places), 0, (), len(hashes) - len(places))
    table = np.array([read[place] for place in places], dtype=np.uint8)
    bytes_of = np.packbits(table, axis=1)
    found = _Found(len(places))
    for band in np.array_split(np.arange(width), min(bits + 1, width)):
        _, bucket = np.unique(np.packbits(table[:, band], axis=1), axis=0, return_inverse=True)
        order = np.argsort(bucket.ravel(), kind="stable")
        for members in np.split(order, np.flatnonzero(np.diff(bucket.ravel()[order])) + 1):
            for first, second in _blocks(members):
                apart = _ONES[bytes_of[first][:, None, :] ^ bytes_of[second][None, :, :]].sum(
                    axis=2, dtype=np.int64
                )
                found.add(first, second, apart <= bits, 1 - apart / width)
    return found.told(places, len(hashes) - len(places))


def near_by_angle(vectors: Sequence[Any], cosine: float) -> NearPairs:
    """Pairs of embeddings whose cosine is at least `cosine`; those of another length than most, or of length 0, are left out."""
    read = [_numbers(one) for one in vectors]
    width = _commonest([len(one) for one in read if one is not None])
    places = [
        place
        for place, one in enumerate(read)
        if one is not None and len(one) == width and np.linalg.norm(one) > 0
    ]
    if len(places) < 2 or width == 0:  # noqa: PLR2004 - a pair
        return NearPairs(len(places), 0, (), len(vectors) - len(places))
    table = np.array([read[place] for place in places], dtype=np.float64)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    found = _Found(len(places))
    for first, second in _blocks(np.arange(len(places))):
        likeness = table[first] @ table[second].T
        # A double's own rounding must not part two equal vectors.
        found.add(first, second, likeness >= cosine - 1e-12, np.minimum(likeness, 1.0))
    return found.told(places, len(vectors) - len(places))


def near_by_text(texts: Sequence[str], similarity: float) -> NearPairs:
    """Pairs of texts whose shingles overlap by at least `similarity` (Jaccard), case and blanks aside.

    MinHash with locality-sensitive hashing proposes the pairs (Broder 1997; datasketch), each is then measured exactly.

    Raises:
        ModuleNotFoundError: datasketch is not installed.
    """
    from datasketch import MinHash, MinHashLSH

    shingles = [_shingles(one) for one in texts]
    # A lower threshold proposes more than asked for, so that few pairs at the threshold are missed.
    index = MinHashLSH(threshold=max(similarity - 0.15, 0.1), num_perm=PERMUTATIONS)
    found = _Found(len(texts))
    signatures = MinHash.generator(
        ([piece.encode() for piece in one] for one in shingles), num_perm=PERMUTATIONS
    )
    for place, signature in enumerate(signatures):
        for other in index.query(signature):
            common = len(shingles[place] & shingles[other])
            likeness = common / (len(shingles[place]) + len(shingles[other]) - common)
            if likeness >= similarity:
                found.add_pair(other, place, likeness)
        index.insert(place, signature)
    return found.told(range(len(texts)), 0)


class _Found:
    """The contents that have one near them, and the first pairs."""

    def __init__(self, contents: int) -> None:
        self._near: NDArray[np.bool_] = np.zeros(contents, dtype=np.bool_)
        self._pairs: dict[tuple[int, int], float] = {}

    def add(
        self,
        first: NDArray[np.int64],
        second: NDArray[np.int64],
        near: NDArray[np.bool_],
        likeness: NDArray[np.float64],
    ) -> None:
        rows, columns = np.nonzero(near & (first[:, None] != second[None, :]))
        self._near[first[rows]] = True
        self._near[second[columns]] = True
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if len(self._pairs) >= PAIRS:
                break
            pair = (int(min(first[row], second[column])), int(max(first[row], second[column])))
            self._pairs[pair] = float(likeness[row, column])

    def add_pair(self, one: int, other: int, likeness: float) -> None:
        self._near[[one, other]] = True
        if len(self._pairs) < PAIRS:
            self._pairs[one, other] = likeness

    def told(self, places: Sequence[int], unreadable: int) -> NearPairs:
        pairs = tuple(
            (places[one], places[other], likeness) for (one, other), likeness in sorted(self._pairs.items())
        )
        return NearPairs(len(places), int(self._near.sum()), pairs, unreadable)


def _blocks(members: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of blocks that together hold every pair of members."""
    if len(members) < 2:  # noqa: PLR2004 - a pair
        return
    starts = range(0, len(members), BLOCK)
    for start in starts:
        for other in range(start, len(members), BLOCK):
            yield members[start : start + BLOCK], members[other : other + BLOCK]


def _bits_of(text: str) -> NDArray[np.uint8] | None:
    digits = text.strip().lower().removeprefix("0x")
    try:
        whole = bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)
    except ValueError:
        return None
    bits: NDArray[np.uint8] = np.unpackbits(np.frombuffer(whole, dtype=np.uint8))
    return bits if len(digits) % 2 == 0 else bits[4:]


def _numbers(value: Any) -> NDArray[np.float64] | None:
    """A list of numbers, or the text of one; None for anything else."""
    import json

    try:
        numbers = np.array(json.loads(value) if isinstance(value, str) else value, dtype=np.float64)
    except (ValueError, TypeError):
        return None
    return numbers if numbers.ndim == 1 and np.isfinite(numbers).all() else None


def _shingles(text: str) -> frozenset[str]:
    plain = " ".join(text.lower().split())
    return frozenset(plain[start : start + SHINGLE] for start in range(max(len(plain) - SHINGLE + 1, 1)))


def _commonest(lengths: Sequence[int]) -> int:
    """The length that most have, the longest of several; 0 of none."""
    counted = Counter(lengths)
    return max(counted, key=lambda one: (counted[one], one), default=0)
