"""The schema of each role: what a row of items, annotations, gold or the training set must be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from dq_pipeline.spec.number import NUMBER
from dq_pipeline.tables import SPELLED, SPLITS

if TYPE_CHECKING:
    from collections.abc import Sequence

Repeats = Literal["first", "last", "error"]


def items_schema(
    *,
    label_values: Sequence[str] | None = None,
    labelled: bool = False,
    numeric: bool = False,
    split: bool = False,
    separator: str | None = None,
) -> Any:
    """Items: each named once; with `labelled`, each with a label in the declared values.

    Args:
        label_values: The declared labels; None when any label may stand.
        labelled: Whether the items carry a label of their own.
        numeric: Whether a label must be a number.
        split: Whether a column of the items' own says train, validation or test.
        separator: What stands between the labels of an item that has several.

    Returns:
        A Pandera schema for a table with the column `item`, `label` where it is labelled, and `split` where it is split.
    """
    columns: dict[str, Any] = {"item": _id(unique=True)}
    if labelled:
        columns["label"] = _label(label_values, numeric=numeric, separator=separator)
    if split:
        columns["split"] = _label((*SPLITS, *SPELLED))
    return _schema("items", columns)


def annotations_schema(
    *, label_values: Sequence[str] | None = None, repeats: Repeats = "first", numeric: bool = False
) -> Any:
    """Annotations: item, annotator and label are there, the label is declared.

    Args:
        label_values: The declared labels; None when any label may stand.
        repeats: With "error", an annotator answers an item once; else repeats are no failure here, and
            `counts.Repeats` counts them.
        numeric: Whether a label must be a number.

    Returns:
        A Pandera schema for a table with the columns `item`, `annotator`, `label`.
    """
    columns = {"item": _id(), "annotator": _id(), "label": _label(label_values, numeric=numeric)}
    return _schema("annotations", columns, unique=["item", "annotator"] if repeats == "error" else None)


def gold_schema(
    *, label_values: Sequence[str] | None = None, numeric: bool = False, separator: str | None = None
) -> Any:
    """Gold: each item once, with a declared label.

    Args:
        label_values: The declared labels; None when any label may stand.
        numeric: Whether a label must be a number.
        separator: What stands between the labels of an item that has several.

    Returns:
        A Pandera schema for a table with the columns `item` and `label`.
    """
    label = _label(label_values, numeric=numeric, separator=separator)
    return _schema("gold", {"item": _id(unique=True), "label": label})


def training_set_schema(
    *,
    label_values: Sequence[str] | None = None,
    numeric: bool = False,
    separator: str | None = None,
    soft: bool = False,
) -> Any:
    """The training set: each item once, with a declared label, on one side of the split.

    Args:
        label_values: The declared labels; None when any label may stand.
        numeric: Whether a label must be a number.
        separator: What stands between the labels of an item that has several.
        soft: Whether the soft label is the label of record, so that a tie has no other.

    Returns:
        A Pandera schema for a table with the columns `item`, `label` and `split`.
    """
    columns = {
        "item": _id(unique=True),
        "label": _label(label_values, numeric=numeric, separator=separator, nullable=soft),
        "split": _label(SPLITS),
    }
    return _schema("training_set", columns)


def _schema(name: str, columns: dict[str, Any], unique: list[str] | None = None) -> Any:
    import pandera.pandas as pa

    return pa.DataFrameSchema(columns, unique=unique, name=name)


def _id(*, unique: bool = False) -> Any:
    import pandera.pandas as pa

    return pa.Column(str, unique=unique)


def _label(
    values: Sequence[str] | None,
    *,
    numeric: bool = False,
    separator: str | None = None,
    nullable: bool = False,
) -> Any:
    """A text, never null unless said: one of the declared ones or several of them, a number where the level of measurement needs one."""
    import pandera.pandas as pa

    checks = []
    if values is not None and separator is not None:
        one = f"(?:{'|'.join(re.escape(value) for value in values)})"
        several = rf"^\s*{one}\s*(?:{re.escape(separator)}\s*{one}\s*)*$"
        checks.append(pa.Check.str_matches(several, name="holds_declared_labels"))
    elif values is not None:
        checks.append(pa.Check.isin(list(values)))
    if numeric:
        checks.append(pa.Check.str_matches(f"^(?:{NUMBER})$", name="is_a_number"))
    return pa.Column(str, checks=checks, nullable=nullable)
