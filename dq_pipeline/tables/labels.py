"""Labels that one text joins, such as "Edema|Hernia": told apart on the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def labels_of(label: Any, separator: str) -> Any:
    """The labels of each text as an array: blanks around them and empty ones left out, each once; null of null."""
    import ibis

    parts = label.split(separator).map(lambda one: one.strip()).filter(lambda one: one != "").unique()
    return ibis.ifelse(label.isnull(), ibis.null("array<string>"), parts)


def is_declared(label: Any, values: Sequence[str], separator: str | None) -> Any:
    """Whether a label, or with a separator each label of the text, is one of the declared ones; null of null."""
    if separator is None:
        return label.isin(values)
    parts = labels_of(label, separator)
    return (parts.length() > 0) & (parts.filter(lambda one: one.notin(values)).length() == 0)
