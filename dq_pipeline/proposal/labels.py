"""Which column is the label, and on which scale it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.proposal import hints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.proposal.profile import Column
    from dq_pipeline.spec.model import Level

MOST_STEPS = 11
"""Steps that a scale which people answer has at most."""


@dataclass(frozen=True)
class Scale:
    """The labels' scale.

    Attributes:
        level: Their level of measurement.
        values: The declared values, where order or completeness matters; none for those seen.
        separator: What stands between several labels of one item.
        why: The reason.
    """

    level: Level
    values: tuple[str, ...]
    separator: str | None
    why: str


def label_column(columns: Sequence[Column], ask: Any, table: str) -> Column | None:
    """The label's column: the one whose name says so, the last of several; asked where that cannot be told."""
    fits = [column for column in columns if 1 < column.distinct < column.filled and not column.is_time]
    named = [column for column in fits if column.words & hints.LABEL]
    exact = [column for column in named if column.words <= hints.LABEL]
    guess = (exact or named[-1:] or [min(fits, key=lambda column: column.distinct)] if fits else [None])[0]
    if ask is not None and guess is not None and len(exact) != 1 and len(fits) > 1:
        asked = ask(f"Which column of {table} is the label?", [column.name for column in fits], guess.name)
        return next(column for column in fits if column.name == asked)
    return guess if named or len(fits) == 1 else None


def scale_of(column: Column, ask: Any) -> Scale:
    """The scale of a label's column, from its values and its name."""
    values = tuple(value for value, _ in column.values)
    for mark, parts in column.parts:
        if 1 < parts < column.distinct:
            return Scale("nominal", (), mark, f"{parts:,} labels, several an item with {mark!r} between them")
    ordered = bool(column.words & hints.ORDERED)
    if column.is_whole and 2 < len(values) <= MOST_STEPS:  # noqa: PLR2004 - two values have no order to speak of
        ends = sorted(int(float(value)) for value in values)
        steps = [str(step) for step in range(ends[0], ends[-1] + 1)]
        if len(steps) > MOST_STEPS:
            steps = [str(step) for step in ends]
        level = "ordinal" if ordered else _asked(ask, "nominal")
        if level == "ordinal":
            return Scale("ordinal", tuple(steps), None, "whole numbers, and a name that speaks of an order")
        return Scale(
            "nominal", (), None, "numbers, but nothing says that they stand in an order; else write ordinal"
        )
    if column.is_number and (not column.is_whole or (ordered and len(values) != 2)):  # noqa: PLR2004 - as above
        return Scale("interval", (), None, "numbers on a scale")
    steps_in_words = hints.in_order(values)
    if steps_in_words is not None:
        return Scale("ordinal", steps_in_words, None, "words that stand in an order")
    why = (
        "texts; a name that speaks of an order needs `level: ordinal` and `values` from the least to the most"
    )
    return Scale("nominal", (), None, why if ordered else f"{column.distinct:,} values without an order")


def _asked(ask: Any, guess: str) -> str:
    if ask is None:
        return guess
    answer: str = ask("Do the label's numbers stand in an order?", ("nominal", "ordinal"), guess)
    return answer
