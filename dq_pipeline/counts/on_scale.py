"""Where labels lie on a scale: an order has places for declared labels alone, a numeric scale one for 1 and 1.0 together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from dq_pipeline.spec.number import NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

Level = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True)
class OnScale:
    """The places of labels.

    Attributes:
        labels: The K labels that have a place, each by its first spelling.
        at: The place of each spelling that has one.
    """

    labels: tuple[str, ...]
    at: Mapping[str, int]

    def places(self, given: Sequence[str]) -> Ints:
        """int64, the place of each of these labels; -1 of one that has none."""
        return np.array([self.at.get(label, -1) for label in given], np.int64)

    def gathered(self, vectors: Ints, given: Sequence[str]) -> Ints:
        """Votes for the labels with a place, int64 [..., K], of votes for the given labels, [..., G]."""
        made = np.zeros((*vectors.shape[:-1], len(self.labels)), np.int64)
        for column, place in enumerate(self.places(given)):
            if place >= 0:
                made[..., place] += vectors[..., column]
        return made


def on_scale(labels: Sequence[str], level: Level, declared: Sequence[str] = ()) -> OnScale:
    """The places of the given labels; the votes for others stand as votes do, and then have none.

    >>> on_scale(["2", "1.0", "1", "high"], "interval").labels
    ('2', '1.0')
    """
    if level == "ordinal":
        labels = declared
    if level not in {"interval", "ratio"}:
        return OnScale(tuple(labels), {label: place for place, label in enumerate(labels)})
    numbers = {label: float(label) for label in labels if re.fullmatch(NUMBER, label)}
    first: dict[float, str] = {}
    for label, number in numbers.items():
        first.setdefault(number, label)
    place = {number: at for at, number in enumerate(first)}
    return OnScale(tuple(first.values()), {label: place[number] for label, number in numbers.items()})
