"""Why an item is left out of the training set: an ordered list, of which the first that holds is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.tables import SPLITS, is_declared

if TYPE_CHECKING:
    from collections.abc import Callable

    from dq_pipeline.spec import Spec


@dataclass(frozen=True)
class Reason:
    """One reason to leave an item out.

    Attributes:
        name: What reports call it.
        holds: Of the candidates the truth of it, row by row; null counts as false. Candidates have the items' roles,
            `label` and `split` among them, and the consensus' columns as `dq_confidence`, `dq_votes` and so on.
    """

    name: str
    holds: Callable[[Any], Any]


def reasons_of(spec: Spec, *, voted: bool) -> tuple[Reason, ...]:
    """The reasons that a spec gives, in the order in which they are asked.

    Where disagreement is data (`paradigm: descriptive`) the soft label is the label of record: neither a tie nor a low
    confidence is a reason.

    Args:
        spec: The spec.
        voted: Whether the labels come from a consensus.
    """
    made = [
        Reason("no id", lambda row: row.item.isnull()),
        Reason("no split", lambda row: ~row.split.isin(SPLITS).fill_null(False)),
    ]
    if voted:
        made.append(Reason("no votes", lambda row: row.dq_votes.isnull()))
    if voted and spec.labels.paradigm == "prescriptive":
        least = spec.training_set.min_confidence
        made += [
            Reason("tied votes", lambda row: row.label.isnull()),
            Reason("below min_confidence", lambda row: row.dq_confidence < least),
        ]
    if not voted:
        made.append(Reason("no label", lambda row: row.label.isnull()))
    declared = spec.labels.values
    if declared is not None:
        separator = spec.labels.separator
        made.append(Reason("undeclared label", lambda row: ~is_declared(row.label, declared, separator)))
    return tuple(made)


def reason_of(rows: Any, reasons: tuple[Reason, ...]) -> Any:
    """The first reason that holds for each row, as text; null for a row that is kept."""
    import ibis

    return ibis.cases(*((reason.holds(rows), reason.name) for reason in reasons), else_=ibis.null("string"))
