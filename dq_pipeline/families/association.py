"""How one dimension goes together with another: V of both, and how well the first alone tells each value of the second."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts import Contingency, Profiles
from dq_pipeline.families.dimensions import told_apart
from dq_pipeline.measures.cramers_v import corrected, cramers_v, noncentral_interval
from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.source_only import source_only_auc, weighted_auc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dq_pipeline.counts import Cells, Counts, Profile
    from dq_pipeline.counts.cells import Value
    from dq_pipeline.spec import Spec

    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Crossed:
    """The cross-table of two dimensions that list all their values.

    Attributes:
        firsts: Values of the first; a missing one is None, a value of its own.
        seconds: Values of the second.
        grid: int64 [first, second], rows.
        rows: int64 [first], rows of each of the first's values; of items with several labels, not the grid's sum.
    """

    firsts: tuple[Value, ...]
    seconds: tuple[str, ...]
    grid: Ints
    rows: Ints


@dataclass(frozen=True)
class Association:
    """The question whether `first` goes together with `second` in a table.

    Attributes:
        spec: The spec.
        table: The table whose rows have both.
        first: Source or annotator.
        second: Label or source.
        min_rows: Fewest rows to say anything.
        min_label: Fewest rows with a value, and without it, to say how well it is told.
    """

    spec: Spec
    table: str
    first: str
    second: str
    min_rows: int
    min_label: int

    @property
    def by(self) -> str:
        """The breakdown of its V."""
        return f"{self.first},{self.second}"

    @property
    def several(self) -> bool:
        """Whether a row may have several values of the second."""
        return (
            self.second == "label" and self.table != "annotations" and self.spec.labels.separator is not None
        )

    def requests(self) -> list[Contingency | Profiles]:
        """The cross-table; kinds of values where there are too many to list; all rows where some count several times."""
        crossed: list[Contingency | Profiles] = [
            Contingency(self.table, (self.second, self.first)),
            Profiles(self.table, self.first, self.second),
        ]
        return [*crossed, Contingency(self.table, (self.first,))] if self.several else crossed

    def v(self, counts: Counts) -> dict[str | None, Estimate]:
        """Cramer's V under None; of rows with several labels, V of each label under its name."""
        profile = self._profile(counts)
        if profile is not None and self.several:
            parts = {label: _of_kinds(*kinds) for label, kinds in profile.outcomes.items()}
            return {label: self._settled(one) for label, one in sorted(parts.items())}
        if profile is not None:
            return {None: self._settled(_v(profile.phi_squared, profile.rows, profile.shape))}
        crossed = self.crossed(counts)
        if not self.several:
            return {None: self._settled(cramers_v(crossed.grid))}
        return {
            label: self._settled(cramers_v(np.stack([held, crossed.rows - held], axis=1)))
            for label, held in zip(crossed.seconds, crossed.grid.T, strict=True)
        }

    def told(self, counts: Counts) -> dict[str | None, Estimate]:
        """The AUC of telling each value of the second by the first alone, and under None their weighted mean."""
        profile = self._profile(counts)
        if profile is not None:
            kinds = profile.outcomes
        else:
            crossed = self.crossed(counts)
            ones = np.ones(len(crossed.rows), dtype=np.int64)
            kinds = {
                value: (crossed.rows, held, ones)
                for value, held in zip(crossed.seconds, crossed.grid.T, strict=True)
            }
        found = {value: source_only_auc(*kind) for value, kind in kinds.items()}
        held = {value: int((kind[1] * kind[2]).sum()) for value, kind in kinds.items()}
        overall = weighted_auc(list(found.values()), list(held.values()))
        judged: dict[str | None, Estimate] = {
            value: self._settled(found[value], min(held[value], found[value].n - held[value]))
            for value in sorted(found)
        }
        mean = self._settled(overall)
        if mean.status == "ok" and not any(one.status == "ok" for one in judged.values()):
            # A mean of numbers none of which can be told, such as of two labels the one of which has three rows.
            mean = replace(mean, status="too_few_units")
        return {None: mean} | judged

    def _profile(self, counts: Counts) -> Profile | None:
        profile: Profile | None = counts[Profiles(self.table, self.first, self.second)]
        return profile

    def listed(self, counts: Counts) -> Crossed | None:
        """The cross-table; None where there are too many values to list."""
        return self.crossed(counts) if self._profile(counts) is None else None

    def crossed(self, counts: Counts) -> Crossed:
        """The cross-table, of the values that both list."""
        cells: Cells = told_apart(self.spec, counts[Contingency(self.table, (self.second, self.first))])
        seconds, firsts = cells.values(self.second), (*cells.values(self.first), None)
        if self.several:
            alone: Cells = told_apart(self.spec, counts[Contingency(self.table, (self.first,))])
            firsts = (*alone.values(self.first), None)
            grid, rows = cells.dense(seconds, firsts).T, alone.dense(firsts)
        else:
            grid = cells.dense(seconds, firsts).T
            rows = grid.sum(axis=1)
        return Crossed(firsts, seconds, grid, rows)

    def _settled(self, estimate: Estimate, fewest: int | None = None) -> Estimate:
        """Of too few rows nothing is said."""
        few = estimate.n < self.min_rows or (fewest is not None and fewest < self.min_label)
        if estimate.status != "ok" or not few:
            return estimate
        return replace(estimate, value=None, low=None, high=None, status="too_few_units")


def _of_kinds(rows: Ints, held: Ints, alike: Ints) -> Estimate:
    """V of having a label or not, from kinds of values."""
    n, having = int((rows * alike).sum()), int((held * alike).sum())
    if not 0 < having < n:
        return Estimate(None, n=n, status="no_variation" if n else "empty")
    parts = held / rows * (held / having) + (rows - held) / rows * ((rows - held) / (n - having))
    return _v(float((alike * parts).sum()) - 1, n, (int(alike.sum()), 2))


def _v(squares: float, n: int, shape: tuple[int, int]) -> Estimate:
    if n == 0:
        return Estimate(None, status="empty")
    if min(shape) < 2:  # noqa: PLR2004 - one value goes together with nothing
        return Estimate(None, n=n, status="no_variation")
    return Estimate(corrected(squares, n, shape), *noncentral_interval(squares, n, shape), n)
