"""From profiles to a proposal: which table is which, which column plays which role, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dq_pipeline.proposal import hints
from dq_pipeline.proposal.conditions import conditions
from dq_pipeline.proposal.labels import Scale, label_column, scale_of
from dq_pipeline.proposal.look import is_export, look
from dq_pipeline.spec import InputError
from dq_pipeline.spec.model import Engine
from dq_pipeline.tables.duck import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from dq_pipeline.proposal.profile import Column, Profile


@dataclass
class Section:
    """A table's section of the spec: each key's value with the reason for it.

    Attributes:
        profile: The table.
        keys: Key -> value and reason, in order.
        also: What else could be said, as comments.
    """

    profile: Profile
    keys: dict[str, tuple[Any, str]] = field(default_factory=dict)
    also: list[str] = field(default_factory=list)

    def column(self, key: str) -> str | None:
        """The column that plays a role."""
        return self.keys[key][0] if key in self.keys else None


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
    connection, spill = connect(Engine())
    try:
        seen = [look(connection, path, ask) for path in paths]
    finally:
        connection.disconnect()
        spill.close()
    tables = _parts(seen)
    sections: dict[str, Section] = {
        name: Section(tables[name])
        for name in ("items", "annotations", "gold", "production")
        if name in tables
    }
    label = _fill(sections, ask)
    return Proposal(_name(paths), sections, scale_of(label, ask) if label else None)


def _parts(seen: Sequence[Profile]) -> dict[str, Profile]:
    """Which table is which."""
    tables: dict[str, Profile] = {}
    for table in seen:
        part = _part(table, seen)
        if part in tables:
            raise InputError(
                "dq-pipeline init",
                found=f"{tables[part].path.name} and {table.path.name}, which both look like {part}",
                expected="one table of each kind: items, annotations, gold, production",
                fix=f"name one of them only, or several files of one table by a glob in the spec's `{part}: table`",
            )
        tables[part] = table
    return tables


def _part(table: Profile, seen: Sequence[Profile]) -> str:
    if is_export(table):
        return "annotations"
    others = [other for other in seen if other is not table]
    if table.words & hints.PRODUCTION and any(_alike(table, other) for other in others):
        return "production"
    annotator = _annotator(table)
    if annotator is not None and any(
        column.distinct < table.rows for column in table.columns if column is not annotator
    ):
        return "annotations"
    voted = [other for other in others if _annotator(other) is not None]
    joins = any(set(table.names) & set(other.names) for other in voted)
    labelled = any(column.words & hints.LABEL for column in table.columns)
    if voted and labelled and (table.words & hints.GOLD or (joins and len(table.columns) == 2)):  # noqa: PLR2004 - id and label
        return "gold"
    return "items"


def _alike(table: Profile, other: Profile) -> bool:
    return 2 * len(set(table.names) & set(other.names)) > len(table.names)


def _annotator(table: Profile) -> Column | None:
    some = [column for column in table.columns if 1 <= column.distinct < table.rows]
    named = [column for column in some if column.words & hints.ANNOTATOR]
    if not named and table.words & hints.ANNOTATIONS:
        named = [column for column in some if column.words & hints.PERSON]
    return named[0] if named else None


def _fill(sections: dict[str, Section], ask: Any) -> Column | None:
    """Give each section its roles; the label's column where there is one."""
    label: Column | None = None
    if "annotations" in sections:
        label = _annotations(sections["annotations"], sections, ask)
    if "items" in sections:
        produced = sections["production"].profile if "production" in sections else None
        own = _items(sections["items"], produced, ask, labelled="annotations" in sections)
        label = label or own
    if "gold" in sections:
        _gold(sections["gold"], sections["annotations"])
    if "production" in sections:
        time = _by(sections["production"].profile.columns, hints.TIME, lambda column: column.is_time)
        if time:
            sections["production"].keys["time"] = (time.name, "dates")
    return label


def _annotations(section: Section, sections: dict[str, Section], ask: Any) -> Column | None:
    table = section.profile
    if table.format is not None:
        section.keys["format"] = table.format
    if is_export(table):
        return of_export(section)
    annotator = _annotator(table)
    shared = {name for other in sections.values() if other is not section for name in other.profile.names}
    left = [column for column in table.columns if column is not annotator]
    joined = [column for column in left if column.name in shared and column.distinct < table.rows]
    item = max(joined or _with(left, hints.ITEM) or left, key=lambda column: column.distinct)
    why = "the tables share it" if item.name in shared else "its name, and one value stands in several rows"
    section.keys["item"] = (item.name, why)
    if annotator is not None:
        section.keys["annotator"] = (annotator.name, f"its name; {annotator.distinct:,} of them")
    left = [column for column in left if column is not item]
    label = label_column(left, ask, table.path.name)
    if label is not None:
        section.keys["label"] = (label.name, label_reason(label))
        left = [column for column in left if column is not label]
    else:
        section.also.append(
            f"label: which of {', '.join(column.name for column in left) or 'no columns left'}?"
        )
    _take(section, left, "time", hints.TIME, lambda column: column.is_time, "dates")
    _take(section, left, "seconds", hints.SECONDS, lambda column: column.is_number, "its name, and numbers")
    _take(
        section, left, "guideline", hints.GUIDELINE, lambda column: column.distinct < table.rows, "its name"
    )
    return label


