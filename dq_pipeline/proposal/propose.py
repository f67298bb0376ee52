"""From profiles to a proposal: which table is which, which column plays which role, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dq_pipeline.proposal import hints
from dq_pipeline.proposal.conditions import conditions
from dq_pipeline.proposal.labels import Scale, count, label_column, scale_of
from dq_pipeline.proposal.look import is_export, look
from dq_pipeline.proposal.profile import FEW
from dq_pipeline.proposal.profile import words as words_of
from dq_pipeline.spec import InputError
from dq_pipeline.spec.model import Engine
from dq_pipeline.spec.roles import MISSING_VALUES
from dq_pipeline.tables.duck import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from dq_pipeline.proposal.profile import Column, Profile

TOLD = 20
"""Columns that a comment lists."""
CHECKSUM = 32
"""Hexadecimal digits of the shortest checksum, MD5's."""
SENTENCE = 15
"""Characters that texts have on average, at least; names have fewer."""
NAMED = 5
"""Texts that a comment lists."""


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
    if _has_votes(table):
        return "annotations"
    voted = [other for other in others if is_export(other) or _has_votes(other)]
    joins = any(set(table.names) & set(other.names) for other in voted)
    labelled = any(column.words & hints.LABEL for column in table.columns)
    if voted and labelled and (table.words & hints.GOLD or (joins and len(table.columns) == 2)):  # noqa: PLR2004 - id and label
        return "gold"
    return "items"


def _alike(table: Profile, other: Profile) -> bool:
    return 2 * len(set(table.names) & set(other.names)) > len(table.names)


