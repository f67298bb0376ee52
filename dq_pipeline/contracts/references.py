"""What one table says about another: annotations without their item, gold that joins nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dq_pipeline.contracts.failing_rows import write_ids
from dq_pipeline.contracts.forms import form_of
from dq_pipeline.contracts.times import SHOWN
from dq_pipeline.counts.additive import Additive
from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import ibis

    from dq_pipeline.contracts.forms import Form
    from dq_pipeline.counts.additive import Signed
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class Reference:
    """How many ids of one table find no partner in another.

    Attributes:
        checked: Distinct ids asked about, nulls left out.
        unmatched: Of these, how many have no partner.
        rows: Rows that hold an unmatched id.
        ids: The first unmatched ids, smallest first.
        failing: The unmatched ids, all of them, lazy, column `item`.
        form: What parts most of them from ids that are there, where it is their form.
    """

    checked: int
    unmatched: int
    rows: int
    ids: tuple[str, ...] = ()
    failing: Any = None
    form: Form | None = None

    def write(self, path: Path) -> int:
        """Write all unmatched ids to a CSV; returns their number."""
        return write_ids(path, ("item",), [("reference", "item", self.failing)])

    @property
    def matched(self) -> int:
        """Distinct ids that have a partner."""
        return self.checked - self.unmatched


@dataclass(frozen=True)
class Orphans(Additive):
    """Look for annotations whose item is not in the items table."""

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Orphans]) -> list[Reference]:
        """Told by the ballots where all is well; else a grouped query and a join."""
        with engine_errors("annotations"):
            annotations = tables["annotations"].expr
            found = _all_matched(tables) or unmatched_items(annotations, tables["items"].expr, limit=SHOWN)
        return [found] * len(requests)

    def kept(self, state: Reference) -> Reference | None:
        """What may be kept: that none are missing."""
        return None if state.unmatched else replace(state, failing=None)

    def added(self, spec: Spec, states: Sequence[Signed]) -> Reference:  # noqa: ARG002 - as Additive has it
        """The items of all parts, none of them missing."""
        return Reference(sum(sign * state.checked for sign, state in states), 0, 0)


def _all_matched(tables: Tables) -> Reference | None:
    """That every annotated item is in the items table, where the ballots hold every annotation and show it."""
    if tables.by_query or tables.ballots.votes < tables["annotations"].rows:
        return None
    ballots, voted = tables.ballots, tables.voted_items
    if not all(voted.beside(block).found.all() for block in ballots.blocks()):
        return None
    return Reference(ballots.items, 0, 0)


def unmatched_items(table: ibis.Table, known: ibis.Table, *, limit: int = 20) -> Reference:
    """Ids of `table` that `known` does not have: annotations of no item, gold that no annotator saw.

    Both tables have a column `item` of text. One grouped query and one join where the data lies, and where ids are
    unmatched a join for each difference in form; only the counts and `limit` ids leave it.

    Args:
        table: The table that refers.
        known: The table referred to.
        limit: Most ids to show.
    """
    import ibis

    asked = table.filter(table.item.notnull()).group_by("item").aggregate(dq_rows=ibis._.count())
    there = known.select(known_item=known.item).distinct()
    joined = asked.left_join(there, asked.item == there.known_item)
    alone = joined.known_item.isnull()
    states = joined.aggregate(
        checked=joined.count(),
        unmatched=alone.ifelse(1, 0).sum().fill_null(0).cast("int64"),
        rows=alone.ifelse(joined.dq_rows, 0).sum().fill_null(0).cast("int64"),
    )
    counted = {name: int(value) for name, value in states.to_pyarrow().to_pylist()[0].items()}
    failing = asked.anti_join(there, asked.item == there.known_item).select("item")
    first: list[str] = []
    form = None
    if counted["unmatched"]:
        first = failing.order_by("item").limit(limit).to_pyarrow()["item"].to_pylist()
        form = form_of(failing, known)
    return Reference(counted["checked"], counted["unmatched"], counted["rows"], tuple(first), failing, form)


@dataclass(frozen=True)
class Straddling:
    """Groups whose items lie on several sides of a split.

    Attributes:
        groups: Distinct groups.
        straddling: Of these, how many lie on more than one side.
        rows: Items in them.
        ids: The first of them, smallest first.
        failing: All of them, lazy, column `group`.
    """

    groups: int
    straddling: int
    rows: int
    ids: tuple[str, ...]
    failing: Any

    def write(self, path: Path) -> int:
        """Write all of them to a CSV; returns their number."""
        return write_ids(path, ("group",), [("one_side", "split", self.failing)])


def straddling_groups(items: ibis.Table, *, limit: int = 20) -> Straddling:
    """Groups on more than one side of the split; items without a group are none.

    Args:
        items: Columns `group` and `split`.
        limit: Most groups to show.
    """
    import ibis

    kept = items.drop_null(["group", "split"])
    groups = kept.group_by("group").aggregate(
        dq_rows=ibis._.count(), dq_whole=ibis._.split.min() == ibis._.split.max()
    )
    both = groups.filter(~groups.dq_whole)
    states = groups.aggregate(
        groups=groups.count(),
        straddling=groups.dq_whole.ifelse(0, 1).sum().fill_null(0).cast("int64"),
        rows=groups.dq_whole.ifelse(0, groups.dq_rows).sum().fill_null(0).cast("int64"),
    )
    counted = {name: int(value) for name, value in states.to_pyarrow().to_pylist()[0].items()}
    first: list[str] = []
    if counted["straddling"]:
        first = both.order_by("group").limit(limit).to_pyarrow()["group"].to_pylist()
    return Straddling(
        counted["groups"], counted["straddling"], counted["rows"], tuple(first), both.select("group")
    )
