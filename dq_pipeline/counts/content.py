"""The contents of a bounded sample of items, in which near duplicates are sought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.tables import engine_errors, order_of, text, with_roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.tables import Tables


@dataclass(frozen=True, eq=False)
class Contents:
    """Ids and contents, the contents all different; one such sample is like itself alone.

    Attributes:
        items: The id of the first item of each content.
        contents: The contents: texts, or lists of numbers.
        known: How many different contents there are, sampled or not.
    """

    items: tuple[str, ...]
    contents: tuple[Any, ...]
    known: int


@dataclass(frozen=True)
class ContentSample:
    """Take at most `most` items of different content, the same every time.

    Attributes:
        column: The items' column that holds the content.
        most: How many items to take at most.
    """

    column: str
    most: int

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[ContentSample]) -> list[Contents]:
        """Two queries a request."""
        return [_take(tables, request) for request in requests]


def _take(tables: Tables, request: ContentSample) -> Contents:
    items = tables["items"]
    with engine_errors("items"):
        frame = with_roles(items.raw, {"item": items.roles["item"]}, kept={"content": request.column})
        nested = frame.content.type().is_nested()
        told = (frame if nested else frame.mutate(content=text(frame.content))).drop_null(["item", "content"])
        first = told.group_by("content").agg(item=told.item.min())
        known = int(first.count().execute())
        rows = first.order_by(order_of(first.item, 0), first.item).limit(request.most).to_pyarrow()
    return Contents(tuple(rows["item"].to_pylist()), tuple(rows["content"].to_pylist()), known)
