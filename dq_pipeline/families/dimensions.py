"""The dimensions of a dataset: label and conditions, where they are counted, and their domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dq_pipeline.spec import Spec


def label_table(spec: Spec) -> str | None:
    """The table whose rows carry the label: the items when they are labelled already, else the annotations."""
    if spec.items is not None and spec.items.label:
        return "items"
    return "annotations" if spec.annotations else None


def condition_names(spec: Spec) -> tuple[str, ...]:
    """The conditions' names, in the spec's order."""
    return tuple(condition.name for condition in spec.items.conditions) if spec.items else ()


def dimensions(spec: Spec) -> dict[str, str]:
    """What a policy may call each dimension, and the dimension: the label also by its column's name."""
    known = {name: name for name in condition_names(spec)}
    labelled = (
        spec.items.label
        if spec.items and spec.items.label
        else spec.annotations.label
        if spec.annotations
        else None
    )
    if labelled:
        known = {"label": "label", labelled: "label"} | known
    return known


def declared_domain(spec: Spec, dim: str) -> tuple[str, ...]:
    """The declared values of a dimension; none when only those seen count."""
    if dim == "label":
        return spec.labels.values or ()
    conditions = spec.items.conditions if spec.items else ()
    return next((condition.domain for condition in conditions if condition.name == dim), ())


def split_known(spec: Spec) -> bool:
    """Whether the spec tells train, validation and test apart: by a column, or by asking for a training set."""
    return spec.items is not None and (spec.items.split is not None or spec.declares_training_set)
