"""Dagster asset checks from a user's own Great Expectations suite, on any asset."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from dq_pipeline.orchestration.value_checks import Judgement, Load, check_names, id_table, value_checks
from dq_pipeline.spec.errors import InputError
from dq_pipeline.suites.user_suite import SEVERITIES, UserExpectation, UserOutcome, judge, read_expectations

MEMORY_ROWS = 5_000_000
"""Rows of an engine's table that Great Expectations may hold in memory: it reads pandas frames only."""


def build_expectation_checks(
    *,
    asset: dg.AssetKey | str | Sequence[str] | dg.AssetsDefinition | dg.SourceAsset,
    suite: Any,
    ids: Sequence[str] = (),
    blocking: bool = True,
    load: Load | None = None,
) -> dg.AssetChecksDefinition:
    """Build one asset check for each expectation of a Great Expectations suite.

    Severity critical becomes ERROR and blocks the asset's children in the same run; warning and info become WARN.
    An expectation that raises, or a value that cannot be loaded, is a failed check.

    Args:
        asset: The asset to check; its value a pandas or polars frame, or an Ibis table.
        suite: A `great_expectations.ExpectationSuite`, or the path of one saved as JSON, which is read without
            importing Great Expectations until a check runs.
        ids: Columns whose values name a failing row in the check's metadata; no other value is shown.
        blocking: Whether critical expectations block.
        load: How to get the value from the check's context; by default the asset's IO manager.

    Returns:
        One definition that holds all the checks, each named by the expectation's `meta["id"]`, or by its type and column.

    Raises:
        InputError: There is no suite there, or a severity that Great Expectations does not know.
    """
    ids = [ids] if isinstance(ids, str) else ids
    expectations = read_expectations(suite)
    who = f"suite {os.fspath(suite)}" if isinstance(suite, (str, os.PathLike)) else "suite"
    for one in expectations:
        if one.severity not in SEVERITIES:
            expected = f"one of {', '.join(SEVERITIES)}"
            raise InputError(
                who, found=f"severity {one.severity!r}", expected=expected, fix='"severity": "critical"'
            )
    names = check_names([one.name for one in expectations])
    specs = [
        dg.AssetCheckSpec(
            name, asset=asset, blocking=blocking and one.severity == "critical", description=_description(one)
        )
        for name, one in zip(names, expectations, strict=True)
    ]

    def judged(value: Any) -> Mapping[str, Judgement]:
        outcomes = judge(expectations, _in_memory(value), ids=ids)
        return {
            name: _judgement(one, outcomes[one.name], ids)
            for name, one in zip(names, expectations, strict=True)
        }

    key = specs[0].asset_key
    return value_checks(
        name=f"{key.to_python_identifier()}_expectation_checks", specs=specs, judge=judged, load=load
    )


def _description(one: UserExpectation) -> str:
    notes = one.config.get("notes") or one.config.get("description") or f"{one.subject}."
    return " ".join(notes) if isinstance(notes, list) else str(notes)


def _judgement(one: UserExpectation, outcome: UserOutcome, ids: Sequence[str]) -> Judgement:
    severity = dg.AssetCheckSeverity.ERROR if one.severity == "critical" else dg.AssetCheckSeverity.WARN
    metadata: dict[str, Any] = {"expectation": one.config["type"], "gx_severity": one.severity}
    if outcome.unexpected is not None:
        metadata["unexpected"] = outcome.unexpected
    if outcome.checked is not None:
        metadata["checked"] = outcome.checked
    if outcome.ids:
        metadata["first_failing_rows"] = id_table(list(ids), outcome.ids)
    return Judgement(outcome.passed, outcome.sentence, severity, metadata)


def _in_memory(value: Any) -> Any:
    """The value as a pandas frame, the one thing Great Expectations reads here."""
    library = type(value).__module__.partition(".")[0]
    if library == "pandas":
        return value
    if library == "polars":
        return (value.collect() if hasattr(value, "collect") else value).to_pandas()
    if library == "ibis":
        rows = int(value.count().to_pyarrow().as_py())
        if rows <= MEMORY_ROWS:
            return value.to_pandas()
        raise InputError(
            "build_expectation_checks",
            found=f"an engine's table of {rows:,} rows",
            expected=f"at most {MEMORY_ROWS:,}: Great Expectations would hold them all in memory",
            fix="build_schema_checks(asset=..., schema=...), which is judged where the table lies",
        )
    raise InputError(
        "build_expectation_checks",
        found=f"a value of type {type(value).__module__}.{type(value).__qualname__}",
        expected="a pandas or polars frame, or an Ibis table",
        fix="load=lambda context: pd.read_parquet(path)",
    )
