"""An edge case: a slice of the items with a name, a quota and someone who answers for it."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads it
from functools import cached_property

from pydantic import Field, field_validator

from dq_pipeline.spec.part import SpecPart
from dq_pipeline.spec.predicate import Predicate, parse_predicate

VALIDATION = 30
"""Fewest validation rows that say anything: nothing seen in 30 still allows a rate of one in ten."""


class EdgeCase(SpecPart):
    """A scenario that must be there often enough.

    Attributes:
        name: Letters, digits and underscores: Dagster names its check by it.
        where: Which items are of it, a condition in SQL over the columns of the items' table.
        train: Fewest rows in the training part.
        validation: Fewest rows in the validation part; 30 unless said, where the spec tells the parts apart.
        owner: Who sees to it.
        reason: Why it matters.
        due: Until when a shortage warns only; without a date it blocks at once.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_]+$", max_length=100)
    where: str
    train: int = Field(default=100, ge=0)
    validation: int | None = Field(default=None, ge=0)
    owner: str | None = Field(default=None, min_length=1)
    reason: str | None = Field(default=None, min_length=1)
    due: date | None = None

    @field_validator("where")
    @classmethod
    def _can_be_counted(cls, value: str) -> str:
        parse_predicate(value)
        return value

    @cached_property
    def predicate(self) -> Predicate:
        """What `where` says."""
        return parse_predicate(self.where)

    def quotas(self, *, split: bool) -> dict[str, int]:
        """The part of the items -> fewest rows in it; of validation only where it was asked for or is known."""
        if self.validation is None and not split:
            return {"train": self.train}
        return {"train": self.train, "validation": VALIDATION if self.validation is None else self.validation}
