"""CVAT's XML 1.1, for images and for video (https://docs.cvat.ai/docs/other/xml_format).

CVAT's XML does not say who drew what, only who a task or job is assigned to: that is the annotator, else the file's name.
With one export an annotator (a job, a replica of the task), a glob brings them together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.tables.formats.json_file import bytes_of
from dq_pipeline.tables.formats.pictures import IMAGES, OBJECTS, open_pictures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from upath import UPath

    from dq_pipeline.tables.formats.export import Export

_SHAPES = frozenset({"box", "polygon", "polyline", "points", "cuboid", "ellipse", "mask", "skeleton", "tag"})


def open_cvat(export: Export) -> Any:
    """The export's images (frames, of a video) with the labels of their tags, or of their shapes.

    Raises:
        InputError: It is no such export, or has both tags and shapes and the spec does not say which.
    """
    images = export.load("images", IMAGES, _numbered(_images(export)))
    objects = export.load("objects", OBJECTS, _numbered(_objects(export)))
    return open_pictures(export, images, objects, ["tag", "shape"])


def _numbered(rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    for place, row in enumerate(rows):
        yield place, *row


def _images(export: Export) -> Iterator[Sequence[Any]]:
    for number, file in enumerate(export.files):
        frames: set[str] = set()
        for part in _parts(export, file):
            if part.tag == "image":
                about = {key: value for key, value in part.attrib.items() if key not in {"id", "name"}}
                yield number, _key(part), part.get("name"), export.kept(about)
            elif part.tag == "track":
                new = {str(shape.get("frame")) for shape in part if shape.tag in _SHAPES} - frames
                frames |= new
                yield from ((number, frame, frame, []) for frame in sorted(new))


def _objects(export: Export) -> Iterator[Sequence[Any]]:
    for number, file in enumerate(export.files):
        stem, count, assigned = file.name.partition(".")[0], 0, _Assigned()
        for part in _parts(export, file):
            if part.tag == "meta":
                assigned = _Assigned.of(part)
                continue
            annotator = assigned.to(part.get("task_id")) or stem
            track = part.get("label") if part.tag == "track" else None
            for shape in part:
                if shape.tag not in _SHAPES or shape.get("outside") == "1":
                    continue
                label = track or shape.get("label")
                kind = "tag" if shape.tag == "tag" else "shape"
                said = {one.get("name"): one.text for one in shape.findall("attribute")}
                answers = {name: text for name, text in said.items() if name and text} | {kind: label}
                about = {"source": shape.get("source") or part.get("source"), "kind": shape.tag}
                key = str(shape.get("frame")) if track else _key(part)
                count += 1
                yield (
                    number,
                    key,
                    f"{stem}#{count}",
                    annotator,
                    [(name, text) for name, text in answers.items() if text],
                    export.kept(about),
                )


def _key(image: Element) -> str:
    """Of an image: its subset and task too where a project's export has several, whose frames are numbered alike."""
    return f"{image.get('subset', '')}/{image.get('task_id', '')}/{image.get('id')}"


@dataclass(frozen=True)
class _Assigned:
    """Who the tasks of an export are assigned to, by their ids; under None who all of it is."""

    by_task: Mapping[str | None, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, meta: Element) -> _Assigned:
        """From the head of an export of a job, a task or a project's tasks."""
        job = meta.find("job")
        tasks = [job] if job is not None else list(meta.iter("task"))
        named = {task.findtext("id"): _name(task) for task in tasks}
        return cls({None: _name(tasks[0])} if len(tasks) == 1 else named)

    def to(self, task: str | None) -> str | None:
        """Who an image of a task is assigned to."""
        return self.by_task.get(None) or self.by_task.get(task)


def _name(task: Element) -> str | None:
    return (task.findtext("assignee/username") or task.findtext("assignee") or "").strip() or None


def _parts(export: Export, file: Path | UPath) -> Iterator[Element]:
    """The children of the root, one in memory at a time; no entity is resolved.

    Raises:
        InputError: No XML, or none of CVAT's.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    with bytes_of(export.who, file) as stream:
        try:
            parsed = iterparse(stream, events=("start", "end"), forbid_dtd=True)
            root = _checked(export, file, next(parsed)[1])
            depth = 1
            for event, part in parsed:
                depth += 1 if event == "start" else -1
                if event == "end" and depth == 1:
                    yield part
                    root.clear()
        except (ParseError, DefusedXmlException) as error:
            raise _strange(export, f"{file.name} is no XML to read ({error})") from error


def _checked(export: Export, file: Path | UPath, root: Element) -> Element:
    if root.tag != "annotations":
        raise _strange(export, f"{file.name} whose root is <{root.tag}>")
    return root


def _strange(export: Export, found: str) -> InputError:
    return InputError(
        export.who,
        found=found,
        expected="CVAT's XML: <annotations> with <image> or <track>",
        fix="export the task or job from CVAT as `CVAT for images 1.1` or `CVAT for video 1.1`",
    )
