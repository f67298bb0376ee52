"""The rules of a table's rows, judged: a count like others, whose parts add up where every row keeps every rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from dq_pipeline.contracts.roles import annotations_schema, gold_schema, items_schema, training_set_schema
from dq_pipeline.contracts.validate import validate
from dq_pipeline.counts.additive import Additive
from dq_pipeline.tables import ROW, TRAINING_SET, engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.contracts.result import ContractResult
    from dq_pipeline.counts.additive import Signed, Source
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class RowRules(Additive):
    """Validate every row of a table against its Pandera schema.

    Attributes:
        table: "items", "annotations", "gold" or "training_set".
    """

    table: str
    beside = False

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[RowRules]) -> list[ContractResult]:
        """One validation a table."""
        return [_judged(tables, request.table) for request in requests]

    @property
    def source(self) -> Source | None:
        """Annotations or items."""
        return cast("Source", self.table) if self.table in {"annotations", "items"} else None

    def kept(self, state: ContractResult) -> ContractResult | None:
        """What may be kept: a result of rows that all keep the rules."""
        return None if state.failed else replace(state, _failing={})

    def added(self, spec: Spec, states: Sequence[Signed]) -> ContractResult:  # noqa: ARG002 - as Additive has it
        """The rules of all parts, which every row keeps."""
        first: ContractResult = states[0][1]
        rules = zip(*(state.rules for _, state in states), strict=True)
        checked = [replace(same[0], checked=_sum(states, [rule.checked for rule in same])) for same in rules]
        rows = _sum(states, [state.rows for _, state in states])
        return replace(first, rules=tuple(checked), rows=rows)


def _sum(states: Sequence[Signed], counts: Sequence[int]) -> int:
    return sum(sign * count for (sign, _), count in zip(states, counts, strict=True))


def _judged(tables: Tables, name: str) -> ContractResult:
    ids = ("item", "annotator", ROW) if name == "annotations" else ("item", ROW)
    table = tables[name]
    with engine_errors(name):
        return validate(_schema(tables.spec, name), table.expr, ids=ids).with_ids(
            ROW, lambda place: table.told_place(int(place)), table.told_places
        )


def _schema(spec: Spec, table: str) -> Any:
    values, numeric = spec.labels.values, spec.labels.level in {"interval", "ratio"}
    separator = spec.labels.separator
    if table == "items":
        return items_schema(
            label_values=values,
            labelled=bool(spec.items and spec.items.label),
            numeric=numeric,
            split=bool(spec.items and spec.items.split),
            separator=separator,
        )
    if table == TRAINING_SET:
        soft = spec.labels.paradigm == "descriptive" and spec.annotations is not None
        return training_set_schema(label_values=values, numeric=numeric, separator=separator, soft=soft)
    if table == "gold":
        return gold_schema(label_values=values, numeric=numeric, separator=separator)
    repeats = spec.annotations.repeats if spec.annotations else "first"
    return annotations_schema(label_values=values, repeats=repeats, numeric=numeric)
