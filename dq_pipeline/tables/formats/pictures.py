"""Images and the labelled objects on them, joined in the engine: what COCO and CVAT exports have in common.

An image's label, by one annotator, is the labels of its objects, each once in the order of their text. An image without an
object has none: an export does not tell an empty image from one that nobody has looked at yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.duck import PLACE, literal
from dq_pipeline.tables.formats.export import JOINED, of_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.tables.formats.export import Export

IMAGES = {PLACE: "number", "file": "number", "key": "text", "name": "text", "about": "record"}
"""Columns of an image: its place, its file's, its key there, its name, and what else is said of it."""
OBJECTS = {
    PLACE: "number",
    "file": "number",
    "key": "text",
    "object": "text",
    "annotator": "text",
    "answers": "record",
    "about": "record",
}
"""Columns of an object: its place, its file's, its image's key, its id, who drew it, its labels, and what else is said."""


def open_pictures(export: Export, images: str, objects: str, questions: Sequence[str]) -> Any:
    """One row an image and annotator; for items one row an image, or an object where `id: object` asks for them.

    Args:
        export: The export.
        images: The engine's table of IMAGES.
        objects: That of OBJECTS.
        questions: Of the objects' answers those that may be the label unless the spec names one.

    Raises:
        InputError: An object on no image, or a label that cannot be told.
    """
    _check_images(export, images, objects)
    answered = export.keys(objects, "answers")
    chosen = export.choose([question for question in questions if question in answered])
    answers = of_record("o.answers", answered)
    label = {"label": answers[chosen]} if chosen else {}
    of_image = of_record("i.about", export.keys(images, "about"))
    of_object = of_record("o.about", export.keys(objects, "about"))
    if export.separate_items and export.roles.get("item") == "object":
        one = {PLACE: f"o.{PLACE}", "object": "o.object", "item": "i.name", "annotator": "o.annotator"}
        return export.finish(
            f"{objects} AS o JOIN {images} AS i USING (file, key)",
            one | label | answers | _beside(of_image, answers) | _beside(of_object, answers | of_image),
        )
    who = "NULL" if not export.is_votes else of_object.get(export.roles["annotator"], "o.annotator")
    together = {name: _together(said) for name, said in (label | answers).items()}
    beside = {
        name: f"any_value({said})" for name, said in (of_object | of_image).items() if name not in together
    }
    columns = {PLACE: f"min(coalesce(o.{PLACE}, i.{PLACE}))", "item": "any_value(i.name)"}
    if export.is_votes:
        columns["annotator"] = f"any_value({who})"
    if export.separate_items:
        columns[PLACE] = f"any_value(i.{PLACE})"
    columns = columns | together | beside
    found = columns.get(export.roles.get("label", ""))
    having = "" if export.separate_items or found is None else f" HAVING {found} IS NOT NULL"
    side = "LEFT" if export.separate_items else "INNER"
    return export.finish(
        f"{images} AS i {side} JOIN {objects} AS o USING (file, key) GROUP BY file, key, {who}{having}",
        columns,
    )


def _together(said: str) -> str:
    return f"string_agg(DISTINCT {said}, {literal(JOINED)} ORDER BY {said})"


def _beside(columns: dict[str, str], others: dict[str, str]) -> dict[str, str]:
    return {name: said for name, said in columns.items() if name not in others}


def _check_images(export: Export, images: str, objects: str) -> None:
    lost = export.connection.raw_sql(
        f"SELECT count(*), min(object), min(key) FROM {objects} AS o ANTI JOIN {images} AS i USING (file, key)"
    ).fetchone()
    if lost[0]:
        raise InputError(
            export.who,
            found=f"{lost[0]:,} annotation{'' if lost[0] == 1 else 's'} of images that the export does not list (annotation {lost[1]}, image {lost[2]})",
            expected="every annotated image among the images",
            fix="export images and annotations together",
        )
