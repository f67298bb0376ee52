"""A number that never travels without its n: the one currency of all measures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from dq_pipeline.measures.keys import values_of

Status = Literal["ok", "no_overlap", "no_variation", "too_few_units", "empty"]
"""Why a value is what it is. A value that is None always has a status other than "ok"."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number, its interval, how many units it rests on, and whether it is defined.

    Attributes:
        value: The number, unrounded; None where it is undefined.
        low: Lower end of the interval at 95 %; None where none can be given.
        high: Upper end of the interval at 95 %; None where none can be given.
        n: Units the number rests on (items, annotations or rows: the measure says which).
        status: "ok", or why the value or its interval cannot be given.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    status: Status = "ok"


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the measures table.

    Attributes:
        family: The check family that asked for it.
        measure: Name of the number, as in docs/reference/measures.md.
        table: Table it was counted on ("items", "annotations", "training_set", ...).
        estimate: The number.
        by: The dimension it is broken down by ("label", "annotator", "weather,light"), or None overall.
        key: The dimension's value; several joined as by `key_of`; None overall.
    """

    family: str
    measure: str
    table: str
    estimate: Estimate = field(default_factory=lambda: Estimate(None, status="empty"))
    by: str | None = None
    key: str | None = None

    @property
    def values(self) -> tuple[str, ...]:
        """The value of each dimension of `by`; none overall."""
        return () if self.key is None else values_of(self.key, self.by or "")
