"""The section of the items: their id and label, where they came from, what they are and their circumstances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.proposal import hints
from dq_pipeline.proposal.conditions import FEW_VALUES, conditions
from dq_pipeline.proposal.labels import label_column
from dq_pipeline.proposal.profile import FEW
from dq_pipeline.proposal.profile import words as words_of
from dq_pipeline.proposal.section import called, first_of, label_reason, repeats, take, take_time
from dq_pipeline.spec import InputError
from dq_pipeline.spec.roles import MISSING_VALUES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.proposal.profile import Column, Profile
    from dq_pipeline.proposal.section import Section

TOLD = 20
"""Columns that a comment lists."""
CHECKSUM = 32
"""Hexadecimal digits of the shortest checksum, MD5's."""
SENTENCE = 15
"""Characters that texts have on average, at least; names have fewer."""
NAMED = 5
"""Texts that a comment lists."""


def items_section(
    section: Section, produced: Profile | None, ask: Any, annotations: Section | None
) -> Column | None:
    """Give the items' section its roles; the label's column where the items carry it.

    Args:
        section: To fill.
        produced: The production table, where there is one.
        ask: Asked which column is the label; None where nobody can be.
        annotations: The section of the annotations, which carry the label then.
    """
    table = section.profile
    if table.format is not None:
        section.keys["format"] = table.format
    left = [column for column in table.columns if not column.nested]
    found = _id_of(table, left, annotations)
    if found is not None:
        section.keys["id"] = (found[0].name, found[1])
        left.remove(found[0])
        _tell_of_parts(section, found[0], left, annotations)
    else:
        section.also.append("id: no column has a value of its own in each row; a row's place is its id")
    _origin(section, left)
    _content(section, left)
    sides = first_of(left, hints.SPLIT, _is_split) or next(
        (column for column in left if _is_split(column)), None
    )
    if sides is not None:
        section.keys["split"] = (sides.name, "its values")
        left.remove(sides)
    label = None
    if annotations is None:
        extra = [column for column in left if produced is not None and column.name not in produced.names]
        candidates = [column for column in extra if 1 < column.distinct < table.rows] or left
        label = label_column(candidates, ask, table.path.name)
        if label is not None:
            why = "production does not have it" if label in extra else label_reason(label)
            section.keys["label"] = (label.name, why)
            left.remove(label)
    take_time(section, left, whatever_name=True)
    if label is None and annotations is None:
        _tell_of_labels(section, left)
    _conditions(section, left, produced)
    return label


def _origin(section: Section, left: list[Column]) -> None:
    """Where items came from and which belong together: columns that are called so, else those that likely are."""
    for words, why in ((hints.SOURCE, "its name"), (hints.LIKELY_SOURCE, "its name may say so")):
        if "source" not in section.keys:
            take(section, left, "source", words, repeats, why + "; {distinct} of them")
    take(section, left, "group", hints.GROUP, repeats, "its name, and items share it")
    if "group" not in section.keys:
        take(section, left, "group", hints.LIKELY_GROUP, _groups, "its name may say so, and items share it")


def _groups(column: Column) -> bool:
    """Whether a column is called nothing but a group, or holds more of them than a condition has values."""
    plain = column.words <= hints.LIKELY_GROUP | hints.TOLD_BY
    return repeats(column) and (plain or column.distinct > FEW_VALUES)


def _tell_of_parts(
    section: Section, key: Column, left: Sequence[Column], annotations: Section | None
) -> None:
    """That an id stands in many rows, as where a document and a place in it name the item together."""
    table = section.profile
    if annotations is None or 2 * key.distinct > table.rows:
        return
    both = [column.name for column in left if column.name in annotations.profile.names]
    parts = f", such as {key.name} and {both[0]}," if both else ""
    section.also.append(
        f"id: {key.name} has {key.distinct:,} values in {table.rows:,} rows; where several columns{parts} name an item "
        "together, export them joined, as one column of each table"
    )


