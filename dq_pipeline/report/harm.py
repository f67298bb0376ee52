"""Expected harm: what to fix first.

What closes the gate comes first, then blocks that are waived, then warnings, then what could not be judged. Within each,
contracts that block come before all else: every other number counts the rows that they tell of. Then it goes by expected
harm = chance x reach x distance:

- chance: that the limit is truly broken, from the interval as a normal distribution (1 where there is none, as for counts);
- reach: the share of the table's rows that the number is about: a label's or source's share, an annotator's annotations,
  the rows that break a rule; for a cell that lacks rows the share that its two values would have if they were independent,
  or its share of production where that is known; everything for an overall number;
- distance: how far beyond the limit, from 0 at the limit to 1 at the worst there can be: of the way to 0 rows, to no
  agreement, to a share of 1; for a ratio 1 - limit / ratio.
"""

from __future__ import annotations

from math import erf, prod, sqrt
from typing import TYPE_CHECKING

from dq_pipeline.families.cells import cell_of
from dq_pipeline.families.verdict import limit_of
from dq_pipeline.report.model import Harm

if TYPE_CHECKING:
    from dq_pipeline.families.verdict import CheckVerdict
    from dq_pipeline.report.subject import Subject

_Z = 3.919928
"""Standard deviations that an interval at 95 % is wide."""
_WHOLE = 1.0


def urgency(verdict: CheckVerdict) -> int:
    """0 for what closes the gate, then waived blocks, warnings, too little data, and what is clear."""
    if verdict.blocking:
        return 0
    return {"block": 1, "warn": 2, "insufficient": 3, "clear": 4}[verdict.verdict]


def breaks_contract(verdict: CheckVerdict) -> bool:
    """Whether rows break a contract, so that mending them changes what every other check says."""
    return verdict.family == "contracts" and verdict.verdict == "block"


def harm(verdict: CheckVerdict, subject: Subject) -> Harm:
    """The expected harm of a check that is not clear."""
    floor, ceiling = limit_of(verdict.bound)
    return Harm(
        _chance(verdict, floor, ceiling), _reach(verdict, subject), _distance(verdict, floor, ceiling)
    )


def _chance(verdict: CheckVerdict, floor: float | None, ceiling: float | None) -> float:
    value, low, high = verdict.value, verdict.low, verdict.high
    limit = floor if floor is not None else ceiling
    if value is None or limit is None or low is None or high is None or high <= low:
        return _WHOLE
    beyond = (limit - value if floor is not None else value - limit) / ((high - low) / _Z)
    return (1 + erf(beyond / sqrt(2))) / 2


def _distance(verdict: CheckVerdict, floor: float | None, ceiling: float | None) -> float:
    value = verdict.value
    if value is None or (floor is None and ceiling is None):
        return _WHOLE
    if floor is not None:
        far = (floor - value) / floor if floor > 0 else floor - value
    elif ceiling is not None and ceiling < 1 and value <= 1:
        far = (value - ceiling) / (1 - ceiling)
    else:
        far = 1 - (ceiling or 0.0) / value if value > 0 else 0.0
    return min(max(far, 0.0), _WHOLE)


def _reach(verdict: CheckVerdict, subject: Subject) -> float:
    if verdict.measure in {
        "failing_rows",
        "annotations_without_item",
        "gold_without_labels",
        "unreadable_times",
    }:
        return min((verdict.value or 0.0) / verdict.n, _WHOLE) if verdict.n else _WHOLE
    if verdict.by is None or verdict.key is None:
        return _WHOLE
    row = next((one for one in subject.of(verdict.measure or "", verdict.by) if one.key == verdict.key), None)
    if row is None:
        return _WHOLE
    if verdict.by == "annotator":
        everything = sum(one.estimate.n for one in subject.of(row.measure, row.by))
        return row.estimate.n / everything if everything else _WHOLE
    production = subject.shares("production_share", verdict.by)
    if verdict.key in production:
        return min(production[verdict.key], _WHOLE)
    shares = [subject.shares("share", dim).get(part) for dim, part in cell_of(row).items()]
    known = [share for share in shares if share is not None]
    return prod(known) if known else _WHOLE
