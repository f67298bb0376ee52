"""From profiles to a proposal: which table is which, which column plays which role, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from os.path import commonpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq_pipeline.proposal import hints
from dq_pipeline.proposal.items import items_section
from dq_pipeline.proposal.joins import are_votes, joined, named_by, one_each, tells_rows_apart, voted_item
from dq_pipeline.proposal.labels import Scale, count, label_column, scale_of
from dq_pipeline.proposal.look import is_export, look, refuse_folders
from dq_pipeline.proposal.names import part_by_name, two_of
from dq_pipeline.proposal.section import Section, called, label_reason, repeats, take, take_time
from dq_pipeline.spec import InputError
from dq_pipeline.spec.model import Engine
from dq_pipeline.tables.duck import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dq_pipeline.proposal.profile import Column, Profile


_NO_ANNOTATOR = frozenset().union(
    *(hints.LABEL, hints.LIKELY_LABEL, hints.TIME, hints.SECONDS, hints.GUIDELINE, hints.GROUP),
    *(hints.SOURCE, hints.CONDITION, hints.COUNTED, hints.SPLIT, hints.TEXT),
)


@dataclass
class Proposal:
    """A spec that was guessed.

    Attributes:
        dataset: Its name.
        sections: Name of the table -> its section.
        labels: The labels' scale.
    """

    dataset: str
    sections: dict[str, Section]
    labels: Scale | None


def propose(paths: Sequence[Path], ask: Callable[[str, Sequence[str], str], str] | None = None) -> Proposal:
    """Look at tables and guess a spec of them.

    Args:
        paths: Files, one a table.
        ask: Asked what cannot be told (the question, the choices, the guess); without it the guess stands.

    Raises:
        InputError: A file that cannot be read, or two that would play one part.
    """
    refuse_folders(paths)
    connection, spill = connect(Engine())
    try:
        tables = _parts([look(connection, path, ask, place) for place, path in enumerate(paths)])
        sections: dict[str, Section] = {
            name: Section(tables[name])
            for name in ("items", "annotations", "gold", "production")
            if name in tables
        }
        label = _fill(sections, ask)
    finally:
        connection.disconnect()
        spill.close()
    return Proposal(_name(paths), sections, scale_of(label, ask) if label else None)


def _parts(seen: Sequence[Profile]) -> dict[str, Profile]:
    """Which table is which: by their columns, and by their files' names where those leave two for one part."""
    parts = [_part(table, seen) for table in seen]
    names = [part_by_name(table) for table in seen]
    for free in ("gold", "items"):
        for place, name in enumerate(names):
            # Gold is of annotations here.
            may = name == free and free not in parts and (free != "gold" or "annotations" in parts)
            if may and parts.count(parts[place]) > 1:
                parts[place] = free
    tables: dict[str, Profile] = {}
    for table, part in zip(seen, parts, strict=True):
        if part in tables:
            raise two_of(part, tables[part], table)
        tables[part] = table
    return tables


def _part(table: Profile, seen: Sequence[Profile]) -> str:
    if is_export(table):
        return "annotations"
    others = [other for other in seen if other is not table]
    if table.words & hints.PRODUCTION and any(_alike(table, other) for other in others):
        return "production"
    if _has_votes(table, others):
        return "annotations"
    voted = [
        other
        for other in others
        if is_export(other) or _has_votes(other, [one for one in seen if one is not other])
    ]
    two = len(table.columns) == 2  # noqa: PLR2004 - id and label
    joins = two and any(set(table.names) & set(other.names) or named_by(table, other) for other in voted)
    called_gold = bool(table.words & hints.GOLD)
    labels = hints.LABEL | hints.LIKELY_LABEL if called_gold else hints.LABEL
    labelled = any(column.words & labels for column in table.columns) or (
        called_gold and any(len(set(table.names) & set(other.names)) > 1 for other in voted)
    )
    if voted and labelled and (called_gold or joins):
        return "gold"
    return "items"


def _alike(table: Profile, other: Profile) -> bool:
    return 2 * len(set(table.names) & set(other.names)) > len(table.names)


def _has_votes(table: Profile, others: Sequence[Profile]) -> bool:
    """Whether each row says what an annotator says of an item."""
    annotator = _annotator(table)
    if annotator is None:
        return _voter(table, others) is not None
    left = [column for column in table.columns if column is not annotator]
    return any(column.distinct < table.rows for column in left) or all(
        called(left, said) for said in (hints.ITEM, hints.LABEL)
    )


