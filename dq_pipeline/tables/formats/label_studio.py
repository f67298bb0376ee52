"""Label Studio's JSON and JSON-MIN exports (https://labelstud.io/guide/export#JSON).

JSON has one record a task with its annotations; skipped annotations (was_cancelled) are nobody's vote, and those marked as
ground truth are gold, not votes. JSON-MIN has one record an annotation, the skipped ones left out by Label Studio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.duck import PLACE
from dq_pipeline.tables.formats.export import joined, of_record, text_of
from dq_pipeline.tables.formats.json_file import records, starts_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from upath import UPath

    from dq_pipeline.tables.formats.export import Export

_ABOUT = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement")
"""Keys that JSON-MIN puts after the answers of an annotation."""
_VALUES = ("choices", "taxonomy", "rating", "number", "datetime", "selected")
_IN_TIME = f"row_number() OVER (ORDER BY try_cast(time AS TIMESTAMP) NULLS FIRST, {PLACE}) - 1"
"""JSON-MIN writes a task's newest annotation first: the first and last of an annotator's are told by time."""
_COLUMNS = {
    PLACE: "number",
    "item": "text",
    "annotator": "text",
    "time": "text",
    "seconds": "text",
    "annotation": "text",
    "truth": "truth",
    "answers": "record",
    "data": "record",
}


def open_label_studio(export: Export) -> Any:
    """The export's annotations, its ground truth, or its tasks: a column a labelling question, and a key of the data.

    Raises:
        InputError: It is no such export, or its label cannot be told.
    """
    table = export.load("export", _COLUMNS, _rows(export))
    data = of_record("data", export.keys(table, "data"))
    if export.separate_items:
        return export.finish(table, {PLACE: PLACE, "item": "item"} | data)
    export.connection.raw_sql(f"DELETE FROM {table} WHERE truth = {str(export.is_votes).lower()}")
    questions = export.keys(table, "answers")
    chosen = export.choose(questions)
    answers = of_record("answers", questions)
    label = {"label": answers[chosen]} if chosen else {}
    made = {name: name for name in _COLUMNS if name not in {"truth", "answers", "data"}} | {PLACE: _IN_TIME}
    columns = made | label | answers | {key: said for key, said in data.items() if key not in answers}
    answered = columns.get(export.roles.get("label", ""), "true")
    return export.finish(f"{table} WHERE {answered} IS NOT NULL", columns)


def _rows(export: Export) -> Iterator[Sequence[Any]]:
    place = 0
    for file in export.files:
        path = "item" if starts_with(export.who, file) == "[" else ""
        for number, task in enumerate(records(export.who, file, path), start=1):
            for row in _of_task(export, file, number, task):
                yield place, *row
                place += 1


def _of_task(export: Export, file: Path | UPath, number: int, task: Any) -> Iterator[Sequence[Any]]:
    annotations = task.get("annotations", task.get("completions")) if isinstance(task, dict) else None
    if isinstance(annotations, list) and isinstance(task.get("data"), dict):
        item, data = text_of(task.get("id")), export.kept(task["data"])
        if export.separate_items:
            yield item, None, None, None, None, False, [], data
            return
        for annotation in annotations:
            if not isinstance(annotation, dict):
                raise _strange(export, file, number, "an annotation that is no record")
            if not (annotation.get("was_cancelled") or annotation.get("skipped")):
                yield item, *_of_annotation(annotation), data
    elif isinstance(task, dict) and {"annotation_id", "annotator"} & set(task):
        if not export.is_votes:
            raise InputError(
                export.who,
                found=f"{file.name}, a JSON-MIN export: annotations without their tasks or ground truth",
                expected="Label Studio's JSON",
                fix="export the project as JSON",
            )
        yield _of_min(export, task)
    else:
        keys = ", ".join(list(task)[:8]) if isinstance(task, dict) else type(task).__name__
        raise _strange(export, file, number, keys or "nothing")


def _of_annotation(annotation: Mapping[str, Any]) -> tuple[Any, ...]:
    """Annotator, time, seconds, id, whether it is ground truth, and answers."""
    said: dict[str, list[str]] = {}
    for result in annotation.get("result") or ():
        if isinstance(result, dict) and result.get("from_name"):
            labels = _labels(result.get("value"))
            if labels:
                said.setdefault(str(result["from_name"]), []).extend(labels)
    return (
        _annotator(annotation.get("completed_by")),
        text_of(annotation.get("created_at")),
        text_of(annotation.get("lead_time")),
        text_of(annotation.get("id")),
        bool(annotation.get("ground_truth")),
        [(question, answer) for question, labels in said.items() if (answer := joined(labels))],
    )


def _of_min(export: Export, task: Mapping[str, Any]) -> Sequence[Any]:
    keys = list(task)
    first = keys.index("id") + 1 if "id" in task else 0
    last = next(place for place, key in enumerate(keys) if key in _ABOUT and place >= first)
    named = {export.roles.get("label")} & set(keys)
    questions = [key for key in keys if key in named or key in keys[first:last]]
    answers = [(key, answer) for key in questions if (answer := joined(_labels(task[key])))]
    data = {key: value for key, value in task.items() if key not in questions and key not in _ABOUT}
    return (
        text_of(task.get("id")),
        _annotator(task.get("annotator")),
        text_of(task.get("created_at")),
        text_of(task.get("lead_time")),
        text_of(task.get("annotation_id")),
        False,
        answers,
        export.kept(data),
    )


def _annotator(by: Any) -> str | None:
    """The id, which all exports have; of an older record without one the e-mail address."""
    return text_of(by.get("id", by.get("email"))) if isinstance(by, dict) else text_of(by)


def _labels(value: Any) -> list[str]:
    """The labels in a result's value, of whichever control; nested ones (taxonomy) by their path.

    >>> _labels({"start": 0, "end": 4, "text": "Rome", "labels": ["LOC"]})
    ['LOC']
    >>> _labels({"taxonomy": [["Bird", "Owl"]]}), _labels([{"rating": 4}]), _labels("yes")
    (['Bird/Owl'], ['4'], ['yes'])
    """
    if isinstance(value, list):
        return [label for one in value for label in _labels(one)]
    if not isinstance(value, dict):
        said = text_of(value)
        return [said] if said else []
    keys = [key for key in value if key in _VALUES or key.endswith("labels")] or ["text"]
    found = [one for key in keys for one in _listed(value.get(key))]
    paths = (
        "/".join(str(text_of(step)) for step in one) if isinstance(one, list) else text_of(one)
        for one in found
    )
    return [path for path in paths if path]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _strange(export: Export, file: Path | UPath, number: int, found: str) -> InputError:
    return InputError(
        export.who,
        found=f"{file.name}, record {number:,}: {found}",
        expected="tasks with id, data and annotations (JSON), or with annotator and annotation_id (JSON-MIN)",
        fix="export the project from Label Studio as JSON or JSON-MIN",
    )
