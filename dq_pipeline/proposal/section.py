"""A section of a proposed spec, and how a role finds its column by its name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dq_pipeline.proposal import hints
from dq_pipeline.proposal.labels import count
from dq_pipeline.proposal.scales import are_verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dq_pipeline.proposal.profile import Column, Profile


@dataclass
class Section:
    """A table's section of the spec: each key's value with the reason for it.

    Attributes:
        profile: The table.
        keys: Key -> value and reason, in order.
        also: What else could be said, as comments.
        joins: Of annotations, the column of the items table that their items stand in, where it has another name.
    """

    profile: Profile
    keys: dict[str, tuple[Any, str]] = field(default_factory=dict)
    also: list[str] = field(default_factory=list)
    joins: Column | None = None

    def column(self, key: str) -> str | None:
        """The column that plays a role."""
        return self.keys[key][0] if key in self.keys else None


def take(
    section: Section,
    left: list[Column],
    role: str,
    said: frozenset[str] | None,
    fits: Callable[[Column], bool],
    why: str,
) -> None:
    """Give a role to the first column that fits, and take it out of those that are left.

    Args:
        section: The table's section.
        left: Its columns without a role.
        role: The key.
        said: Words of which the column's name must hold one; None for any name.
        fits: Whether a column can play the role.
        why: The reason, with `{distinct}` for the number of its values.
    """
    found = first_of(left, said, fits)
    if found is not None:
        section.keys[role] = (found.name, why.format(distinct=f"{found.distinct:,}"))
        left.remove(found)


def take_time(section: Section, left: list[Column], *, whatever_name: bool = False) -> None:
    """Give the role `time` to a column of dates that is called so; without one, say how dates that cannot be read have to be written.

    Args:
        section: The table's section.
        left: Its columns without a role.
        whatever_name: Whether a column of dates of any name will do where none is called so.
    """
    for words in (hints.TIME, None) if whatever_name else (hints.TIME,):
        if "time" not in section.keys:
            take(section, left, "time", words, lambda column: column.is_time, "dates")
    written = next((column for column in left if column.other_time), None)
    if "time" in section.keys or written is None:
        return
    section.also.append(
        f"time: {written.name} holds times such as {written.other_time}, which cannot be read; "
        "write them as 2024-12-31 or 2024-12-31T09:30:00Z"
    )
    left.remove(written)


def first_of(
    columns: Iterable[Column], words: frozenset[str] | None, fits: Callable[[Column], bool]
) -> Column | None:
    """The first that fits, of those whose names hold one of the words; of all without words."""
    named = columns if words is None else called(columns, words)
    return next((column for column in named if fits(column)), None)


def called(columns: Iterable[Column], words: frozenset[str]) -> list[Column]:
    """Those whose names hold one of the words."""
    return [column for column in columns if column.words & words]


def repeats(column: Column) -> bool:
    """Whether a column has several values and one of them stands in several rows."""
    return 1 < column.distinct < column.filled


def label_reason(column: Column) -> str:
    """Why a column was taken for the label."""
    if column.words & hints.LABEL:
        return f"its name; {count(column)}"
    if column.words & hints.LIKELY_LABEL or column.words <= hints.ALONE:
        return f"its name may say so; {count(column)}"
    values = tuple(value for value, _ in column.values)
    return f"its values: {', '.join(values)}" if are_verdicts(values) else count(column)
