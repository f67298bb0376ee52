"""An item's votes for each label packed into few numbers, so that one sum an item counts them all.

Each label has a field of so many bits in a word, as many as the most votes of an item need, and each of its votes adds one
to the field. Words are doubles: their sums are exact up to 2^53, and take half the room of sums of integers, which DuckDB
widens to 128 bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

WORD = 53
"""Bits of an integer that a double holds exactly."""


@dataclass(frozen=True)
class Packing:
    """Where each label's votes lie.

    Attributes:
        labels: The K labels.
        most: The most votes that an item has.
    """

    labels: tuple[str, ...]
    most: int

    @property
    def words(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(f"word{word}" for word in range(-(-len(self.labels) // self._per_word)))

    @property
    def _bits(self) -> int:
        return max(self.most.bit_length(), 1)

    @property
    def _per_word(self) -> int:
        return WORD // self._bits

    def weights(self) -> dict[str, NDArray[np.float64]]:
        """What a vote for each label adds to each word, float [K]."""
        made = {word: np.zeros(len(self.labels)) for word in self.words}
        for label in range(len(self.labels)):
            word, field = divmod(label, self._per_word)
            made[self.words[word]][label] = 2.0 ** (field * self._bits)
        return made

    def unpacked(self, words: Mapping[str, NDArray[np.float64]]) -> NDArray[np.int64]:
        """int64 [P, K], the votes for each label, of words float [P]."""
        whole = [words[word].astype(np.int64) for word in self.words]
        vectors = np.zeros((len(whole[0]) if whole else 0, len(self.labels)), np.int64)
        for label in range(len(self.labels)):
            word, field = divmod(label, self._per_word)
            vectors[:, label] = (whole[word] >> field * self._bits) & ((1 << self._bits) - 1)
        return vectors
