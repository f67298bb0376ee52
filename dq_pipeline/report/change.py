"""What changed between two audits: verdicts that are others, numbers that moved beyond their intervals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.families.verdict import ORDER
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.keys import MISSING
from dq_pipeline.spec import InputError
from dq_pipeline.spec.bins import edges_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Turned:
    """A check whose verdict is another; None where the audit did not ask it.

    Attributes:
        check: Its name.
        before: Its verdict then.
        after: Its verdict now.
        sentence: What it says now, or said last.
    """

    check: str
    before: str | None
    after: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A number that is another; one of the two is None where it was not measured.

    Attributes:
        before: The number then.
        after: The number now.
        kind: "apart" when the intervals do not overlap, "exact" for a number without interval that differs, "status" when
            it is defined in one audit only, "new" or "gone" when one audit has no such row.
    """

    before: Measure | None
    after: Measure | None
    kind: str

    @property
    def row(self) -> Measure:
        """The row that names it."""
        row = self.after or self.before
        if row is None:
            raise ValueError("a change has one side at least")
        return row

    @property
    def size(self) -> float:
        """How large the move is: the change over the larger of the two; 1 for what has one side only."""
        old, new = (side.estimate.value if side else None for side in (self.before, self.after))
        if old is None or new is None:
            return 1.0
        most = max(abs(old), abs(new))
        return abs(new - old) / most if most else 0.0


@dataclass(frozen=True, slots=True)
class Recut:
    """A numeric condition whose bins are others, because their edges moved.

    Attributes:
        dim: The condition.
        before: Its edges then.
        after: Its edges now.
        numbers: Numbers of bins that only one of the audits has; they say nothing new and are not listed.
    """

    dim: str
    before: tuple[float, ...]
    after: tuple[float, ...]
    numbers: int


@dataclass(frozen=True)
class Change:
    """What changed.

    Attributes:
        verdict: The datasets' verdicts, then and now.
        dataset: The datasets' names, then and now: of two that differ, every change may be that of the data.
        data_version: The fingerprints, then and now.
        turned: Checks whose verdict changed, worst now first.
        moved: Numbers that changed, largest move first within their kind; none of bins whose edges moved.
        recut: The conditions whose edges moved.
        compared: Numbers that both audits have.
    """

    verdict: tuple[str, str]
    dataset: tuple[str, str]
    data_version: tuple[str, str]
    turned: tuple[Turned, ...]
    moved: tuple[Moved, ...]
    recut: tuple[Recut, ...]
    compared: int


_WORST: dict[str | None, int] = {verdict: place for place, verdict in enumerate((*reversed(ORDER), None))}
_KINDS = {"apart": 0, "status": 1, "exact": 2, "new": 3, "gone": 4}


def compare(before: Path, after: Path) -> Change:
    """Compare the audits in two output folders.

    Raises:
        InputError: One of them holds no audit.
    """
    then, now = _verdicts(before), _verdicts(after)
    old, new = _measures(before), _measures(after)
    moves = sorted(_moves(old, new), key=lambda one: (_KINDS[one.kind], -one.size))
    moved, recut = _without_bins(moves, _edges(old), _edges(new))
    return Change(
        (then["verdict"], now["verdict"]),
        (then["dataset"], now["dataset"]),
        (then["data_version"], now["data_version"]),
        tuple(sorted(_turns(then["checks"], now["checks"]), key=lambda one: (_WORST[one.after], one.check))),
        tuple(moved),
        tuple(recut),
        len(old.keys() & new.keys()),
    )


def _turns(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[Turned]:
    old = {one["check"]: one for one in before}
    new = {one["check"]: one for one in after}
    for check in dict.fromkeys([*old, *new]):
        then, now = _told(old.get(check)), _told(new.get(check))
        if then != now:
            yield Turned(check, then, now, new.get(check, old.get(check, {})).get("sentence", ""))


def _told(check: dict[str, Any] | None) -> str | None:
    """The verdict, and whether it is waived."""
    if check is None:
        return None
    return f"{check['verdict']}, waived" if check.get("waiver") else str(check["verdict"])


_Rows = dict[tuple[str, str, str, "str | None", "str | None"], Measure]


def _moves(old: _Rows, new: _Rows) -> Iterator[Moved]:
    for place, row in new.items():
        was = old.get(place)
        kind = _kind(was.estimate, row.estimate) if was else "new"
        if kind:
            yield Moved(was, row, kind)
    for place, was in old.items():
        if place not in new:
            yield Moved(was, None, "gone")


def _edges(rows: _Rows) -> dict[str, tuple[float, ...]]:
    """The edges of each condition that is cut into bins."""
    names: dict[str, set[str]] = {}
    for row in rows.values():
        # The keys of missing_count are the texts that stand for no value.
        if row.by is not None and row.key is not None and row.measure != "missing_count":
            for dim, value in zip(row.by.split(","), row.values, strict=False):
                names.setdefault(dim, set()).add(value)
    told = {dim: edges_of(values - {MISSING}) for dim, values in names.items()}
    return {dim: edges for dim, edges in told.items() if edges}


def _without_bins(
    moves: Sequence[Moved], before: dict[str, tuple[float, ...]], after: dict[str, tuple[float, ...]]
) -> tuple[list[Moved], list[Recut]]:
    """The moves without the bins that came and went because edges moved, and the conditions of these."""
    dims = [dim for dim in before if dim in after and before[dim] != after[dim]]
    left_out = dict.fromkeys(dims, 0)
    kept = []
    for one in moves:
        of = [dim for dim in (one.row.by or "").split(",") if dim in left_out]
        if of and one.row.key is not None and one.kind in {"new", "gone"}:
            left_out[of[0]] += 1
        else:
            kept.append(one)
    return kept, [Recut(dim, before[dim], after[dim], left_out[dim]) for dim in dims]


def _kind(old: Estimate, new: Estimate) -> str | None:
    """How a number changed; None when it did not, or within what its intervals allow."""
    if (old.value is None) != (new.value is None):
        return "status"
    if old.value is None or new.value is None:
        return None
    if None not in (old.low, old.high, new.low, new.high):
        apart = new.low > old.high or new.high < old.low  # type: ignore[operator] # none of them is None
        return "apart" if apart else None
    return "exact" if old.value != new.value else None


def _verdicts(folder: Path) -> dict[str, Any]:
    file = folder / "verdicts.json"
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        _ = told["verdict"], told["dataset"], told["data_version"], [one["check"] for one in told["checks"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _no_audit(folder, f"no readable {file.name}") from error
    return told


def _measures(folder: Path) -> _Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = folder / "measures.parquet"
    try:
        rows = pq.read_table(file).to_pylist()
        measures = [
            Measure(
                row["family"], row["measure"], row["table"],
                Estimate(row["value"], row["low"], row["high"], row["n"], row["status"]), row["by"], row["key"],
            )
            for row in rows
        ]  # fmt: skip
    except (OSError, pa.ArrowInvalid, KeyError) as error:
        raise _no_audit(folder, f"no readable {file.name}") from error
    return {(row.family, row.measure, row.table, row.by, row.key): row for row in measures}


def _no_audit(folder: Path, found: str) -> InputError:
    return InputError(
        str(folder),
        found=found,
        expected="a folder that `dq-pipeline audit --output` wrote",
        fix="name such a folder",
    )
