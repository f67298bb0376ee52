"""The layout of a training set: our columns under their own names, and the items' columns beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TRAINING_SET = "training_set"
"""The name of the table, and of the asset."""
OF_LABEL = ("item", "label", "split")
"""What every training set has: the id, the label and the split, as text."""
OF_VOTES = ("confidence", "entropy", "votes", "soft_label")
"""What one made from annotations has besides (consensus.layout says what they are)."""


def given_names(columns: Iterable[str], roles: Mapping[str, str]) -> dict[str, str]:
    """What each of the items' own columns is called in the training set, the left-out ones absent.

    A column whose name is one of ours (whatever its case: engines do not tell `Label` from `label`) becomes
    `item_<name>`, unless it is the very id, label or split that ours holds.

    >>> given_names(["id", "label", "age"], {"item": "id", "label": "finding"})
    {'id': 'id', 'label': 'item_label', 'age': 'age'}
    >>> given_names(["item", "label", "Split"], {"item": "item", "label": "label"})
    {'Split': 'item_Split'}
    """
    there = list(columns)
    ours = {*OF_LABEL, *OF_VOTES}
    taken = ours | {column.lower() for column in there}
    names = {}
    for column in there:
        if column.lower() not in ours:
            names[column] = column
        elif column.lower() not in OF_LABEL or roles.get(column.lower()) != column:
            name = f"item_{column}"
            while name.lower() in taken:
                name += "_"
            taken.add(name.lower())
            names[column] = name
    return names


def columns_of_roles(columns: Iterable[str], roles: Mapping[str, str]) -> dict[str, str]:
    """The training set's column for each role of the items, the id, label and split among them.

    >>> columns_of_roles(["id", "label", "age"], {"item": "id", "age": "age", "old": "label"})
    {'item': 'item', 'label': 'label', 'split': 'split', 'age': 'age', 'old': 'item_label'}
    """
    names = given_names(columns, roles)
    kept = {role: names.get(column, column.lower()) for role, column in roles.items() if role not in OF_LABEL}
    return {role: role for role in OF_LABEL} | kept
