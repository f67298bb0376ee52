"""Counts that add up: those of a table are the sum of those of its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables

Source = Literal["annotations", "items"]
Signed = tuple[int, Any]
"""A state that is added (1), or taken away (-1)."""


class Additive:
    """A request whose state follows from those of parts of a table.

    Attributes:
        beside: Whether tables other than its own are read too.
    """

    beside: ClassVar[bool] = True

    @property
    def cut_by(self) -> tuple[str, ...]:
        """The dimensions that it counts by, as far as their values may be bins."""
        return ()

    @property
    def source(self) -> Source | None:
        """The table by whose parts it adds up; None where it does not."""
        return "annotations"

    def sums(self, tables: Tables) -> tuple[Additive, ...]:  # noqa: ARG002 - where they depend on the tables
        """The requests whose sums it follows from: those to ask of parts."""
        return (self,)

    def kept(self, state: Any) -> Any:
        """What of a part's state may be kept and added up; None where the whole has to be counted for it."""
        return state

    def added(self, spec: Spec, states: Sequence[Signed]) -> Any:
        """The sum of the states of parts; None where they do not tell that of the whole."""
        raise NotImplementedError

    def told(self, tables: Tables, *states: Any) -> Any:  # noqa: ARG002 - where sums need more than themselves
        """The state of the whole, from its sums."""
        return states[0]


def in_order(declared: Sequence[str], listed: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The declared labels in their order, then all others that are listed, sorted."""
    others = {label for labels in listed for label in labels} - set(declared)
    return (*declared, *sorted(others))


def summed_rows(keys: Sequence[Any], counts: Sequence[Any]) -> tuple[Any, Any]:
    """Equal rows of keys made one and their counts added, those left out of which nothing is left.

    Args:
        keys: int64 [N, D] each.
        counts: int64 [N, C] each.
    """
    distinct, place = np.unique(np.concatenate(keys), axis=0, return_inverse=True)
    given = np.concatenate(counts)
    total = np.zeros((len(distinct), *given.shape[1:]), np.int64)
    np.add.at(total, place.ravel(), given)
    there = (total != 0).any(axis=tuple(range(1, total.ndim)))
    return distinct[there], total[there]


def at(values: Sequence[str], among: Sequence[str]) -> Any:
    """int64, the places of values among others."""
    place = {value: number for number, value in enumerate(among)}
    return np.array([place[value] for value in values], np.int64)