def _annotator(table: Profile) -> Column | None:
    named = [
        column
        for column in table.columns
        if column.words & hints.ANNOTATOR and not column.words & hints.GROUP and not column.nested
    ]
    some = [column for column in table.columns if 1 <= column.distinct < table.rows]
    if not named and table.words & hints.ANNOTATIONS:
        named = [column for column in some if column.words & hints.PERSON]
    return min(named, key=lambda column: len(column.words), default=None)


def _voter(table: Profile, others: Sequence[Profile]) -> Column | None:
    """A person's column that is the annotator's, though only the rows say so: each names an item once, and a label of it.

    Where the file's name says that it holds votes, any column will do that tells those on one item apart.
    """
    persons = [
        column for column in called(table.columns, hints.PERSON) if repeats(column) and not column.nested
    ]
    votes = bool(table.words & hints.ANNOTATIONS)
    item = voted_item(table, others) if persons or votes else None
    if item is None:
        return None
    left = [column for column in table.columns if column is not item and repeats(column)]
    voters = [
        person
        for person in persons
        if called([column for column in left if column is not person], hints.LABEL | hints.LIKELY_LABEL)
        and person is not item
        and are_votes(table, item, person)
    ]
    if votes and not voters:
        return _apart(table, item)
    return min(voters, key=lambda column: len(column.words), default=None)


def _apart(table: Profile, item: Column) -> Column | None:
    """The column of fewest values that tells the votes on an item apart, texts before numbers; None without one."""
    fits = [
        column
        for column in table.columns
        if column is not item
        and repeats(column)
        and not (column.nested or column.is_time or tells_rows_apart(column))
        and not column.words & _NO_ANNOTATOR
        and (not column.is_number or column.is_whole)
    ]
    fits.sort(key=lambda column: (column.is_number, column.distinct))
    return next((column for column in fits if are_votes(table, item, column)), None)


def _fill(sections: dict[str, Section], ask: Any) -> Column | None:
    """Give each section its roles; the label's column where there is one."""
    label: Column | None = None
    if "annotations" in sections:
        label = _annotations(sections["annotations"], sections, ask)
    if "items" in sections:
        produced = sections["production"].profile if "production" in sections else None
        own = items_section(sections["items"], produced, ask, sections.get("annotations"))
        label = label or own
    if "gold" in sections:
        _gold(sections["gold"], sections["annotations"])
    elif "annotations" in sections and sections["annotations"].profile.gold:
        sections["gold"] = _starred(sections["annotations"])
    if "production" in sections:
        take_time(sections["production"], list(sections["production"].profile.columns))
    return label


def _annotations(section: Section, sections: dict[str, Section], ask: Any) -> Column | None:
    table = section.profile
    if table.format is not None:
        section.keys["format"] = table.format
    if is_export(table):
        found = joined(table, sections["items"].profile) if "items" in sections else None
        if found is not None and found[0].name in {"item", table.item}:
            section.joins = found[1]
        return of_export(section)
    others = [other.profile for other in sections.values() if other is not section]
    annotator = _annotator(table) or _voter(table, others)
    left = [column for column in table.columns if column is not annotator and not column.nested]
    _refuse_fewer_than(2, left, table, "the item and the label")
    item, why = _voted(section, sections, left)
    section.keys["item"] = (item.name, why)
    if annotator is not None:
        named = annotator.words & (hints.ANNOTATOR | hints.PERSON)
        why = "its name" if named else "each stands once with an item"
        section.keys["annotator"] = (annotator.name, f"{why}; {annotator.distinct:,} of them")
    left = [column for column in left if column is not item]
    shared = _label_of_gold(left, sections)
    label = shared or label_column(left, ask, table.path.name, must=True)
    if label is not None:
        why = label_reason(label) if shared is None else f"gold has it too; {count(label)}"
        section.keys["label"] = (label.name, why)
        left = [column for column in left if column is not label]
    if annotator is not None:
        take(
            section,
            left,
            "annotator_group",
            hints.ANNOTATOR_GROUP,
            lambda column: one_each(table, annotator, column),
            "its name, and each annotator has one; {distinct} of them",
        )
    take_time(section, left)
    take(section, left, "seconds", hints.SECONDS, lambda column: column.is_number, "its name, and numbers")
    take(section, left, "guideline", hints.GUIDELINE, lambda column: column.distinct < table.rows, "its name")
    return label


