"""A table opened to be looked at: a plain one by its ending, an export by how it begins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dq_pipeline.proposal.profile import Profile, profile
from dq_pipeline.spec import InputError
from dq_pipeline.spec.roles import ROLES_OF_FORMATS, TableRef
from dq_pipeline.tables.duck import open_files
from dq_pipeline.tables.files import find_files
from dq_pipeline.tables.formats import Export, open_format
from dq_pipeline.tables.formats.told import told_format

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


def is_export(table: Profile) -> bool:
    """Whether a table is a tool's export, whose columns its format makes."""
    return table.format is not None and table.format[0] in ROLES_OF_FORMATS


def look(connection: Any, path: Path, ask: Callable[[str, Sequence[str], str], str] | None) -> Profile:
    """A table's profile.

    Args:
        connection: The Ibis connection to DuckDB.
        path: The file.
        ask: Asked which of several labelling questions is meant; without it the first.

    Raises:
        InputError: It cannot be read.
    """
    who = f"dq-pipeline init: {path}"
    files = find_files(who, path.name, path.parent)
    told = told_format(who, files[0])
    if told is None:
        return profile(connection, path, open_files(connection, who, f"init_{path.stem}", files, set(), None))
    ref = TableRef(table=path.name, format=told[0])
    roles = {role: role for role in ROLES_OF_FORMATS.get(told[0], ())}
    export = Export(connection, who, "annotations" if roles else f"init_{path.stem}", ref, files, roles)
    try:
        raw = open_format(export)
    except InputError:
        if len(export.questions) < 2:  # noqa: PLR2004 - there is nothing to choose from
            raise
        questions = export.questions
        chosen = ask(f"Which question of {path.name}?", questions, questions[0]) if ask else questions[0]
        export = replace(export, roles=roles | {"label": chosen})
        raw = open_format(export)
        seen = profile(connection, path, raw)
        return replace(seen, format=told, questions=(chosen, *(one for one in questions if one != chosen)))
    return replace(profile(connection, path, raw), format=told, questions=export.questions)
