"""An item's votes for each label packed into few numbers, so that one sum an item counts them all.

Each label has a field of so many bits in a 64-bit word, and its votes add one to the field. Sums of doubles are exact up
to 2^53, take half the room of sums of integers (which DuckDB widens to 128 bits), and past 2^53 only grow: nothing is lost
unseen. The topmost field of the first word counts all the votes, and no label has more votes than that. While it holds
fewer than the field can, no field has run over into the next; an item where it does not is `full`, and is counted again
in wider fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
        bits: Bits of a field, so that it counts up to 2^bits - 1 votes.
    """

    labels: tuple[str, ...]
    bits: int

    @property
    def words(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(f"word{word}" for word in range(-(-(len(self.labels) + 1) // self._per_word)))

    @property
    def _per_word(self) -> int:
        return WORD // self.bits

    @property
    def _top(self) -> int:
        """The field of the first word that counts all the votes: above the labels' fields in it."""
        return min(len(self.labels), self._per_word - 1)

    def _place(self, label: int) -> tuple[int, int]:
        """The word and the bit where a label's field starts."""
        field = label if label < self._top else label + 1
        return field // self._per_word, field % self._per_word * self.bits

    def weights(self) -> dict[str, NDArray[np.float64]]:
        """What a vote for each label adds to each word, float [K]."""
        made = {word: np.zeros(len(self.labels)) for word in self.words}
        made[self.words[0]] += 2.0 ** (self._top * self.bits)
        for label in range(len(self.labels)):
            word, bit = self._place(label)
            made[self.words[word]][label] += 2.0**bit
        return made

    def votes(self, first_word: Any) -> Any:
        """How many votes an item has, an engine's expression of its first word; right while it is not full."""
        return (first_word / 2.0 ** (self._top * self.bits)).floor().cast("int64")

    def full(self, votes: Any) -> Any:
        """Whether an item has more votes than its fields can count; never False where it has."""
        return votes >= 1 << self.bits

    def unpacked(self, words: Mapping[str, NDArray[np.float64]]) -> NDArray[np.int64]:
        """int64 [P, K], the votes for each label, of words float [P]."""
        whole = [words[word].astype(np.int64) for word in self.words]
        vectors = np.empty((len(whole[0]), len(self.labels)), np.int64)
        for label in range(len(self.labels)):
            word, bit = self._place(label)
            vectors[:, label] = (whole[word] >> bit) & ((1 << self.bits) - 1)
        return vectors
