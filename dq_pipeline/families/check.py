"""A check is data: what it looks at, the bounds that judge it, and what may be said of it."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dq_pipeline.measures.estimate import Measure

ANY = "*"
"""As a breakdown: every breakdown that the measure has, such as the cells of all pairs of conditions."""

Verdict = Literal["clear", "warn", "block", "insufficient"]
Severity = Literal["block", "warn", "relief"]
"""What follows when a bound is broken; when every relief bound holds, a block softens to a warning."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit on one column of the measure's rows; equality is within it.

    Attributes:
        severity: What follows when it is broken.
        measure: The measure it limits.
        at_least: Smallest value allowed, or None.
        at_most: Largest value allowed, or None.
        by: The breakdown whose every row it limits, ANY for those of all of them, or None for the overall row.
        key: The one row of the breakdown that it limits, or None for every row.
        column: The column it limits: the value, or one end of its interval.
    """

    severity: Severity
    measure: str
    at_least: float | None = None
    at_most: float | None = None
    by: str | None = None
    column: Literal["value", "low", "high"] = "value"
    key: str | None = None

    def excess(self, row: Measure) -> float:
        """How far the row is outside the bound; 0 within it, and where there is nothing to compare."""
        number: float | None = getattr(row.estimate, self.column)
        if number is None:
            return 0.0
        below = self.at_least - number if self.at_least is not None else -math.inf
        above = number - self.at_most if self.at_most is not None else -math.inf
        return max(below, above, 0.0)


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a dataset, known from the spec alone.

    Attributes:
        name: Letters, digits and underscores: the asset check's name.
        family: The family it belongs to.
        table: The asset that it judges: "items", "annotations" or "training_set".
        measure: The measure whose rows it is about.
        title: The measure in words, as sentences name it.
        unit: What n counts: "items", "annotations", "rows".
        by: The breakdown it looks at, ANY for all of the measure's, or None for the overall row.
        bounds: What judges it.
        require_evidence: Whether too little data blocks.
        keys: The rows of the breakdown that it looks at, or None for every row.
        owner: Who answers for it, where somebody does.
    """

    name: str
    family: str
    table: str
    measure: str
    title: str
    unit: str
    by: str | None = None
    bounds: tuple[Bound, ...] = ()
    require_evidence: bool = False
    keys: tuple[str, ...] | None = None
    owner: str | None = None

    def is_about(self, row: Measure) -> bool:
        """Whether a row of the measures table is among those that it looks at."""
        if (row.family, row.measure, row.table) != (self.family, self.measure, self.table):
            return False
        if self.by == ANY:
            return row.by is not None
        return row.by == self.by and (self.keys is None or row.key in self.keys)

    @property
    def blocking(self) -> bool:
        """Whether it can close the gate."""
        return self.require_evidence or any(bound.severity == "block" for bound in self.bounds)


@dataclass(frozen=True, slots=True)
class Finding:
    """What the suite found of one check, before it is put in words.

    Attributes:
        check: The check.
        verdict: The verdict.
        worst: The row that decided it; None when there is none.
        bound: The bound that was broken, else the one nearest to it.
        failing: All the rows that broke a bound, worst first.
        error: Why it could not be judged, which blocks.
    """

    check: Check
    verdict: Verdict
    worst: Measure | None
    bound: Bound | None
    failing: tuple[Measure, ...] = ()
    error: str | None = None


def with_plain_names(checks: Iterable[Check]) -> list[Check]:
    """The checks under names of letters, digits and underscores, no two alike.

    What else a name holds becomes an underscore. Names that are then one, such as those of two conditions in Chinese or
    of `a b` and `a_b`, get a digest of what they were, so that no check is judged by another's bounds.
    """
    given = list(checks)
    plain = [re.sub(r"[^A-Za-z0-9_]", "_", check.name) for check in given]
    alike = Counter(plain)
    return [
        replace(check, name=name if alike[name] == 1 else f"{name}_{_digest(check)}")
        for check, name in zip(given, plain, strict=True)
    ]


def _digest(check: Check) -> str:
    return hashlib.blake2b(f"{check.name}\x00{check.by}".encode(), digest_size=4).hexdigest()
