"""Items that are the same item twice: equal content, the labels they carry, the sides of the split they lie on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dq_pipeline.counts.majority import with_majority
from dq_pipeline.tables import engine_errors, with_roles, with_split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.tables import Tables


AT_ONCE = 5_000_000
"""Items whose hashes are held at once."""


@dataclass(frozen=True)
class DuplicateCounts:
    """How many items have a double.

    Attributes:
        items: Items with content.
        groups: Contents that several items have.
        extra: Items beyond the first of each.
        contradictory: Of these contents, those whose items carry different labels.
        contradictory_items: Their items.
        across: Of these contents, those with items on both sides of the split.
        across_items: Their items.
        candidates: The engine's table of the items whose hash comes twice.
    """

    items: int
    groups: int = 0
    extra: int = 0
    contradictory: int = 0
    contradictory_items: int = 0
    across: int = 0
    across_items: int = 0
    candidates: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Duplicates:
    """Find items of equal content: one hash aggregate over all items, the rest among those whose hash comes twice.

    Attributes:
        columns: The columns that are the content.
    """

    columns: tuple[str, ...]

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Duplicates]) -> list[DuplicateCounts]:
        """Three queries a request, two of them over the candidates alone."""
        return [_count(tables, request) for request in requests]


def _count(tables: Tables, request: Duplicates) -> DuplicateCounts:
    with engine_errors("items"):
        content = _with_content(tables, request.columns)
        total = int(content.count().execute())
        candidates = _candidates(tables, content, total, request.columns)
        groups = _groups(candidates, request.columns)
        n, labels, sides = groups.n, groups.labels > 1, groups.sides > 1
        counted = groups.agg(
            groups=groups.count(),
            extra=(n - 1).sum(),
            contradictory=labels.sum(),
            contradictory_items=n.sum(where=labels),
            across=sides.sum(),
            across_items=n.sum(where=sides),
        )
        found = counted.to_pyarrow().to_pylist()[0]
    return DuplicateCounts(
        total, **{name: int(value or 0) for name, value in found.items()}, candidates=candidates
    )


def _candidates(tables: Tables, content: Any, rows: int, columns: Sequence[str]) -> Any:
    """The items that may have a double, in a table of the engine's own: item, label, split, the content as `k0`, `k1`, ...

    Equal hashes are candidates only: whoever reads them groups by the content itself.
    """
    import ibis

    connection, name = tables.connection, "duplicates_" + _digest(columns)
    hashed = content.mutate(h=_hash([content[key] for key in _keys(columns)]))
    # (Hashes may be negative, and so may what is left of them.) In a table first, so that the engine knows how few they are and joins the right way around; a range of hashes at a
    # time, so that memory does not grow with the items.
    parts = -(-max(rows, 1) // AT_ONCE)
    for part in range(parts):
        some = hashed if parts == 1 else hashed.filter((hashed.h % parts + parts) % parts == part)
        counted = some.group_by("h").agg(n=some.count())
        several = counted.filter(counted.n > 1).select("h")
        if part == 0:
            connection.create_table(f"{name}_h", several, temp=True, overwrite=True)
        else:
            connection.insert(f"{name}_h", several)
    # The split is told of the candidates alone: a digest of every id costs more than finding them.
    kept = hashed.semi_join(connection.table(f"{name}_h"), "h").drop("h")
    found = with_split(kept, tables.spec.training_set.split)
    if "label" not in found.columns:
        labelled = "annotations" in tables
        found = with_majority(tables, found) if labelled else found.mutate(label=ibis.null("string"))
    return connection.create_table(name, found, temp=True, overwrite=True)


def _digest(columns: Sequence[str]) -> str:
    return hashlib.blake2b("\x00".join(columns).encode(), digest_size=6).hexdigest()


def _groups(candidates: Any, columns: Sequence[str]) -> Any:
    """Content, how many items have it, how many labels these carry, on how many sides of the split they lie."""
    grouped = candidates.group_by(*_keys(columns)).agg(
        n=candidates.count(),
        labels=candidates.label.nunique(),
        sides=candidates.split.nunique(),
        first=candidates.item.min(),
    )
    return grouped.filter(grouped.n > 1)


def listed_duplicates(tables: Tables, counted: DuplicateCounts, columns: Sequence[str]) -> Any:
    """Every item that has a double: `same_as` (the first of its kind), `item`, `label`, `split`, `annotators`.

    With annotations, a row for each label that an item got, and who gave it; `contradictory` and `across` say what is
    wrong with the items of a kind.
    """
    import ibis

    items, keys = counted.candidates, _keys(columns)
    groups = _groups(items, columns)
    # Contents may be missing in part: nulls that are equal count as equal.
    same = [items[key].identical_to(groups[key]) for key in keys]
    found = items.inner_join(groups.select(*keys, "labels", "sides", first="first"), same)
    told = found.select(
        same_as=found.first,
        item=found.item,
        label=found.label,
        split=found.split,
        contradictory=found.labels > 1,
        across=found.sides > 1,
    )
    if "annotations" not in tables:
        return told.mutate(annotators=ibis.null("string"))
    votes = tables.votes
    given = votes.group_by("item", "label").agg(
        annotators=votes.annotator.group_concat("; ", order_by=votes.annotator)
    )
    return told.drop("label").left_join(given, "item").drop("item_right")


def _keys(columns: Sequence[str]) -> list[str]:
    return [f"k{place}" for place in range(len(columns))]


def _with_content(tables: Tables, columns: Sequence[str]) -> Any:
    """Item, its roles that matter, and its content, of the items that have any."""
    import ibis

    items = tables["items"]
    roles = items.roles
    keys = dict(zip(_keys(columns), columns, strict=True))
    own: dict[str, str] = {role: roles[role] for role in ("item", "group", "split", "label") if role in roles}
    frame = with_roles(items.raw, own, kept=keys)
    frame = frame.mutate(**{key: _exact(frame[key]) for key in keys})
    return frame.filter(ibis.or_(*(frame[key].notnull() for key in keys)))


def _exact(column: Any) -> Any:
    """The column as something that compares: lists as their text."""
    return column.cast("string") if column.type().is_nested() else column


def _hash(keys: Sequence[Any]) -> Any:
    """A number that equal contents share; it chooses candidates, and no result rests on its value."""
    import ibis

    if len(keys) == 1:
        return keys[0].hash()
    return ibis.struct({f"k{place}": key for place, key in enumerate(keys)}).hash()
