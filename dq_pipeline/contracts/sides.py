"""Sides of a split that got nothing: few groups cut by small shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq_pipeline.tables import SPLITS, TRAINING_SET, engine_errors

if TYPE_CHECKING:
    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class Sides:
    """The sides that a spec asks a training set to be cut into.

    Attributes:
        asked: Side -> its share, where that is above 0.
        empty: The sides among them that hold no item.
        units: What was cut: groups, or items.
        by_group: Whether it was groups.
        seed: The seed that they were cut by.
    """

    asked: dict[str, float]
    empty: tuple[str, ...]
    units: int
    by_group: bool
    seed: int

    @property
    def sentence(self) -> str:
        """Which sides are empty, and of what."""
        named = " and ".join(self.empty)
        shares = " and ".join(f"{self.asked[side]:g}" for side in self.empty)
        unit = ("group" if self.by_group else "item") + ("" if self.units == 1 else "s")
        verb = "is" if len(self.empty) == 1 else "are"
        return (
            f"{named[0].upper()}{named[1:]} {verb} empty: {self.units:,} {unit} cut by {shares} with seed {self.seed} "
            "left nothing there."
        )

    @property
    def remedy(self) -> str:
        """What to change."""
        other = ", or cut by item (`by: item`)" if self.by_group else ""
        return f"Change the seed or the share under `training_set: {{split: ...}}`{other}; a share of 0 asks for no such side."


def sides_of(tables: Tables) -> Sides | None:
    """The sides of the training set; None where the items say their sides themselves."""
    spec = tables.spec
    split = spec.training_set.split
    if spec.items is not None and spec.items.split is not None:
        return None
    shares = dict(zip(SPLITS, (1 - split.validation - split.test, split.validation, split.test), strict=True))
    asked = {side: share for side, share in shares.items() if share > 0}
    by_group = spec.items is not None and spec.items.group is not None and split.by != "item"
    rows = tables[TRAINING_SET].expr
    with engine_errors(TRAINING_SET):
        there = set(rows.select("split").distinct().to_pyarrow()["split"].to_pylist())
        empty = tuple(side for side in asked if side not in there)
        units = 0
        if empty:
            unit = rows.group.fill_null(rows.item) if by_group else rows.item
            units = int(unit.nunique().to_pyarrow().as_py())
    return Sides(asked, empty, units, by_group, split.seed)
