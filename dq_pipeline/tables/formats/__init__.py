"""Annotations where they live: the exports of labelling tools, turned into tables with one row an annotation.

Each format makes the columns item, annotator and label (Label Studio time and seconds too), and keeps what else the export
says of an annotation or item under its own name.
"""

from __future__ import annotations

from typing import Any

from dq_pipeline.tables.formats.export import JOINED, Export

__all__ = ["JOINED", "Export", "open_format"]


def open_format(export: Export) -> Any:
    """The export as a table with the column PLACE.

    Raises:
        InputError: It is not what the spec says it is, or its label cannot be told.
    """
    kind = export.ref.format
    if kind == "label_studio":
        from dq_pipeline.tables.formats.label_studio import open_label_studio as opened
    elif kind == "coco":
        from dq_pipeline.tables.formats.coco import open_coco as opened
    elif kind == "cvat":
        from dq_pipeline.tables.formats.cvat import open_cvat as opened
    elif kind == "argilla":
        from dq_pipeline.tables.formats.argilla import open_argilla as opened
    elif kind == "huggingface":
        from dq_pipeline.tables.formats.huggingface import open_huggingface as opened
    else:
        from dq_pipeline.tables.formats.wide import open_wide as opened
    return opened(export)
