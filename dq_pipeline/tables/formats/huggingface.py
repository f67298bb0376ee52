"""Hugging Face datasets as Parquet: class labels by their names, and lists of annotators and labels one row each.

`Dataset.to_parquet` and the Hub write the features into the file's metadata under "huggingface"; a ClassLabel is stored as
the place of its name, and -1 where there is none (https://huggingface.co/docs/datasets/about_dataset_features).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.duck import PLACE, literal, quoted
from dq_pipeline.tables.duck_files import open_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dq_pipeline.tables.formats.export import Export


def open_huggingface(export: Export) -> Any:
    """The rows; where the annotators and labels of an item are lists, one row for each of them.

    Raises:
        InputError: It is no Parquet, or lists that go together are of unlike length.
    """
    raw = open_named(export)
    votes = {
        role: column
        for role, column in export.roles.items()
        if role != "item" and column in raw.columns and raw[column].type().is_array()
    }
    if not export.is_votes or "label" not in votes:
        return raw
    table = f"({export.connection.compile(raw)})"
    lengths = [f"len({quoted(column)})" for column in votes.values()]
    unlike = " OR ".join(f"{length} IS DISTINCT FROM {lengths[0]}" for length in lengths[1:]) or "false"
    wide, strange = export.connection.raw_sql(
        f"SELECT coalesce(max({lengths[0]}), 1), min({PLACE}) FILTER ({unlike}) FROM {table}"
    ).fetchone()
    if strange is not None:
        raise InputError(
            export.who,
            found=f"row {strange % (1 << 40):,} with lists of unlike length in {', '.join(votes.values())}",
            expected="an annotator for each label",
            fix="export the table again, or name the columns that go together",
        )
    return unnested(
        export, table, {column: quoted(column) for column in votes.values()}, raw.columns, int(wide)
    )


def unnested(
    export: Export,
    table: str,
    lists: Mapping[str, str],
    columns: Sequence[str],
    widest: int,
    where: str = "true",
) -> Any:
    """One row for each place in lists.

    Args:
        export: The export.
        table: What they are read from.
        lists: Column to make -> the list it is made of; the first tells how many there are.
        columns: The table's columns, of which those that are not made are kept.
        widest: The length of the longest list.
        where: A condition on the rows made.
    """
    made = ", ".join(f"t.{said}[p.place + 1] AS {quoted(column)}" for column, said in lists.items())
    kept = "".join(f", t.{quoted(c)}" for c in columns if c not in lists and c != PLACE)
    length = next(iter(lists.values()))
    return export.connection.sql(
        f"SELECT * FROM (SELECT t.{PLACE} * {max(widest, 1)} + p.place AS {PLACE}{kept}, {made} "
        f"FROM {table} AS t, unnest(range(len(t.{length}))) AS p(place)) WHERE {where}"
    )


def open_named(export: Export) -> Any:
    """The Parquet's rows with the names of class labels in place of their numbers.

    Raises:
        InputError: It is no Parquet.
    """
    raw = open_files(export.connection, export.who, export.name, export.files, set(), None)
    if export.files[0].suffix.lower() not in {".parquet", ".pq"}:
        raise InputError(
            export.who,
            found=f"{export.files[0].name}, no Parquet",
            expected="Parquet, as `dataset.to_parquet(...)` writes it",
            fix="write it so, or leave `format` out for a long CSV",
        )
    named = {column: names for column, names in _agreed(export).items() if column in raw.columns}
    if not named:
        return raw
    replaced = ", ".join(
        f"{_named(quoted(column), names, nested=raw[column].type().is_array())} AS {quoted(column)}"
        for column, names in named.items()
    )
    return export.connection.sql(f"SELECT * REPLACE ({replaced}) FROM ({export.connection.compile(raw)})")


def _named(column: str, names: Sequence[str], *, nested: bool) -> str:
    listed = "[" + ", ".join(literal(name) for name in names) + "]"
    place = "n" if nested else column
    name = (
        f"CASE WHEN {place} = -1 THEN NULL WHEN {place} BETWEEN 0 AND {len(names) - 1} "
        f"THEN {listed}[{place} + 1] ELSE {place}::VARCHAR END"
    )
    return f"list_transform({column}, lambda n: {name})" if nested else name


def _agreed(export: Export) -> dict[str, list[str]]:
    """Column -> names, of class labels and lists of them; the files of one glob agree or are refused.

    Raises:
        InputError: They do not.
    """
    found = [class_names(file) for file in export.files]
    for file, features in zip(export.files, found, strict=True):
        if features != found[0]:
            raise InputError(
                export.who,
                found=f"{file.name} and {export.files[0].name}, whose class labels have other names",
                expected="the same names in the same order: the files hold their numbers",
                fix="narrow the glob, or cast the files to the same features",
            )
    return found[0]


def class_names(file: Any) -> dict[str, list[str]]:
    """Column -> names of its class labels, as the Parquet's metadata tells them."""
    from pyarrow.parquet import read_schema

    with file.open("rb") as stream:
        written = (read_schema(stream).metadata or {}).get(b"huggingface")
    try:
        features = json.loads(written)["info"]["features"] if written else {}
    except (ValueError, KeyError, TypeError):
        features = {}
    inner = {column: _inner(feature) for column, feature in features.items()}
    return {
        column: [str(name) for name in feature["names"]]
        for column, feature in inner.items()
        if feature.get("_type") == "ClassLabel" and feature.get("names")
    }


def _inner(feature: Any) -> dict[str, Any]:
    """Of a list its elements' feature."""
    if isinstance(feature, list) and feature:
        feature = feature[0]
    elif isinstance(feature, dict) and isinstance(feature.get("feature"), dict):
        feature = feature["feature"]
    return feature if isinstance(feature, dict) else {}