def of_export(section: Section) -> Column:
    """The label of a tool's export: its one question, or the one of several that was chosen."""
    table = section.profile
    chosen = "label" if "label" in table.names else table.questions[0]
    if chosen != "label":
        section.keys["label"] = (chosen, f"one of its questions: {', '.join(table.questions)}")
    section.also.append("item, annotator and label are columns that the format makes")
    return table[chosen]


def _items(section: Section, produced: Profile | None, ask: Any, *, labelled: bool) -> Column | None:
    table = section.profile
    if table.format is not None:
        section.keys["format"] = table.format
    left = [column for column in table.columns if not column.nested]
    unique = [column for column in left if column.is_unique and not column.is_time]
    ids = _with(unique, hints.ITEM)
    if ids:
        section.keys["id"] = (ids[0].name, "its name, and each row has its own")
        left.remove(ids[0])
    else:
        section.also.append("id: no column has a value of its own in each row; a row's place is its id")
    _take(section, left, "source", hints.SOURCE, _repeats, "its name; {distinct} of them")
    _take(section, left, "group", hints.GROUP, _repeats, "its name, and items share it")
    sides = _by(left, hints.SPLIT, _is_split) or next((column for column in left if _is_split(column)), None)
    if sides is not None:
        section.keys["split"] = (sides.name, "its values")
        left.remove(sides)
    label = None
    if not labelled:
        extra = [column for column in left if produced is not None and column.name not in produced.names]
        candidates = [column for column in extra if 1 < column.distinct < table.rows] or left
        label = label_column(candidates, ask, table.path.name)
        if label is not None:
            why = "production does not have it" if label in extra else label_reason(label)
            section.keys["label"] = (label.name, why)
            left.remove(label)
    _take(section, left, "time", hints.TIME, lambda column: column.is_time, "dates")
    chosen, further = conditions(left, produced)
    if chosen:
        section.keys["conditions"] = (chosen, "few values, or numbers in four bins of like size")
    if further:
        section.also.append(f"conditions too, if they matter: {', '.join(further)}")
    return label


def _gold(section: Section, annotations: Section) -> None:
    table = section.profile
    item = annotations.column("item")
    there = item if item in table.names else max(table.columns, key=lambda column: column.distinct).name
    section.keys["item"] = (there, "the tables share it" if there == item else "each row has its own")
    left = [column for column in table.columns if column.name != there]
    label = annotations.column("label")
    found = (
        label if label in table.names else next(iter([*_with(left, hints.LABEL | hints.GOLD), *left])).name
    )
    section.keys["label"] = (found, "the tables share it" if found == label else "its name")


def label_reason(column: Column) -> str:
    """Why a column was taken for the label."""
    return (
        f"its name; {column.distinct:,} values"
        if column.words & hints.LABEL
        else f"{column.distinct:,} values"
    )


def _is_split(column: Column) -> bool:
    return bool(column.values) and all(value.lower() in hints.SIDES for value, _ in column.values)


def _repeats(column: Column) -> bool:
    return 1 < column.distinct < column.filled


def _take(
    section: Section,
    left: list[Column],
    role: str,
    words: frozenset[str],
    fits: Callable[[Column], bool],
    why: str,
) -> None:
    found = _by(left, words, fits)
    if found is not None:
        section.keys[role] = (found.name, why.format(distinct=f"{found.distinct:,}"))
        left.remove(found)


def _by(columns: Iterable[Column], words: frozenset[str], fits: Callable[[Column], bool]) -> Column | None:
    return next((column for column in _with(columns, words) if fits(column)), None)


def _with(columns: Iterable[Column], words: frozenset[str]) -> list[Column]:
    return [column for column in columns if column.words & words]


def _name(paths: Sequence[Path]) -> str:
    """The folder's name, where it is one; else the first file's."""
    folder = paths[0].resolve().parent.name
    general = {"data", "tables", "csv", "parquet", "tmp", "downloads", "desktop", ""}
    name = paths[0].name.partition(".")[0] if folder.lower() in general else folder
    return re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "my_dataset"
