"""COCO's object annotations (https://cocodataset.org/#format-data): images, annotations and categories.

COCO names no annotator. Who drew an annotation is its own key `annotator`, or one within its `attributes`, where the tool
writes one; else the file's name: with one file an annotator, a glob brings them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.formats.export import text_of
from dq_pipeline.tables.formats.json_file import records, starts_with
from dq_pipeline.tables.formats.pictures import IMAGES, OBJECTS, open_pictures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from upath import UPath

    from dq_pipeline.tables.formats.export import Export

_HEAVY = frozenset({"segmentation", "bbox", "keypoints", "counts"})
"""Where an object lies, which no check reads."""


def open_coco(export: Export) -> Any:
    """The export's images with their categories as labels.

    Raises:
        InputError: It is no such export.
    """
    categories = [_categories(export, file) for file in export.files]
    images = export.load("images", IMAGES, _images(export))
    objects = export.load("objects", OBJECTS, _objects(export, categories))
    return open_pictures(export, images, objects, ["category"])


def _categories(export: Export, file: Path | UPath) -> dict[str | None, str | None]:
    """Id -> name."""
    first = starts_with(export.who, file)
    listed = list(records(export.who, file, "categories.item")) if first == "{" else []
    named = {
        text_of(one.get("id")): text_of(one.get("name"))
        for one in listed
        if isinstance(one, dict) and one.get("name") is not None
    }
    if not named:
        raise _strange(
            export, f"{file.name} without categories" if first == "{" else f"{file.name}, no COCO export"
        )
    return named


def _images(export: Export) -> Iterator[Sequence[Any]]:
    place = 0
    for number, file in enumerate(export.files):
        for image in records(export.who, file, "images.item"):
            if not isinstance(image, dict) or "id" not in image:
                raise _strange(export, f"{file.name}, an image without id")
            about = {key: value for key, value in image.items() if key not in {"id", "file_name"}}
            if image.get("date_captured"):
                about["time"] = image["date_captured"]
            key = text_of(image["id"])
            yield place, number, key, text_of(image.get("file_name")) or key, export.kept(about)
            place += 1


def _objects(export: Export, categories: Sequence[dict[str | None, str | None]]) -> Iterator[Sequence[Any]]:
    place = 0
    for number, (file, named) in enumerate(zip(export.files, categories, strict=True)):
        for one in records(export.who, file, "annotations.item"):
            if not isinstance(one, dict) or "image_id" not in one:
                raise _strange(export, f"{file.name}, an annotation without image_id")
            category = named.get(text_of(one.get("category_id")))
            if category is None:
                raise _strange(
                    export,
                    f"{file.name}, annotation {text_of(one.get('id'))} of category_id {text_of(one.get('category_id'))}, "
                    "which categories do not name",
                )
            inner = one["attributes"] if isinstance(one.get("attributes"), dict) else {}
            about = inner | {
                key: said for key, said in one.items() if key not in _HEAVY and key != "attributes"
            }
            drew = text_of(about.pop("annotator", None)) or file.name.partition(".")[0]
            key = text_of(one["image_id"])
            answers = [("category", category)]
            yield place, number, key, text_of(one.get("id")), drew, answers, export.kept(about)
            place += 1


def _strange(export: Export, found: str) -> InputError:
    return InputError(
        export.who,
        found=found,
        expected="a record with images (id, file_name), annotations (image_id, category_id) and categories (id, name)",
        fix="export the annotations as COCO (instances), one file with all three",
    )
