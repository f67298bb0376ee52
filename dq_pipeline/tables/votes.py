"""The annotations that count: of an annotator's several on one item, the first or the last.

Grouping ten million annotations by item and annotator costs three times what grouping them by item does, and hardly an
item needs it. So each annotator gets one of SLOTS bits by a hash of the name, and an item's bits are summed while it is
grouped anyway: while its annotators' bits differ the sum has as many bits set as there are annotations, and a carry can
only lose some. Items that lost none hold no repeat; the few others are looked at again, each annotation of them. Two such
sums, by unlike bits, leave one in a thousand items to be looked at for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.tables.builtin import first_by, hashed, last_by, set_bits

if TYPE_CHECKING:
    from collections.abc import Callable

SLOTS = 52
"""Bits that a double adds exactly, however many annotations an item has."""
MARKS = ("mark0", "mark1")
"""The columns of the two sums."""
MANY = 0.5
"""The share of annotations from which on looking at all of them again is cheaper than telling them apart."""


def labelled(annotations: Any) -> Any:
    """The annotations with an item, an annotator and a label."""
    return annotations.drop_null(["item", "annotator", "label"])


def marks_of(annotator: Any) -> dict[str, Any]:
    """The sums of an item's annotators' bits, each bit a double below 2^SLOTS; to be aggregated by item."""
    import ibis

    number, slots = hashed(annotator), ibis.literal(SLOTS, "uint64")
    return {
        mark: (ibis.literal(2.0) ** ((number >> 8 * place) % slots)).sum() for place, mark in enumerate(MARKS)
    }


def may_repeat(by_item: Any, annotations: Any) -> Any:
    """Whether an item may hold an annotator twice; never False where it does.

    Args:
        by_item: A table grouped by item, with its MARKS.
        annotations: How many annotations an item has.
    """
    import ibis

    # Bits that differ add up to less than 2^SLOTS; from there on a carry is certain, whatever rounding does.
    within = [ibis.least(by_item[mark], ibis.literal(2.0**SLOTS)).cast("int64") for mark in MARKS]
    return ibis.and_(*(set_bits(marked) < annotations for marked in within))


@dataclass(frozen=True)
class Suspects:
    """The items that may hold an annotator twice.

    Attributes:
        items: A table of the engine's with their `item`.
        annotations: How many annotations they have in all.
        most: The most annotations that one of them has.
    """

    items: Any
    annotations: int
    most: int


def find_suspects(kept: Any, keep: Callable[[Any], Any]) -> Suspects:
    """The suspects of labelled annotations; `keep` makes a table of the engine's of an expression."""
    by_item = kept.group_by("item").agg(n=kept.count(), **marks_of(kept.annotator))
    table = keep(by_item.filter(may_repeat(by_item, by_item.n)).select("item", "n"))
    sums = table.agg(annotations=table.n.sum(), most=table.n.max()).to_pyarrow().to_pylist()[0]
    return Suspects(table.select("item"), int(sums["annotations"] or 0), int(sums["most"] or 0))


def standing(kept: Any, suspects: Suspects | None, *, last: bool) -> Any:
    """The annotations of which each annotator has one an item.

    Args:
        kept: Labelled annotations.
        suspects: The items that may hold repeats; None for all of them.
        last: Whether the last stands, by the row's place; else the first.
    """
    if suspects is None:
        return _one_each(kept, last=last)
    if not suspects.annotations:
        return kept
    columns = kept.columns
    others = kept.anti_join(suspects.items, "item").select(*columns)
    return others.union(_one_each(kept.semi_join(suspects.items, "item"), last=last).select(*columns))


def _one_each(kept: Any, *, last: bool) -> Any:
    import ibis

    # One struct, so that a null time or guideline stays that of the annotation that stands.
    rest = [column for column in kept.columns if column not in {"item", "annotator"}]
    whole = ibis.struct({column: kept[column] for column in rest})
    stands = (last_by if last else first_by)(whole, kept.row)
    return kept.group_by("item", "annotator").agg(stands=stands).unpack("stands")
