"""Dagster asset checks from any Pandera schema, on any asset of a user's own."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import dagster as dg

from dq_pipeline.orchestration.value_checks import Judgement, Load, check_names, id_table, value_checks

if TYPE_CHECKING:
    from dq_pipeline.contracts import ContractResult, RuleResult

TABLE = "schema"
"""Name of the check that holds the rules of no single column."""
SENTENCES = 3


def build_schema_checks(
    *,
    asset: dg.AssetKey | str | Sequence[str] | dg.AssetsDefinition | dg.SourceAsset,
    schema: Any,
    ids: Sequence[str] = (),
    blocking: bool = True,
    executor: Literal["auto", "native", "fused"] = "auto",
    load: Load | None = None,
) -> dg.AssetChecksDefinition:
    """Build asset checks that hold an asset's value to a Pandera schema: one a column, and one for the table.

    A check fails with severity WARN when only rules with `raise_warning=True` are broken, else with ERROR. The
    value may be a pandas or polars frame, or an Ibis table, which is judged where it lies. A value that cannot be
    loaded, or a rule that raises, is a failed check.

    Args:
        asset: The asset to check.
        schema: A Pandera DataFrameSchema or DataFrameModel for pandas, polars or Ibis.
        ids: Columns whose values name a failing row in the check's metadata; no other value is shown.
        blocking: Whether an ERROR keeps the asset's children from running in the same run.
        executor: As in `dq_pipeline.contracts.validate`.
        load: How to get the value from the check's context; by default the asset's IO manager.

    Returns:
        One definition that holds all the checks; give it to `Definitions(asset_checks=[...])`.

    Raises:
        InputError: The schema is none of Pandera's, or names a column by what is no text.

    Examples:
        >>> import dagster as dg, pandas as pd, pandera.pandas as pa
        >>> @dg.asset
        ... def images():
        ...     return pd.DataFrame({"image_id": ["a", "b", "b"]})
        >>> checks = build_schema_checks(asset=images, schema=pa.DataFrameSchema({"image_id": pa.Column(str)}))
        >>> sorted(key.name for key in checks.check_keys)
        ['schema', 'schema_image_id']
    """
    from dq_pipeline.contracts import validate
    from dq_pipeline.contracts.rules import column_names, flavour

    to_schema = getattr(schema, "to_schema", None)
    schema = to_schema() if callable(to_schema) else schema
    flavour(schema)
    ids = [ids] if isinstance(ids, str) else ids
    columns = column_names(
        schema.columns, "build_schema_checks(schema=...)", 'pa.DataFrameSchema({"image_id": ...})'
    )
    names = dict(
        zip([None, *columns], check_names([TABLE, *(f"{TABLE}_{column}" for column in columns)]), strict=True)
    )
    specs = [
        dg.AssetCheckSpec(name, asset=asset, blocking=blocking, description=_description(column, schema))
        for column, name in names.items()
    ]

    def judge(value: Any) -> Mapping[str, Judgement]:
        result = validate(schema, value, ids=ids, executor=executor)
        mine: dict[str, list[RuleResult]] = {name: [] for name in names.values()}
        for rule in result.rules:
            mine[names[_owner(rule, schema)]].append(rule)
        return {name: _judgement(rules, result) for name, rules in mine.items()}

    key = specs[0].asset_key
    return value_checks(
        name=f"{key.to_python_identifier()}_schema_checks", specs=specs, judge=judge, load=load
    )


def _description(column: str | None, schema: Any) -> str:
    if column is None:
        return "Columns, uniqueness over several columns and rules of the whole table hold."
    found = schema.columns[column]
    return str(
        found.description or found.title or f"Column {column} is there and every value keeps its rules."
    )


def _owner(rule: "RuleResult", schema: Any) -> str | None:
    """The column of the schema that a rule belongs to, None for the table."""
    for key, component in schema.columns.items():
        if rule.column == key or (component.regex and rule.column and re.match(str(key), rule.column)):
            return str(key)
    return None


def _all_hold(rules: int, rows: int) -> str:
    from dq_pipeline.families.verdict import number_of

    hold = f"{number_of(rules, 'rules')} {'holds' if rules == 1 else 'hold'}"
    return f"{hold} for {number_of(rows, 'rows')}." if rows else f"{hold}, yet there is no row to judge."


def _judgement(rules: "Sequence[RuleResult]", result: "ContractResult") -> Judgement:
    """All rules of one check in one sentence, the first failing rows in one table."""
    failed = [rule for rule in rules if rule.status != "passed"]
    numbers: dict[str, Any] = {"rows": result.rows, "rules": len(rules), "rules_failed": len(failed)}
    if not failed:
        return Judgement(passed=True, sentence=_all_hold(len(rules), result.rows), metadata=numbers)
    told = [rule.sentence for rule in failed[:SENTENCES]]
    if len(failed) > SENTENCES:
        told.append(f"{len(failed) - SENTENCES} more rules fail.")
    numbers["failing_rows"] = max((rule.failing or 0 for rule in failed), default=0)
    shown = [(*ids, rule.rule, rule.column) for rule in failed for ids in rule.ids]
    if shown:
        numbers["first_failing_rows"] = id_table([*result.id_columns, "broken_rule", "in_column"], shown)
    block = any(rule.severity == "block" for rule in failed)
    severity = dg.AssetCheckSeverity.ERROR if block else dg.AssetCheckSeverity.WARN
    return Judgement(passed=False, sentence=" ".join(told), severity=severity, metadata=numbers)
