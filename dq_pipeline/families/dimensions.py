"""The dimensions of a dataset: label, source and conditions, where they are counted, their domains and what is missing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dq_pipeline.spec.bins import lowest

if TYPE_CHECKING:
    from dq_pipeline.counts import Cells
    from dq_pipeline.spec import Spec


def label_table(spec: Spec) -> str | None:
    """The table whose rows carry the label: the items when they are labelled already, else the annotations."""
    if spec.items is not None and spec.items.label:
        return "items"
    return "annotations" if spec.annotations else None


def condition_names(spec: Spec) -> tuple[str, ...]:
    """The conditions' names, in the spec's order."""
    return tuple(condition.name for condition in spec.items.conditions) if spec.items else ()


def numeric_conditions(spec: Spec) -> frozenset[str]:
    """The names of those that are cut into bins."""
    conditions = spec.items.conditions if spec.items else ()
    return frozenset(one.name for one in conditions if one.edges is not None or one.quantiles is not None)


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


def told_apart(spec: Spec, cells: Cells) -> Cells:
    """The cells with texts that stand for a missing source or condition taken for missing."""
    for dim in cells.dims:
        if dim == "source" or dim in condition_names(spec):
            cells = cells.renamed(dim, partial(_or_missing, spec, dim))
    return cells


def _or_missing(spec: Spec, dim: str, value: str) -> str | None:
    return None if stands_for_missing(spec, dim, value) else value


def missing_texts(spec: Spec) -> set[str]:
    """The texts that stand for a missing source or condition, without case and the blanks around them."""
    return {text.strip().casefold() for text in spec.items.missing_values} if spec.items else set()


def stands_for_missing(spec: Spec, dim: str, value: str) -> bool:
    """Whether a text of the source or a condition stands for a missing one; a declared value never does."""
    return value.strip().casefold() in missing_texts(spec) and value not in declared_domain(spec, dim)


def domain(spec: Spec, dim: str, cells: Cells) -> tuple[str, ...]:
    """The values of a dimension: the declared ones in their order, then others that occur, bins by their edges."""
    declared = declared_domain(spec, dim)
    seen = [value for value in cells.values(dim) if value not in declared]
    conditions = spec.items.conditions if spec.items else ()
    if any(one.name == dim and (one.edges or one.quantiles) for one in conditions):
        return tuple(sorted((*declared, *seen), key=lowest))
    return (*declared, *seen)


def split_known(spec: Spec) -> bool:
    """Whether the spec tells train, validation and test apart: by a column, or by asking for a training set."""
    return spec.items is not None and (spec.items.split is not None or spec.declares_training_set)
