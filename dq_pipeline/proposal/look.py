"""A table opened to be looked at: a plain one by its ending, an export by how it begins."""

from __future__ import annotations

from dataclasses import replace
from shlex import quote
from typing import TYPE_CHECKING, Any

from dq_pipeline.proposal import hints
from dq_pipeline.proposal.profile import Profile, profile
from dq_pipeline.spec import InputError
from dq_pipeline.spec.roles import Annotations
from dq_pipeline.spec.table_ref import ROLES_OF_FORMATS, TableRef
from dq_pipeline.tables.duck_files import open_files
from dq_pipeline.tables.files import SUFFIXES, find_files
from dq_pipeline.tables.formats import Export, open_format
from dq_pipeline.tables.formats.told import told_format

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


def refuse_folders(paths: Sequence[Path]) -> None:
    """Refuse folders, and say the command that names the files in them.

    Raises:
        InputError: One of the paths is a folder.
    """
    folders = [path for path in paths if path.is_dir()]
    if not folders:
        return
    command = " ".join(quote(str(_files_in(path) if path in folders else path)) for path in paths)
    raise InputError(
        "dq-pipeline init",
        found=f"the folder{'' if len(folders) == 1 else 's'} {', '.join(map(str, folders))}",
        expected="files, or a glob for the files of one table",
        fix=f"dq-pipeline init {command}",
    )


def _files_in(folder: Path) -> Path:
    """The glob for a folder's tables, by the ending that most of them have."""
    for inside in ("*", "**/*"):
        endings = [
            ending
            for file in folder.glob(inside)
            if file.is_file() and (ending := _ending(file.name)) is not None
        ]
        if endings:
            return folder / f"{inside}{max(sorted(set(endings)), key=endings.count)}"
    return folder / "*.parquet"


def _ending(name: str) -> str | None:
    """The ending of a table's file, its compression with it; None of another file.

    >>> _ending("a.b.csv.gz"), _ending("a.parquet"), _ending("a.png")
    ('.csv.gz', '.parquet', None)
    """
    parts = name.lower().removesuffix(".gz").rpartition(".")
    stored = name[len(parts[0]) :]
    return stored if f".{parts[2]}" in {*SUFFIXES, ".json", ".xml"} and parts[0] else None


def is_export(table: Profile) -> bool:
    """Whether a table is a tool's export, whose columns its format makes."""
    return table.format is not None and table.format[0] in ROLES_OF_FORMATS


def look(
    connection: Any, path: Path, ask: Callable[[str, Sequence[str], str], str] | None, place: int = 0
) -> Profile:
    """A table's profile.

    Args:
        connection: The Ibis connection to DuckDB.
        path: The file.
        ask: Asked which of several labelling questions is meant; without it the first.
        place: Its place among those that are looked at on the connection; two may have one name.

    Raises:
        InputError: It cannot be read.
    """
    who = f"dq-pipeline init: {path}"
    files = find_files(who, path.name, path.parent)
    told = told_format(who, files[0])
    name = str(place)
    if told is None:
        seen = profile(
            connection, path, open_files(connection, who, f"init_{name}", files, set(), None), name
        )
        annotators = wide_annotators(seen)
        return _long(connection, who, seen, files, annotators, name) if annotators else seen
    ref = TableRef(table=path.name, format=told[0])
    roles = {role: role for role in ROLES_OF_FORMATS.get(told[0], ())}
    export = Export(connection, who, "annotations" if roles else f"init_{name}", ref, files, roles)
    try:
        raw = open_format(export)
    except InputError:
        if len(export.questions) < 2:  # noqa: PLR2004 - there is nothing to choose from
            raise
        questions = export.questions
        chosen = ask(f"Which question of {path.name}?", questions, questions[0]) if ask else questions[0]
        export = replace(export, roles=roles | {"label": chosen})
        raw = open_format(export)
        seen = profile(connection, path, raw, name)
        questions = (chosen, *(one for one in questions if one != chosen))
    else:
        seen, questions = profile(connection, path, raw, name), export.questions
    return replace(seen, format=told, questions=questions, gold=_gold(export) if roles else 0)


def _gold(export: Export) -> int:
    """How many labels an export marks as ground truth."""
    if export.ref.format != "label_studio":
        return 0
    roles = {role: export.roles[role] for role in ("item", "label")}
    try:
        return int(open_format(replace(export, name="gold", roles=roles)).count().to_pyarrow().as_py())
    except InputError:  # JSON-MIN does not tell it, and other exports have none
        return 0


def wide_annotators(table: Profile) -> tuple[str, ...]:
    """The annotators' columns of a table with one column an annotator, such as reader_1 and reader_2; none of others."""
    stems: dict[frozenset[str], list[str]] = {}
    for column in table.columns:
        stem = frozenset(word for word in column.words if not word.isdigit())
        if stem & hints.ANNOTATOR and stem != column.words and not column.nested:
            stems.setdefault(stem, []).append(column.name)
    found = next((tuple(names) for names in stems.values() if len(names) > 1), ())
    return found if found and _item(table, found) else ()


def _item(table: Profile, annotators: Sequence[str]) -> str:
    unique = [column for column in table.columns if column.is_unique and column.name not in annotators]
    named = [column for column in unique if column.words & hints.ITEM]
    return next((column.name for column in [*named, *unique]), "")


def _long(
    connection: Any, who: str, table: Profile, files: Sequence[Any], annotators: tuple[str, ...], name: str
) -> Profile:
    """The profile of a wide table turned long."""
    item = _item(table, annotators)
    ref = Annotations.model_validate(
        {"table": table.path.name, "format": "wide", "item": item, "annotators": annotators}
    )
    export = Export(connection, who, f"long_{name}", ref, files, ref.roles())
    seen = profile(connection, table.path, open_format(export), f"long_{name}")
    told = ("wide", f"one column an annotator, {len(annotators):,} of them")
    return replace(seen, format=told, questions=("label",), item=item, annotators=annotators)
