"""Weights that undo an uneven mix, and the rows that thin cells lack: two hand-outs of balance."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from dq_pipeline.families.handout import Handout
from dq_pipeline.measures.keys import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dq_pipeline.families.composition import Grid

    Row = tuple[str | int | float | None, ...]

WEIGHTS = "sampling_weights.csv"
THIN = "thin_cells.csv"


def weights(
    singles: Mapping[str, tuple[Mapping[str, int], Mapping[str, float]]],
    pairs: Mapping[tuple[str, str], Grid],
) -> Handout:
    """By what to weigh a row so that its value has the share that is wanted, and so that two dimensions come apart.

    A value's weight is its wanted share over its share. A cell's is the share that it would have if its dimensions were
    independent over the share that it has (reweighing: Kamiran & Calders 2012, Knowl. Inf. Syst. 33:1). Both average 1
    over the rows; what never occurs has none, no weight brings it back.

    Args:
        singles: Dimension -> (value -> its rows, value -> its wanted share).
        pairs: Two dimensions -> their cells.
    """
    made: list[Row] = []
    for dim, (counts, wanted) in singles.items():
        total = sum(counts.values())
        made += [_row(dim, (value,), counts.get(value, 0), total, wanted[value]) for value in wanted]
    for dims, grid in pairs.items():
        total = int(grid.rows.sum())
        by_first, by_second = grid.rows.sum(axis=1), grid.rows.sum(axis=0)
        for (i, first), (j, second) in product(enumerate(grid.firsts), enumerate(grid.seconds)):
            apart = int(by_first[i]) * int(by_second[j]) / total / total if total else 0.0
            made.append(_row(",".join(dims), (first, second), int(grid.rows[i, j]), total, apart))
    return Handout(WEIGHTS, ("by", "key", "rows", "share", "target_share", "weight"), tuple(made))


def thin_cells(pairs: Mapping[tuple[str, str], Grid], least: int) -> Handout:
    """The cells with fewer rows than they need, and how many they lack, emptiest first."""
    lacking = [
        (",".join(dims), key_of((first, second)), int(grid.rows[i, j]), least - int(grid.rows[i, j]))
        for dims, grid in pairs.items()
        for (i, first), (j, second) in product(enumerate(grid.firsts), enumerate(grid.seconds))
        if grid.rows[i, j] < least
    ]
    return Handout(THIN, ("by", "key", "rows", "lacks"), tuple(_emptiest_first(lacking)))


def _emptiest_first(rows: Iterable[tuple[str, str, int, int]]) -> list[tuple[str, str, int, int]]:
    return sorted(rows, key=lambda row: (-row[3], row[0], row[1]))


def _row(by: str, values: Sequence[str], count: int, total: int, wanted: float) -> Row:
    own = count / total if total else None
    return by, key_of(values), count, own, wanted, wanted / own if own else None
