"""The moments of the items' votes summed where they lie: no item's votes leave an engine of many machines."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.domain import coded
from dq_pipeline.counts.moments import NAMES, Moments, moved_by, places_and_pull

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dq_pipeline.counts.on_scale import Level, OnScale
    from dq_pipeline.tables import Tables

    Floats = NDArray[np.float64]


def moments_in_engine(tables: Tables, scale: OnScale, level: Level) -> Moments:
    """What `count_moments` gives, from sums by label and sums over items alone.

    Args:
        tables: The tables.
        scale: The labels whose votes count.
        level: Their level of measurement.
    """
    labels = scale.labels
    with tables.kept(_votes_by_label(tables, scale)) as kept:
        several = (kept.m > 1).cast("float64")
        pairs = kept.v * (kept.v - 1)
        totals = _by_label(
            kept,
            len(labels),
            shared=kept.v * several,
            shares=kept.v / kept.m,
            same=pairs,
            named=kept.v * (kept.m - 1),
            coincident=pairs / kept.others,
        )
        places, towards = places_and_pull(labels, level, totals["shared"])
        moved = np.zeros(len(labels))
        if level == "ordinal":
            placed = _with_places(kept, place=places)
            centre = placed.group_by("item").agg(total=(placed.v * placed.place).sum())
            apart = placed.join(centre, "item")
            pull = apart.v * (apart.m * apart.place - apart.total) / apart.others
            moved = moved_by(_by_label(apart, len(labels), pull=pull)["pull"])
        shown = places if level == "interval" else np.zeros(len(labels))
        told = _with_places(
            kept, place=places, shown=shown, towards=towards, shares=totals["shares"], moved=moved
        )
        with tables.kept(_of_items(told, level)) as items:
            sums, products = _sums(items)
    return Moments(labels, level, **totals, sums=sums, products=products)


def _votes_by_label(tables: Tables, scale: OnScale) -> Any:
    """Each item's votes for each label that it got, `v`, with all its votes, `m`, and `others`, m - 1 but at least 1."""
    import ibis

    votes = coded(tables.votes, "label", list(scale.at), list(scale.at.values()))
    counted = votes.group_by("item", label=votes.label_code).agg(v=votes.count().cast("float64"))
    whole = counted.group_by("item").agg(m=counted.v.sum())
    joined = counted.join(whole, "item")
    return joined.mutate(others=ibis.greatest(joined.m - 1, ibis.literal(1.0)))


def _by_label(rows: Any, labels: int, **sums: Any) -> dict[str, Floats]:
    """Sums by label, float [K] each."""
    named = rows.select("label", **sums)
    found = named.group_by("label").agg(**{name: named[name].sum() for name in sums}).to_pyarrow()
    made = {name: np.zeros(labels) for name in sums}
    for name, array in made.items():
        array[found["label"].to_numpy()] = found[name].to_numpy()
    return made


def _with_places(rows: Any, **of_labels: Floats) -> Any:
    import ibis
    import pyarrow as pa

    label = pa.array(range(len(next(iter(of_labels.values())))), pa.int32())
    return rows.join(ibis.memtable(pa.table({"label": label, **of_labels})), "label")


def _of_items(told: Any, level: Level) -> Any:
    """The numbers of moments.NAMES, a row an item."""
    one = told.group_by("item").agg(
        m=told.m.max(),
        others=told.others.max(),
        agreeing=(told.v * (told.v - 1)).sum(),
        squares=(told.v * told.v).sum(),
        towards=(told.v * told.towards).sum(),
        shares=(told.v * told.shares).sum(),
        moved=(told.v * told.moved).sum(),
        first=(told.v * told.shown).sum(),
        second=(told.v * told.shown * told.shown).sum(),
        centre=(told.v * told.place).sum(),
    )
    one = _within(told, one, level)
    several = (one.m > 1).cast("float64")
    columns = (
        one.m * 0 + 1,
        several,
        one.m * several,
        one.agreeing / one.others,
        one.agreeing / one.others / one.m,
        one.towards * several,
        one.shares / one.m,
        one.within / one.others * several,
        one.moved * several,
        one["first"] * several,
        one["second"] * several,
    )
    return one.select(**dict(zip(NAMES, columns, strict=True)))


def _within(told: Any, one: Any, level: Level) -> Any:
    """The items with `within`: sum_ij d_ij over the ordered pairs of each one's votes."""
    import ibis

    if level == "nominal":
        return one.mutate(within=one.m * one.m - one.squares)
    if level in {"ordinal", "interval"}:
        # About the item's own mean: an item of one mind adds next to nothing, however far from the middle.
        placed = told.join(one.select("item", mean=one.centre / one.m), "item")
        apart = placed.place - placed["mean"]
        spread = placed.group_by("item").agg(spread=(placed.v * apart * apart).sum())
        joined = one.join(spread, "item")
        return joined.mutate(within=2 * joined.m * joined.spread)
    first = told.select("item", "place", "v")
    second = first.select("item", other="place", w="v")
    pairs = first.join(second, "item").filter(lambda pair: pair.place < pair.other)
    whole = (pairs.place + pairs.other).nullif(0.0)
    ratio = ((pairs.place - pairs.other) / whole).fill_null(0.0)
    apart = pairs.group_by("item").agg(within=(2 * pairs.v * pairs.w * ratio * ratio).sum())
    joined = one.left_join(apart, "item").drop("item_right")
    return joined.mutate(within=ibis.coalesce(joined.within, 0.0))


def _sums(items: Any) -> tuple[Floats, Floats]:
    """The sums over the items, float [Q], and those of products, float [Q, Q]."""
    places = list(combinations_with_replacement(range(len(NAMES)), 2))
    asked = {f"s{at}": items[name].sum() for at, name in enumerate(NAMES)}
    asked |= {f"p{at}": (items[NAMES[a]] * items[NAMES[b]]).sum() for at, (a, b) in enumerate(places)}
    found = items.agg(**asked).to_pyarrow().to_pylist()[0]
    sums = np.array([found[f"s{at}"] or 0.0 for at in range(len(NAMES))])
    products = np.zeros((len(NAMES), len(NAMES)))
    for at, (a, b) in enumerate(places):
        products[a, b] = products[b, a] = found[f"p{at}"] or 0.0
    return sums, products
