"""The annotations that count: of an annotator's several on one item, the first or the last."""

from __future__ import annotations

from typing import Any

from dq_pipeline.tables.builtin import first_by, last_by


def labelled(annotations: Any) -> Any:
    """The annotations with an item, an annotator and a label."""
    return annotations.drop_null(["item", "annotator", "label"])


def standing(kept: Any, *, last: bool) -> Any:
    """The annotations of which each annotator has one an item, grouped by both.

    Args:
        kept: Labelled annotations.
        last: Whether the last stands, by the row's place; else the first.
    """
    import ibis

    # One struct, so that a null time or guideline stays that of the annotation that stands.
    rest = [column for column in kept.columns if column not in {"item", "annotator"}]
    whole = ibis.struct({column: kept[column] for column in rest})
    stands = (last_by if last else first_by)(whole, kept.row)
    return kept.group_by("item", "annotator").agg(stands=stands).unpack("stands")
