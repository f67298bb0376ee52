"""The row contracts of a dataset as checks: known from the spec alone, judged on its tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.contracts.references import Reference, repeated_pairs, unmatched_items
from dq_pipeline.contracts.roles import annotations_schema, gold_schema, items_schema
from dq_pipeline.contracts.validate import validate
from dq_pipeline.families.verdict import CheckVerdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from dq_pipeline.contracts.result import ContractResult, RuleResult
    from dq_pipeline.families.check import Verdict
    from dq_pipeline.spec.model import Spec
    from dq_pipeline.tables import Tables

FAMILY = "contracts"
MOST_GOLD = 0.5
"""Share of the gold items that must have been annotated: below it the two tables' ids do not belong together."""


@dataclass(frozen=True)
class ContractCheck:
    """One rule about the rows of one table.

    Attributes:
        name: The check's name: letters, digits and underscores.
        table: The asset that it judges; gold is judged with the annotations.
        about: The table whose rows it is about: "items", "annotations" or "gold".
        rule: Name of the schema's rule, or "reference" or "repeats" for what a schema cannot say.
        column: The rule's columns, joined by ",".
        title: What it asks, as a title.
        remedy: What to do when it fails.
        blocking: Whether it can close the gate.
    """

    name: str
    table: str
    about: str
    rule: str
    column: str
    title: str
    remedy: str
    blocking: bool = True


@dataclass(frozen=True)
class ContractFindings:
    """What the contracts of a dataset found.

    Attributes:
        verdicts: One a check, in the checks' order.
        writers: For each check with failing rows, what writes all of their ids to a CSV and returns their number.
        ids: For each check with failing rows, the first of them, as text.
    """

    verdicts: tuple[CheckVerdict, ...]
    writers: Mapping[str, Callable[[Path], int]]
    ids: Mapping[str, tuple[tuple[str | None, ...], ...]]


def contract_checks(spec: Spec) -> tuple[ContractCheck, ...]:
    """The checks that a spec asks for, before any table is opened."""
    checks: list[ContractCheck] = []
    if spec.items is not None:
        checks += [_missing("items", "items", "item"), _repeated("items", "items", "item")]
        if spec.items.label:
            checks += _label_checks(spec, "items", "items")
    if spec.annotations is not None:
        checks += [_missing("annotations", "annotations", name) for name in ("item", "annotator")]
        checks += _label_checks(spec, "annotations", "annotations")
        checks.append(_repeats(spec))
        if spec.items is not None:
            title = "Annotations belong to an item of the items table"
            remedy = "add {count} items to the items table, or drop their annotations"
            checks.append(
                ContractCheck(
                    "annotations_without_item",
                    "annotations",
                    "annotations",
                    "reference",
                    "item",
                    title,
                    remedy,
                )
            )
    if spec.gold is not None:
        asset = "annotations" if spec.annotations is not None else "items"
        checks += [
            _missing(asset, "gold", "item"),
            _repeated(asset, "gold", "item"),
            *_label_checks(spec, asset, "gold"),
        ]
        title = "Gold belongs to items that were annotated"
        remedy = "mend the item ids of {count} gold rows, or annotate those items"
        checks.append(ContractCheck("gold_without_item", asset, "gold", "reference", "item", title, remedy))
    return tuple(checks)


def _missing(asset: str, about: str, column: str, *, blocking: bool = True) -> ContractCheck:
    title = f"Every row of {about} has its {column}"
    remedy = f"fill in the {column} of {{count}} rows, or drop them"
    return ContractCheck(
        f"{about}_{column}_missing", asset, about, "not_null", column, title, remedy, blocking
    )


def _repeated(asset: str, about: str, column: str) -> ContractCheck:
    remedy = f"keep one row of each {column}: {{count}} rows share theirs"
    title = f"Every {column} stands once in {about}"
    return ContractCheck(f"{about}_{column}_repeated", asset, about, "unique", column, title, remedy)


def _label_checks(spec: Spec, asset: str, about: str) -> Iterable[ContractCheck]:
    # A row without a label counts nowhere: worth a warning, while one with a wrong label would be learnt from.
    yield _missing(asset, about, "label", blocking=False)
    if spec.labels.values is not None:
        remedy = "map the labels of {count} rows to declared values, or declare them under labels.values"
        title = f"Labels of {about} are declared values"
        yield ContractCheck(f"{about}_label_undeclared", asset, about, "isin", "label", title, remedy)


def _repeats(spec: Spec) -> ContractCheck:
    policy = spec.annotations.repeats if spec.annotations is not None else "first"
    blocking = policy == "error"
    title = "An annotator answers an item once"
    keep = (
        "drop {count} repeats"
        if blocking
        else f"nothing: the {policy} of each annotator's answers to an item counts"
    )
    rule = "unique" if blocking else "repeats"
    return ContractCheck(
        "annotations_repeated", "annotations", "annotations", rule, "item,annotator", title, keep, blocking
    )


