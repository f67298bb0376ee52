"""Train, validation and test: the same for an item on every engine and every night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.tables.builtin import md5

if TYPE_CHECKING:
    from dq_pipeline.spec.training_set import Split

SPLITS = ("train", "validation", "test")
"""The sides of a split, in the order in which they are told."""
SPELLED = {
    "val": "validation",
    "valid": "validation",
    "dev": "validation",
    "training": "train",
    "testing": "test",
}
"""Other names by which tables call a side."""
_DIGITS = 13
_PRIME, _ROOT = 2**31 - 1, 48_271
_FACTOR = 69_621
_WHOLE = 16**_DIGITS
"""52 bits of a digest: whole numbers that a double holds exactly, so that a share's limit is exact."""


def with_split(items: Any, split: Split) -> Any:
    """The items with the column `split`: their own where they have one, else told by id or group and the seed.

    The side is that of md5("<seed>:<id or group>") in hexadecimal, compared as text with the shares' limits. MD5 of
    UTF-8 is the same on DuckDB, Postgres and Spark, unlike each engine's `hash`; nothing secret rests on it. An item
    without a group is a group of its own. The test side is cut first, so that another share of validation moves no item
    into or out of it.

    Args:
        items: A table with `item`, and perhaps `group` and `split`.
        split: The shares, what they are cut by, and the seed.
    """
    if "split" in items.columns:
        return items
    grouped = "group" in items.columns and split.by != "item"
    unit = items.group.fill_null(items.item) if grouped else items.item
    return items.mutate(split=side(unit, split))


def called(split: Any) -> Any:
    """A column of sides by the names of SPLITS; what is called otherwise stays as it is."""
    import ibis

    return ibis.cases(*((split == name, side) for name, side in SPELLED.items()), else_=split)


def side(unit: Any, split: Split) -> Any:
    """The side on which an id lies, as text; null of a null."""
    import ibis

    digits = md5(ibis.literal(f"{split.seed}:") + unit).left(_DIGITS)
    return ibis.cases(
        (digits.isnull(), ibis.null("string")),
        (digits < limit(split.test), "test"),
        (digits < limit(split.test + split.validation), "validation"),
        else_="train",
    )


def order_of(unit: Any, seed: int) -> Any:
    """Texts by which ids lie in an order like a random one, apart from that of any split."""
    import ibis

    return md5(ibis.literal(f"sample {seed}:") + unit)


def scattered(place: Any) -> Any:
    """Whole numbers of 31 bits by which rows lie in an order like a random one, told by their places on every engine alike."""
    # A quadratic of the place modulo the prime 2^31 - 1: a linear one keeps runs of places together. No product passes 2^63.
    mixed = ((place % _PRIME + 1) * _ROOT) % _PRIME
    return ((mixed * mixed) % _PRIME * _FACTOR + mixed) % _PRIME


def limit(share: float) -> str:
    """The first digest that is past a share of all digests, as text.

    >>> limit(0.25), limit(0.0)
    ('4000000000000', '0000000000000')
    """
    return f"{round(share * _WHOLE):0{_DIGITS}x}"
