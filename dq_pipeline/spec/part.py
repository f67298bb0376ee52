"""What all parts of a spec have in common."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable


def several_times(names: Iterable[str]) -> list[str]:
    """The names that stand there more than once, sorted.

    >>> several_times(["b", "a", "c", "a", "b"])
    ['a', 'b']
    """
    return sorted(name for name, times in Counter(names).items() if times > 1)


class SpecPart(BaseModel):
    """A part of the spec: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)
