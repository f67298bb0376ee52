"""Argilla's records as a Hugging Face dataset in Parquet.

Argilla 2 (`dataset.records.to_datasets().to_parquet(...)`) has for each question the lists `<question>.responses`,
`.responses.users` and `.responses.status`; Argilla 1's FeedbackDataset a record with the lists user_id, value and status.
Submitted responses count; drafts and discarded ones are nobody's vote, and suggestions are a model's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.duck import PLACE, literal, quoted
from dq_pipeline.tables.formats.export import JOINED
from dq_pipeline.tables.formats.huggingface import open_named, unnested

if TYPE_CHECKING:
    from dq_pipeline.tables.formats.export import Export

_RESPONSES = ".responses"
_IDS = ("id", "external_id", "_server_id")


@dataclass(frozen=True)
class _Question:
    """Where a question's responses lie: expressions that are lists, and the type of an answer."""

    users: str
    values: str
    status: str
    kind: Any


def open_argilla(export: Export) -> Any:
    """One row a submitted response; as items, one row a record.

    Raises:
        InputError: It has no responses, several questions of which the spec names none, or answers that are no labels.
    """
    raw = open_named(export)
    named = next((column for column in _IDS if column in raw.columns), None)
    if "item" not in raw.columns and named is not None:
        raw = raw.mutate(item=raw[named])
    if not export.is_votes:
        return raw
    asked = export.roles["label"]
    questions = _questions(raw)
    if not questions:
        raise InputError(
            export.who,
            found=f"columns {', '.join(column for column in raw.columns if column != PLACE)[:200]}",
            expected="a question's responses, such as 'label.responses' and 'label.responses.users'",
            fix="write the records with `dataset.records.to_datasets().to_parquet(...)`",
        )
    chosen = asked if asked in questions else export.choose(sorted(questions)) or ""
    if chosen not in questions:
        raise InputError(
            export.who,
            found=f"the questions {', '.join(sorted(questions))}",
            expected=f"a question {asked!r} for label",
            fix=f"write `label: {min(questions)}`",
        )
    question = questions[chosen]
    table = (
        f"(SELECT {', '.join(quoted(c) for c in _kept(raw, export))}, {question.users} AS dq_users, {_texts(export, chosen, question)} AS dq_said, "
        f"{question.status} AS dq_status FROM ({export.connection.compile(raw)}))"
    )
    widest = export.connection.raw_sql(f"SELECT coalesce(max(len(dq_users)), 1) FROM {table}").fetchone()[0]
    lists = {export.roles["annotator"]: "dq_users", asked: "dq_said", "status": "dq_status"}
    counts = f"{quoted(asked)} IS NOT NULL AND coalesce(status, 'submitted') = 'submitted'"
    return unnested(export, table, lists, _kept(raw, export), int(widest), counts)


def _kept(raw: Any, export: Export) -> list[str]:
    """The columns that the rows keep beside a question's."""
    made = {export.roles["annotator"], export.roles["label"], "status"}
    return [column for column in raw.columns if column not in made]


def _questions(raw: Any) -> dict[str, _Question]:
    found: dict[str, _Question] = {}
    for column in raw.columns:
        kind = raw[column].type()
        if column.endswith(_RESPONSES) and f"{column}.users" in raw.columns and kind.is_array():
            status = quoted(f"{column}.status") if f"{column}.status" in raw.columns else "NULL::VARCHAR[]"
            users = f"{quoted(column + '.users')}::VARCHAR[]"
            found[column.removesuffix(_RESPONSES)] = _Question(users, quoted(column), status, kind.value_type)
            continue
        record = kind.value_type if kind.is_array() else kind
        if not record.is_struct() or not {"user_id", "value", "status"} <= set(record.names):
            continue
        name = quoted(column)
        if kind.is_array():
            parts = [f"list_transform({name}, lambda r: r.{key})" for key in ("user_id", "value", "status")]
            answer = record["value"]
        elif record["value"].is_array():
            parts = [f"{name}.{key}" for key in ("user_id", "value", "status")]
            answer = record["value"].value_type
        else:
            continue
        found[column] = _Question(f"({parts[0]})::VARCHAR[]", parts[1], f"({parts[2]})::VARCHAR[]", answer)
    return found


def _texts(export: Export, name: str, question: _Question) -> str:
    """A list of the answers as texts, those of several labels joined.

    Raises:
        InputError: An answer is a ranking or spans, and no label.
    """
    kind = question.kind
    several = kind.is_array()
    one = kind.value_type if several else kind
    if one.is_nested():
        raise InputError(
            export.who,
            found=f"the question {name!r}, whose answers are rankings or spans",
            expected="a label, multi-label, rating or text question",
            fix="name another question in `label`",
        )
    if several:
        said = f"nullif(array_to_string(list_sort(list_distinct(a::VARCHAR[])), {literal(JOINED)}), '')"
        return f"list_transform({question.values}, lambda a: {said})"
    return f"({question.values})::VARCHAR[]"