def _tell_of_labels(section: Section, left: Sequence[Column]) -> None:
    """The columns that could be the label, where no name says that one is."""
    could = [column.name for column in left if 1 < column.distinct <= FEW and not column.is_time]
    if could:
        more = f" and {len(could) - TOLD:,} more" if len(could) > TOLD else ""
        section.also.append(
            f"label: if the items are labelled already, one of {', '.join(could[:TOLD])}{more}"
        )


def _conditions(section: Section, left: Sequence[Column], produced: Profile | None) -> None:
    chosen, further = conditions(left, produced)
    if chosen:
        section.keys["conditions"] = (chosen, "few values, or numbers in four bins of like size")
    if further:
        rest = f" and {len(further) - TOLD:,} more" if len(further) > TOLD else ""
        section.also.append(f"conditions too, if they matter: {', '.join(further[:TOLD])}{rest}")
    circumstances = [one if isinstance(one, str) else one["column"] for one in chosen]
    told = _taken_for_missing(section.profile, [section.column("source"), *circumstances])
    if told:
        section.also.append(f'missing_values: [""] keeps as values what else is read as missing: {told}')


def _content(section: Section, left: list[Column]) -> None:
    """What an item is: its hash and the checksum of its file, else its text where that is all there is."""
    twice = "equal ones are one item twice"
    take(
        section,
        left,
        "hash",
        hints.PERCEPTUAL,
        lambda column: column.is_hexadecimal,
        "its name, and hexadecimal",
    )
    take(section, left, "content", hints.CHECKSUM, _is_checksum, f"its name, and hexadecimal: {twice}")
    if {"hash", "content"} & section.keys.keys() or section.profile.column_words & hints.PICTURE:
        return
    take(section, left, "content", hints.TEXT, _is_text, f"its name, and long texts: {twice}")


def _is_checksum(column: Column) -> bool:
    return column.is_hexadecimal and column.length >= CHECKSUM


def _is_text(column: Column) -> bool:
    return column.length >= SENTENCE and column.distinct > FEW and not column.is_number


def _taken_for_missing(table: Profile, names: Sequence[str | None]) -> str:
    """The texts of a source and conditions that are read as missing, and where they stand; empty without any."""
    texts = [
        f"{value!r} in {column.name} ({rows:,} rows)"
        for column in table.columns
        if column.name in names
        for value, rows in column.values
        if value.strip().casefold() in MISSING_VALUES
    ]
    more = f" and {len(texts) - NAMED:,} more" if len(texts) > NAMED else ""
    return f"{', '.join(texts[:NAMED])}{more}" if texts else ""


def _id_of(table: Profile, left: Sequence[Column], annotations: Section | None) -> tuple[Column, str] | None:
    """The items' id and why: what the annotations call it, else a name that says so, else what stands first."""
    unique = [column for column in left if column.is_unique and not column.is_time]
    ids = called(unique, hints.ITEM)
    if annotations is not None:
        item = annotations.column("item") or "item"
        if annotations.joins is not None and annotations.joins in left:
            return annotations.joins, f"the values of {item} in {annotations.profile.path.name} stand in it"
        shared = [column for column in left if column.name == item]
        if shared:
            return shared[0], "the tables share it"
        common = sorted(ids or unique, key=lambda column: -len(column.words & words_of(item)))
        if not common:
            raise InputError(
                f"dq-pipeline init: {table.path}",
                found=f"no column {item!r}, nor another with an own value in each row",
                expected="the items' ids, which the annotations name",
                fix=f"add them as a column {item!r}, or leave out {table.path.name}",
            )
        return common[0], "each row has its own"
    if ids:
        return ids[0], "its name, and each row has its own"
    if unique and unique[0] is table.columns[0] and table.rows > 1 and _is_a_key(unique[0]):
        return unique[0], "it stands first, and each row has its own"
    return None


def _is_a_key(column: Column) -> bool:
    return not column.is_number or column.is_whole


def _is_split(column: Column) -> bool:
    return bool(column.values) and all(value.lower() in hints.SIDES for value, _ in column.values)