def _has_votes(table: Profile) -> bool:
    """Whether each row says what an annotator says of an item."""
    annotator = _annotator(table)
    left = [column for column in table.columns if column is not annotator]
    return annotator is not None and (
        any(column.distinct < table.rows for column in left)
        or all(_with(left, said) for said in (hints.ITEM, hints.LABEL))
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


def _fill(sections: dict[str, Section], ask: Any) -> Column | None:
    """Give each section its roles; the label's column where there is one."""
    label: Column | None = None
    if "annotations" in sections:
        label = _annotations(sections["annotations"], sections, ask)
    if "items" in sections:
        produced = sections["production"].profile if "production" in sections else None
        own = _items(sections["items"], produced, ask, sections.get("annotations"))
        label = label or own
    if "gold" in sections:
        _gold(sections["gold"], sections["annotations"])
    elif "annotations" in sections and sections["annotations"].profile.gold:
        sections["gold"] = _starred(sections["annotations"])
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
    left = [column for column in table.columns if column is not annotator and not column.nested]
    _refuse_fewer_than(2, left, table, "the item and the label")
    joined = [column for column in left if column.name in shared and column.distinct < table.rows]
    others = [column for column in left if not column.words <= hints.LABEL] or left
    item = max(joined or _with(left, hints.ITEM) or others, key=lambda column: column.distinct)
    why = "the tables share it" if item.name in shared else "its name, and one value stands in several rows"
    section.keys["item"] = (item.name, why)
    if annotator is not None:
        section.keys["annotator"] = (annotator.name, f"its name; {annotator.distinct:,} of them")
    left = [column for column in left if column is not item]
    label = label_column(left, ask, table.path.name, must=True)
    if label is not None:
        section.keys["label"] = (label.name, label_reason(label))
        left = [column for column in left if column is not label]
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


def _items(
    section: Section, produced: Profile | None, ask: Any, annotations: Section | None
) -> Column | None:
    table = section.profile
    if table.format is not None:
        section.keys["format"] = table.format
    left = [column for column in table.columns if not column.nested]
    found = _id_of(table, left, annotations)
    if found is not None:
        section.keys["id"] = (found[0].name, found[1])
        left.remove(found[0])
    else:
        section.also.append("id: no column has a value of its own in each row; a row's place is its id")
    _origin(section, left)
    _content(section, left)
    sides = _by(left, hints.SPLIT, _is_split) or next((column for column in left if _is_split(column)), None)
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
    _take(section, left, "time", hints.TIME, lambda column: column.is_time, "dates")
    if "time" not in section.keys:
        _take(section, left, "time", None, lambda column: column.is_time, "dates")
    if label is None and annotations is None:
        _tell_of_labels(section, left)
    _conditions(section, left, produced)
    return label


def _origin(section: Section, left: list[Column]) -> None:
    """Where items came from and which belong together: columns that are called so, else those that likely are."""
    for words, why in ((hints.SOURCE, "its name"), (hints.LIKELY_SOURCE, "its name may say so")):
        if "source" not in section.keys:
            _take(section, left, "source", words, _repeats, why + "; {distinct} of them")
    for words, why in ((hints.GROUP, "its name"), (hints.LIKELY_GROUP, "its name may say so")):
        if "group" not in section.keys:
            _take(section, left, "group", words, _repeats, f"{why}, and items share it")


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
    _take(
        section,
        left,
        "hash",
        hints.PERCEPTUAL,
        lambda column: column.is_hexadecimal,
        "its name, and hexadecimal",
    )
    _take(section, left, "content", hints.CHECKSUM, _is_checksum, f"its name, and hexadecimal: {twice}")
    if {"hash", "content"} & section.keys.keys() or section.profile.column_words & hints.PICTURE:
        return
    _take(section, left, "content", hints.TEXT, _is_text, f"its name, and long texts: {twice}")


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
    ids = _with(unique, hints.ITEM)
    if annotations is not None:
        item = annotations.column("item") or "item"
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


def _gold(section: Section, annotations: Section) -> None:
    table = section.profile
    _refuse_fewer_than(2, table.columns, table, "the item and its label")
    item = annotations.column("item")
    there = item if item in table.names else max(table.columns, key=lambda column: column.distinct).name
    section.keys["item"] = (there, "the tables share it" if there == item else "each row has its own")
    left = [column for column in table.columns if column.name != there]
    label = annotations.column("label")
    found = (
        label if label in table.names else next(iter([*_with(left, hints.LABEL | hints.GOLD), *left])).name
    )
    section.keys["label"] = (found, "the tables share it" if found == label else "its name")


def _starred(annotations: Section) -> Section:
    """The gold that lies in an export of annotations."""
    table = annotations.profile
    section = Section(replace(table, rows=table.gold), also=["those that are marked as ground truth"])
    section.keys = {key: said for key, said in annotations.keys.items() if key in {"format", "label"}}
    return section


def label_reason(column: Column) -> str:
    """Why a column was taken for the label."""
    if column.words & hints.LABEL:
        return f"its name; {count(column)}"
    return f"its name may say so; {count(column)}" if column.words & hints.LIKELY_LABEL else count(column)


def _is_split(column: Column) -> bool:
    return bool(column.values) and all(value.lower() in hints.SIDES for value, _ in column.values)


def _repeats(column: Column) -> bool:
    return 1 < column.distinct < column.filled


def _take(
    section: Section,
    left: list[Column],
    role: str,
    said: frozenset[str] | None,
    fits: Callable[[Column], bool],
    why: str,
) -> None:
    found = _by(left, said, fits)
    if found is not None:
        section.keys[role] = (found.name, why.format(distinct=f"{found.distinct:,}"))
        left.remove(found)


def _by(
    columns: Iterable[Column], words: frozenset[str] | None, fits: Callable[[Column], bool]
) -> Column | None:
    """The first that fits, of those whose names hold one of the words; of all without words."""
    named = columns if words is None else _with(columns, words)
    return next((column for column in named if fits(column)), None)


def _with(columns: Iterable[Column], words: frozenset[str]) -> list[Column]:
    return [column for column in columns if column.words & words]


def _name(paths: Sequence[Path]) -> str:
    """The folder's name, where it is one; else the first file's."""
    folder = paths[0].resolve().parent.name
    general = {"data", "tables", "csv", "parquet", "tmp", "downloads", "desktop", ""}
    name = paths[0].name.partition(".")[0] if folder.lower() in general else folder
    return re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "my_dataset"
