"""The annotations that count: of an annotator's several on one item, the first or the last.

Grouping ten million annotations by item and annotator costs three times what grouping them by item does, and hardly an
item needs it. So each annotator gets one of SLOTS bits by a hash of the name, and an item's bits are summed while it is
grouped anyway: while its annotators' bits differ the sum has as many bits set as there are annotations, and a carry can
only lose some. Items that lost none hold no repeat; the few others are looked at again, each annotation of them.
"""

from __future__ import annotations

from typing import Any

SLOTS = 52
"""Bits that a double adds exactly, however many annotations an item has."""
MANY = 0.5
"""The share of annotations from which on looking at all of them again is cheaper than telling them apart."""


def labelled(annotations: Any) -> Any:
    """The annotations with an item, an annotator and a label."""
    return annotations.drop_null(["item", "annotator", "label"])


def bit_of(annotator: Any) -> Any:
    """The annotator's bit as a double, a power of two below 2^52."""
    import ibis

    return ibis.literal(2.0) ** (_hash()(annotator) % ibis.literal(SLOTS, "uint64"))


def may_repeat(bits: Any, annotations: Any) -> Any:
    """Whether an item may hold an annotator twice; never False where it does.

    Args:
        bits: The sum of its annotations' bits.
        annotations: How many there are.
    """
    import ibis

    # Bits that differ add up to less than 2^SLOTS; from there on a carry is certain, whatever rounding does.
    within = ibis.least(bits, ibis.literal(2.0**SLOTS)).cast("int64")
    return _bit_count()(within) < annotations


def suspects_of(kept: Any) -> Any:
    """The items that may hold an annotator twice, `item` and `n`, its annotations."""
    by_item = kept.group_by("item").agg(bits=bit_of(kept.annotator).sum(), n=kept.count())
    return by_item.filter(may_repeat(by_item.bits, by_item.n)).select("item", "n")


def standing(kept: Any, suspects: Any | None, *, last: bool) -> Any:
    """The annotations of which each annotator has one an item.

    Args:
        kept: Labelled annotations.
        suspects: The items that may hold repeats; None for all of them.
        last: Whether the last stands, by the row's place; else the first.
    """
    if suspects is None:
        return _one_each(kept, last=last)
    columns = kept.columns
    others = kept.anti_join(suspects, "item").select(*columns)
    return others.union(_one_each(kept.semi_join(suspects, "item"), last=last).select(*columns))


def _one_each(kept: Any, *, last: bool) -> Any:
    import ibis

    # One struct, so that a null time or guideline stays that of the annotation that stands.
    rest = [column for column in kept.columns if column not in {"item", "annotator"}]
    whole = ibis.struct({column: kept[column] for column in rest})
    stands = whole.argmax(kept.row) if last else whole.argmin(kept.row)
    return kept.group_by("item", "annotator").agg(stands=stands).unpack("stands")


def _hash() -> Any:
    import ibis
    import ibis.expr.datatypes as dt

    # Ibis' own hash is cast to a signed number by way of text.
    return ibis.udf.scalar.builtin(name="hash", signature=((dt.string,), dt.uint64))(_nothing)


def _bit_count() -> Any:
    import ibis
    import ibis.expr.datatypes as dt

    return ibis.udf.scalar.builtin(name="bit_count", signature=((dt.int64,), dt.int64))(_nothing)


def _nothing(value: Any) -> Any:
    """What the engine has a function for."""
    raise NotImplementedError(value)
