"""A wide table, one row an item and one column an annotator, turned long in the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.duck import PLACE, literal, quoted
from dq_pipeline.tables.duck_files import open_files
from dq_pipeline.tables.roles import check_columns, text

if TYPE_CHECKING:
    from dq_pipeline.tables.formats.export import Export

ROLES = ("annotator", "label")
"""What the columns are turned into: their name, and what they hold."""


def open_wide(export: Export) -> Any:
    """One row an item and annotator; an empty cell is no annotation.

    Raises:
        InputError: A column that is not there, no annotator left, or a name that is taken.
    """
    kept = {column for role, column in export.roles.items() if role not in ROLES}
    listed: tuple[str, ...] = getattr(export.ref, "annotators", ())
    raw = open_files(
        export.connection, export.who, export.name, export.files, kept | set(listed), export.ref.delimiter
    )
    named = {f"annotators[{place}]": column for place, column in enumerate(listed)}
    check_columns(export.who, raw, {role: c for role, c in export.roles.items() if role not in ROLES} | named)
    others = tuple(column for column in raw.columns if column not in kept and column != PLACE)
    annotators = listed or others
    annotator, label = (export.roles[role] for role in ROLES)
    left = [column for column in raw.columns if column not in annotators and column != PLACE]
    taken = [column for column in left if column.lower() in {annotator.lower(), label.lower()}]
    if not annotators or taken:
        raise InputError(
            export.who,
            found=f"a column {taken[0]!r} beside the annotators'" if taken else "no column but the item's",
            expected="an item, and one column an annotator",
            fix="write `annotator: reader` and `label: finding`, what to call the columns made of the annotators'"
            if taken
            else "leave out `format: wide`, or name the annotators' columns in `annotators`",
        )
    texts = export.connection.compile(raw.mutate(**{column: text(raw[column]) for column in annotators}))
    cells = ", ".join(
        f"{{'place': {place}, 'who': {literal(column)}, 'said': w.{quoted(column)}}}"
        for place, column in enumerate(annotators)
    )
    beside = "".join(f", w.{quoted(column)}" for column in left)
    return export.connection.sql(
        f"SELECT w.{PLACE} * {len(annotators)} + c.cell.place AS {PLACE}{beside}, c.cell.who AS {quoted(annotator)}, "
        f"c.cell.said AS {quoted(label)} FROM ({texts}) AS w, unnest([{cells}]) AS c(cell) WHERE c.cell.said IS NOT NULL"
    )