def _label_of_gold(left: Sequence[Column], sections: dict[str, Section]) -> Column | None:
    """The label where gold tells it: the one column that both have and that gold says of an item."""
    if "gold" not in sections:
        return None
    names = sections["gold"].profile.names
    both = [column for column in left if column.name in names and repeats(column) and not column.is_time]
    said = called(both, hints.LABEL) or called(both, hints.LIKELY_LABEL)
    if not said and len(names) == 2:  # noqa: PLR2004 - the item and its label
        said = both
    return said[0] if len(said) == 1 else None


def _voted(section: Section, sections: dict[str, Section], left: Sequence[Column]) -> tuple[Column, str]:
    """The item's column of annotations and why: one that the tables share, one whose values they name, else by its name."""
    table = section.profile
    others = {name: other.profile for name, other in sections.items() if other is not section}
    shared = {name for other in others.values() for name in other.names}
    fits = [column for column in left if not column.words <= hints.LABEL] or left
    both = [column for column in fits if column.name in shared and column.distinct < table.rows]
    if not any(_tells_apart(other, column.name) for column in both for other in others.values()):
        found = joined(table, others["items"]) if "items" in others else None
        if found is not None and found[0] in left:
            section.joins = found[1]
            return found[0], f"its values stand in {found[1].name} of {others['items'].path.name}"
        known = named_by(others["gold"], table) if "gold" in others else None
        if known is not None and known in left:
            return known, f"its values stand in {others['gold'].path.name}"
    item = max(both or called(left, hints.ITEM) or fits, key=lambda column: column.distinct)
    why = "the tables share it" if item.name in shared else "its name, and one value stands in several rows"
    return item, why


def _tells_apart(table: Profile, name: str) -> bool:
    return name in table.names and tells_rows_apart(table[name])


def of_export(section: Section) -> Column:
    """The label of a tool's export: its one question, or the one of several that was chosen."""
    table = section.profile
    chosen = "label" if "label" in table.names else table.questions[0]
    if chosen != "label":
        section.keys["label"] = (chosen, f"one of its questions: {', '.join(table.questions)}")
    if table.annotators:
        section.keys["item"] = (table.item, "each row has its own")
        section.keys["annotators"] = (list(table.annotators), "their names, alike but for the number")
        section.also.append("annotator and label are columns that the format makes")
    else:
        section.also.append("item, annotator and label are columns that the format makes")
    return table[chosen]


def _refuse_fewer_than(least: int, columns: Sequence[Column], table: Profile, what: str) -> None:
    if len(columns) >= least:
        return
    there = ", ".join(table.names)
    raise InputError(
        f"dq-pipeline init: {table.path}",
        found=f"the columns {there}" if len(table.names) > 1 else f"one column, {there}",
        expected=f"columns for {what}",
        fix="export the table with them, or leave it out",
    )


def _gold(section: Section, annotations: Section) -> None:
    table = section.profile
    _refuse_fewer_than(2, table.columns, table, "the item and its label")
    item = annotations.column("item")
    there = item if item in table.names else max(table.columns, key=lambda column: column.distinct).name
    section.keys["item"] = (there, "the tables share it" if there == item else "each row has its own")
    left = [column for column in table.columns if column.name != there]
    label = annotations.column("label")
    found = (
        label if label in table.names else next(iter([*called(left, hints.LABEL | hints.GOLD), *left])).name
    )
    section.keys["label"] = (found, "the tables share it" if found == label else "its name")


def _starred(annotations: Section) -> Section:
    """The gold that lies in an export of annotations."""
    table = annotations.profile
    section = Section(replace(table, rows=table.gold), also=["those that are marked as ground truth"])
    section.keys = {key: said for key, said in annotations.keys.items() if key in {"format", "label"}}
    return section


def _name(paths: Sequence[Path]) -> str:
    """The name of the folder that holds them all, where it says something; else the first file's."""
    folder = Path(commonpath([path.resolve().parent for path in paths])).name
    general = {"data", "tables", "csv", "parquet", "tmp", "downloads", "desktop", ""}
    name = paths[0].name.partition(".")[0] if folder.lower() in general else folder
    return re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "my_dataset"
