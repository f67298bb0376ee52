"""Which tool's export a file is, told by how it begins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dq_pipeline.tables.formats.huggingface import class_names
from dq_pipeline.tables.formats.json_file import bytes_of, records, starts_with

if TYPE_CHECKING:
    from upath import UPath

    from dq_pipeline.spec.table_ref import Format

_COCO = frozenset({"info", "licenses", "images", "annotations", "categories", "type"})


def told_format(who: str, file: Path | UPath) -> tuple[Format, str] | None:
    """The format that a file shows, and by what; None where its ending says all, or nothing is known.

    Raises:
        InputError: It cannot be read.
    """
    ending = Path(file.name.removesuffix(".gz")).suffix.lower()
    if ending in {".parquet", ".pq"}:
        return _of_parquet(file)
    if ending == ".json":
        return _of_json(who, file)
    if ending == ".xml":
        with bytes_of(who, file) as stream:
            return ("cvat", "its root is <annotations>") if b"<annotations" in stream.read(1 << 12) else None
    return None


def _of_parquet(file: Path | UPath) -> tuple[Format, str] | None:
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import read_schema

    try:
        with file.open("rb") as stream:
            names = read_schema(stream).names
    except ArrowInvalid:
        return None
    if any(name.endswith(".responses.users") for name in names):
        return "argilla", "its questions have responses by users"
    return ("huggingface", "its class labels have names") if class_names(file) else None


def _of_json(who: str, file: Path | UPath) -> tuple[Format, str] | None:
    import ijson

    if starts_with(who, file) == "[":
        first = next(iter(records(who, file, "item")), None)
        tasks = isinstance(first, dict) and (
            {"data", "annotations"} <= set(first) or "annotation_id" in first
        )
        return ("label_studio", "its records are annotated tasks") if tasks else None
    with bytes_of(who, file) as stream:
        try:
            key = next((value for _, event, value in ijson.parse(stream) if event == "map_key"), None)
        except ijson.JSONError:
            return None
    return ("coco", f"it begins with {key}") if key in _COCO else None