def judge_contracts(spec: Spec, tables: Tables, *, limit: int = 20) -> ContractFindings:
    """Judge the checks of a spec over its tables, where they lie.

    Args:
        spec: The spec.
        tables: Its tables, open; they must stay open until the writers are done.
        limit: Most ids of failing rows to keep for a check.
    """
    values = spec.labels.values
    results: dict[str, ContractResult] = {}
    for name, schema, ids in _schemas(spec, values):
        if name in tables:
            results[name] = validate(schema, tables[name].expr, ids=ids, limit=limit, executor="fused")
    judged = [_judge(check, spec, tables, results, limit) for check in contract_checks(spec)]
    return ContractFindings(
        tuple(one.verdict for one in judged),
        {one.verdict.check: one.writer for one in judged if one.writer is not None},
        {one.verdict.check: one.ids for one in judged if one.ids},
    )


def _schemas(spec: Spec, values: tuple[str, ...] | None) -> Iterable[tuple[str, Any, tuple[str, ...]]]:
    if spec.items is not None:
        yield "items", items_schema(label_values=values, labelled=bool(spec.items.label)), ("item",)
    if spec.annotations is not None:
        schema = annotations_schema(label_values=values, repeats=spec.annotations.repeats)
        yield "annotations", schema, ("item", "annotator")
    if spec.gold is not None:
        yield "gold", gold_schema(label_values=values), ("item",)


@dataclass(frozen=True)
class _Judged:
    verdict: CheckVerdict
    ids: tuple[tuple[str | None, ...], ...] = ()
    writer: Callable[[Path], int] | None = None


def _judge(
    check: ContractCheck, spec: Spec, tables: Tables, results: Mapping[str, ContractResult], limit: int
) -> _Judged:
    if check.rule == "reference":
        return _judge_reference(check, tables, limit)
    if check.rule == "repeats":
        found = repeated_pairs(tables["annotations"].expr, limit=limit)
        policy = spec.annotations.repeats if spec.annotations is not None else "first"
        sentence = (
            f"{found.pairs:,} pairs of item and annotator stand there more than once ({found.differing:,} with "
            f"labels that differ); the {policy} counts, and {found.extra:,} annotations are left out."
        )
        return _Judged(_said(check, "clear", sentence, found.pairs, tables["annotations"].rows), found.ids)
    result = results[check.about]
    rule = next(one for one in result.rules if (one.rule, one.column) == (check.rule, check.column))
    return _judge_rule(check, rule, result)


def _judge_rule(check: ContractCheck, rule: RuleResult, result: ContractResult) -> _Judged:
    failing = rule.failing or 0
    verdict: Verdict = "clear" if rule.status == "passed" else "block" if check.blocking else "warn"
    said = {
        "not_null": f"{failing:,} of {rule.checked:,} rows of {check.about} have no {check.column}.",
        "unique": f"{failing:,} of {rule.checked:,} rows of {check.about} share their {check.column} with another.",
        "isin": f"{failing:,} of {rule.checked:,} labels of {check.about} are none of the declared values.",
    }
    sentence = said[check.rule] if rule.status != "not_run" else rule.sentence
    if check.rule == "not_null" and not rule.checked:
        # Nothing breaks a rule in an empty table: that must not open the gate.
        verdict, sentence = ("block" if check.blocking else "warn"), f"{check.about} has no row."

    def write(path: Path) -> int:
        return result.write_failing_rows(path, only=(rule.rule, rule.column))

    return _Judged(
        _said(check, verdict, sentence, failing, rule.checked), rule.ids, write if failing else None
    )


def _judge_reference(check: ContractCheck, tables: Tables, limit: int) -> _Judged:
    known = "items" if check.about == "annotations" or "annotations" not in tables else "annotations"
    found = unmatched_items(tables[check.about].expr, tables[known].expr, limit=limit)
    verdict: Verdict = "block" if found.unmatched else "clear"
    if check.about == "gold" and found.matched and found.matched >= MOST_GOLD * found.checked:
        verdict = "warn" if found.unmatched else "clear"
    rows = f" ({found.rows:,} rows)" if check.about == "annotations" else ""
    what = "annotated items" if check.about == "annotations" else "gold items"
    sentence = f"{found.unmatched:,} of {found.checked:,} {what}{rows} are not in {known}."
    if not found.checked:
        verdict, sentence = "block", f"No row of {check.about} names an item."
    ids = tuple((item,) for item in found.ids)
    writer = found.write if found.unmatched else None
    return _Judged(_said(check, verdict, sentence, found.unmatched, found.checked), ids, writer)


def _said(check: ContractCheck, verdict: Verdict, sentence: str, count: int, asked: int) -> CheckVerdict:
    return CheckVerdict(
        check=check.name,
        family=FAMILY,
        table=check.table,
        verdict=verdict,
        blocking=verdict == "block",
        sentence=sentence,
        remedy="" if verdict == "clear" else check.remedy.format(count=f"{count:,}"),
        measure="failing_rows" if check.rule != "reference" else "unmatched_items",
        value=float(count),
        n=asked,
        bound="<= 0" if check.rule != "repeats" else None,
    )


__all__ = ["ContractCheck", "ContractFindings", "Reference", "contract_checks", "judge_contracts"]
