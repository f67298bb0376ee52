"""Groups of items that lie on both sides of the split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class GroupCounts:
    """How many groups there are, how many of them the split cuts, and their items."""

    groups: int
    across: int
    across_items: int


@dataclass(frozen=True)
class SplitGroups:
    """Count the groups that the split cuts through."""

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[SplitGroups]) -> list[GroupCounts]:
        """One grouped query."""
        with engine_errors("items"):
            groups = groups_of(tables)
            across = groups.sides > 1
            counted = groups.agg(
                groups=groups.count(), across=across.sum(), across_items=groups.n.sum(where=across)
            )
            found = counted.to_pyarrow().to_pylist()[0]
        return [GroupCounts(**{name: int(value or 0) for name, value in found.items()})] * len(requests)


def groups_of(tables: Tables) -> Any:
    """Each group, its items, and on how many sides of the split they lie."""
    items = tables["items"].expr.drop_null("group")
    return items.group_by("group").agg(n=items.count(), sides=items.split.nunique())


def listed_groups(tables: Tables) -> Any:
    """The items of groups that the split cuts: `group`, `item`, `split`."""
    groups, items = groups_of(tables), tables["items"].expr
    cut = groups.filter(groups.sides > 1)
    return items.semi_join(cut, "group").select("group", "item", "split")
