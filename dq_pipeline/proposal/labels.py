"""Which column is the label, and on which scale it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.proposal import hints
from dq_pipeline.proposal.scales import are_verdicts, in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.proposal.profile import Column
    from dq_pipeline.spec.labels import Level

MOST_STEPS = 11
"""Steps that a scale which people answer has at most."""
_LETTERS = 3
"""Letters from which the beginning of a word tells it."""
_OTHER_ROLES = hints.TIME | hints.SECONDS | hints.GUIDELINE | hints.SOURCE | hints.GROUP | {"note", "comment"}


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


def label_column(columns: Sequence[Column], ask: Any, table: str, *, must: bool = False) -> Column | None:
    """The label's column: the one whose name says so, the last of several; asked where that cannot be told.

    Where no name says that it is a label, one that labels often have counts, and then one column of values such as benign
    and malignant.

    Args:
        columns: Those that play no other role.
        ask: Asked which one; None where nobody can be.
        table: The table's name.
        must: Whether one of them is the label, if only by its place.
    """
    columns = [column for column in columns if not column.nested]
    fits = [column for column in columns if 1 < column.distinct < column.filled and not column.is_time]
    if not any(column.words & hints.LABEL for column in fits):
        # An own value in each row speaks against a label, one value in all too: a name that says so outweighs it.
        fits += [
            column
            for column in columns
            if column not in fits and column.words & hints.LABEL and _alone(column)
        ]
    words = hints.LABEL if any(column.words & hints.LABEL for column in fits) else hints.LIKELY_LABEL
    named = [column for column in fits if column.words & words]
    if words is hints.LIKELY_LABEL and not named:
        named = [column for column in fits if column.words <= hints.ALONE] or ([] if must else _said(fits))
    exact = [column for column in named if column.words <= words]
    guess = (exact or named[-1:] or [min(fits, key=lambda column: column.distinct)] if fits else [None])[0]
    if ask is not None and guess is not None and len(exact) != 1 and len(fits) > 1:
        asked = ask(f"Which column of {table} is the label?", [column.name for column in fits], guess.name)
        return next(column for column in fits if column.name == asked)
    if named or len(fits) == 1:
        return guess
    if not must or not columns:
        return None
    short = [column for column in fits if any(map(_abbreviates, column.words))]
    plain = [column for column in fits if not column.words & _OTHER_ROLES]
    return next(iter([*short, *_said(fits), *plain, *fits, *columns]))


def count(column: Column) -> str:
    """How many values it has, in words."""
    return f"{column.distinct:,} value{'' if column.distinct == 1 else 's'}"


def _said(fits: Sequence[Column]) -> list[Column]:
    """The one column whose values are what is said of an item; none where several are, or its name says another role."""
    said = [column for column in fits if are_verdicts(tuple(value for value, _ in column.values))]
    return [one for one in said if len(said) == 1 and not one.words & (_OTHER_ROLES | hints.CONDITION)]


def _alone(column: Column) -> bool:
    """Whether a column can be a label though its values say nothing: a measured number, one value, or none yet."""
    measured = column.is_number and not column.is_whole
    return (measured or column.distinct <= 1) and column.words <= hints.LABEL


def _abbreviates(word: str) -> bool:
    """Whether a word is the beginning of one that speaks of labels.

    >>> [_abbreviates(word) for word in ("ans", "lab", "note")]
    [True, True, False]
    """
    return len(word) >= _LETTERS and any(said.startswith(word) for said in hints.LABEL)


def scale_of(column: Column, ask: Any) -> Scale:
    """The scale of a label's column, from its values and its name."""
    values = tuple(value for value, _ in column.values)
    for mark, parts in column.parts:
        if 1 < parts <= column.distinct:
            return Scale("nominal", (), mark, f"{parts:,} labels, several an item with {mark!r} between them")
    ordered = bool(column.words & hints.ORDERED)
    if column.is_whole and 2 < len(values) <= MOST_STEPS:  # noqa: PLR2004 - two values have no order to speak of
        seen = sorted(int(float(value)) for value in values)
        between = range(seen[0], seen[-1] + 1)
        steps = [str(step) for step in (between if len(between) <= MOST_STEPS else seen)]
        level = "ordinal" if ordered else _asked(ask, "nominal")
        if level == "ordinal":
            return Scale("ordinal", tuple(steps), None, "whole numbers, and a name that speaks of an order")
        return Scale(
            "nominal", (), None, "numbers, but nothing says that they stand in an order; else write ordinal"
        )
    if column.is_number and (not column.is_whole or (ordered and len(values) != 2)):  # noqa: PLR2004 - as above
        return Scale("interval", (), None, "numbers on a scale")
    steps_in_words = in_order(values)
    if steps_in_words is not None:
        return Scale("ordinal", steps_in_words, None, "words that stand in an order")
    why = (
        "texts; a name that speaks of an order needs `level: ordinal` and `values` from the least to the most"
    )
    return Scale("nominal", (), None, why if ordered else f"{count(column)} without an order")


def _asked(ask: Any, guess: str) -> str:
    if ask is None:
        return guess
    answer: str = ask("Do the label's numbers stand in an order?", ("nominal", "ordinal"), guess)
    return answer
