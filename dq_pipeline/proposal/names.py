"""Which part a table plays by its file's name, and what to do where nothing tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.proposal import hints
from dq_pipeline.spec import InputError

if TYPE_CHECKING:
    from dq_pipeline.proposal.profile import Profile

TOLD = 6
"""Columns that an error lists."""


def part_by_name(table: Profile) -> str | None:
    """The part that a file's name speaks for; gold first, as in gold_labels.csv."""
    said = {"gold": hints.GOLD_FILES, "annotations": hints.ANNOTATIONS, "items": hints.ITEM_FILES}
    return next((part for part, words in said.items() if table.words & words), None)


def two_of(part: str, one: Profile, other: Profile) -> InputError:
    """The error about two tables that would play one part, with the column to rename or the key to write.

    Args:
        part: The part.
        one: The first of them.
        other: The one after it.
    """
    if part == "items":
        votes, items = (one, other) if _repeats_more(one, other) else (other, one)
        shared = [name for name in votes.names if name in items.names]
        left = [name for name in votes.names if name not in shared]
        item = shared[0] if shared else "..."
        fix = (
            f"if {votes.shown} holds annotations, rename the column of who gave them ({_listed(left)}) to annotator, "
            f"or leave the file out and write `annotations: {{table: {votes.path}, item: {item}, annotator: ..., "
            "label: ...}` by hand"
        )
        if len(left) < 2:  # noqa: PLR2004 - the label, and who gave it
            fix = (
                f"{votes.shown} says nowhere who gave its labels: add that as a column annotator, or join them to "
                f"{items.shown} as a column label"
            )
    elif part == "annotations":
        fix = (
            f"if {other.shown} holds labels known to be right, call it gold{''.join(other.path.suffixes)} or write "
            f"`gold: {{table: {other.path}, item: ..., label: ...}}` by hand; if it holds items, `items: {{table: "
            f"{other.path}, id: ...}}`"
        )
    else:
        fix = f"leave one of them out, or write `{part}: {{table: ...}}` by hand"
    return InputError(
        "dq-pipeline init",
        found=f"{one.shown} and {other.shown}, which both look like {part}",
        expected="one table of each kind: items, annotations, gold, production",
        fix=f"{fix}; several files of one table go by a glob, as in 'folder/*.csv'",
    )


def _repeats_more(one: Profile, other: Profile) -> bool:
    """Whether the first has no column with an own value in each row, and the second has one."""
    told = [any(column.is_unique for column in table.columns) for table in (one, other)]
    return told == [False, True]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - TOLD:,} more" if len(names) > TOLD else ""
    return f"one of {', '.join(names[:TOLD])}{more}"
