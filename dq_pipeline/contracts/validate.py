"""One Pandera schema, two executors: in memory for small frames, fused into queries for large tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dq_pipeline.contracts import native
from dq_pipeline.contracts.finding import Finding
from dq_pipeline.contracts.result import ContractResult, RuleResult
from dq_pipeline.contracts.rules import Flavour, Rule, column_names, flavour, read_rules
from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import ibis

NATIVE_ROWS = 2_000_000
"""Rows up to which Pandera itself may hold a table in memory."""


def validate(
    schema: Any,
    table: Any,
    *,
    ids: Sequence[str],
    limit: int = 20,
    executor: Literal["auto", "native", "fused"] = "auto",
) -> ContractResult:
    """Judge every rule of a Pandera schema over a table.

    Args:
        schema: A Pandera DataFrameSchema or DataFrameModel for pandas, polars or Ibis.
        table: An Ibis table on any engine, a pandas or a polars frame, or a DuckDB relation (copied into memory).
        ids: The columns that name a row; with rule and column names all that leaves the table.
        limit: Most ids of failing rows to give a rule.
        executor: "native" lets Pandera judge in memory; "fused" asks the engine with one aggregate and one grouped
            query for each uniqueness; "auto" takes "native" for a frame of at most `NATIVE_ROWS` rows, else "fused".
            A rule that cannot be said as a query (a function of the user's on pandas, a coercion, a look-ahead in a
            pattern) is then judged natively up to `NATIVE_ROWS`, and is "not_run" above.

    Returns:
        The result. A missing column, a wrong dtype and a check that raises are failed or unjudged rules.

    Raises:
        InputError: The schema or the table is of no known kind, or an argument is impossible.
    """
    if limit < 0:
        raise InputError(
            "contracts.validate(limit=...)", found=str(limit), expected="0 or more", fix="limit=20"
        )
    if executor not in {"auto", "native", "fused"}:
        expected = "auto, native or fused"
        raise InputError(
            "contracts.validate(executor=...)", found=repr(executor), expected=expected, fix='executor="auto"'
        )
    ids = [ids] if isinstance(ids, str) else ids
    to_schema = getattr(schema, "to_schema", None)
    schema = to_schema() if callable(to_schema) else schema
    written_for = flavour(schema)
    frame = _collected(table)
    source = _source(frame)
    rules = read_rules(schema, _columns(frame))
    small = source != "ibis" and source == written_for and len(frame) <= NATIVE_ROWS
    if executor == "native" or (executor == "auto" and small):
        library: native.Library = "polars" if written_for == "polars" else "pandas"
        frame = frame if source == library else _pulled(_engine_table(frame, source), library)
        findings = list(native.run(rules, frame, library, ids))
        return _result(rules, findings, len(frame), ids, limit, "native")
    findings, rows = _fused(rules, frame, source, written_for, ids)
    return _result(rules, findings, rows, ids, limit, "fused")


def _fused(
    rules: Sequence[Rule], frame: Any, source: Flavour, written_for: Flavour, ids: Sequence[str]
) -> tuple[list[Finding], int]:
    """Ask the engine what it can answer; the rest goes to Pandera, or is left unjudged when the table is too large."""
    from dq_pipeline.contracts import fused

    table = _engine_table(frame, source)
    # A frame knows its own dtypes better than the engine that reads it.
    typed = [rule for rule in rules if rule.kind == "dtype" and source == written_for != "ibis"]
    findings, left, rows = fused.run([rule for rule in rules if rule not in typed], table, ids)
    left += typed
    library: native.Library = "polars" if written_for == "polars" else "pandas"
    if left and source == library:
        findings += native.run(left, frame, library, ids)
    elif left and rows <= NATIVE_ROWS:
        findings += native.run(left, _pulled(table, library), library, ids)
    else:
        reason = f"it cannot be said as a query, and {rows:,} rows are too many to judge in memory"
        findings += [Finding(rule, "not_run", reason=reason) for rule in left]
    return findings, rows


def _result(
    rules: Sequence[Rule],
    findings: Iterable[Finding],
    rows: int,
    ids: Sequence[str],
    limit: int,
    executor: Literal["native", "fused"],
) -> ContractResult:
    """Put the findings in the schema's order and fetch the first ids of each failure."""
    found = {finding.rule: finding for finding in findings}
    wrong = {
        rule.columns for rule, finding in found.items() if rule.kind == "dtype" and finding.status == "failed"
    }
    results, failing = [], {}
    for rule in rules:
        finding = found[rule]
        if rule.kind == "check" and rule.columns in wrong:
            finding = Finding(rule, "not_run", reason="the column has the wrong dtype")
        first: tuple[tuple[str | None, ...], ...] = ()
        if finding.rows is not None:
            failing[rule.name, rule.column] = finding.rows
            first = _first_ids(finding.rows, limit)
        results.append(
            RuleResult(
                rule=rule.name,
                column=rule.column,
                status=finding.status,
                severity=rule.severity,
                failing=finding.failing,
                checked=finding.checked,
                ids=first,
                reason=finding.reason,
                bound=rule.bound,
            )
        )
    return ContractResult(tuple(results), rows, tuple(ids), executor, failing)


def _first_ids(rows: ibis.Table, limit: int) -> tuple[tuple[str | None, ...], ...]:
    """The smallest ids as text, so that two runs and two engines show the same ones."""
    order = [rows[name].asc(nulls_first=False) for name in rows.columns]
    first = rows.order_by(order).limit(limit).to_pyarrow()
    return tuple(zip(*(first.column(i).to_pylist() for i in range(first.num_columns)), strict=True))


def _collected(table: Any) -> Any:
    """A lazy polars frame collected, and a relation of DuckDB's own, whose connection nobody else may use, copied."""
    library = type(table).__module__.partition(".")[0]
    if library == "polars" and hasattr(table, "collect"):
        return table.collect()
    if library in {"duckdb", "_duckdb"} and hasattr(table, "to_arrow_table"):
        import ibis

        return ibis.memtable(table.to_arrow_table())
    return table


def _source(table: Any) -> Flavour:
    """Which library a table belongs to."""
    library = type(table).__module__.partition(".")[0]
    if library in {"pandas", "polars", "ibis"} and hasattr(table, "columns"):
        return library  # type: ignore[return-value]  # one of the three
    raise InputError(
        "contracts.validate(table=...)",
        found=f"a {type(table).__module__}.{type(table).__qualname__}",
        expected="an Ibis table, a pandas DataFrame, a polars DataFrame or LazyFrame, or a DuckDB relation",
        fix="ibis.duckdb.connect().read_parquet(path)",
    )


def _columns(frame: Any) -> list[str]:
    """The column names, each once."""
    return column_names(frame.columns, "contracts.validate(table=...)", "frame.columns = [...]")


def _engine_table(frame: Any, source: Flavour) -> ibis.Table:
    """The frame as a table of the embedded engine."""
    import ibis
    import pyarrow as pa

    if source == "ibis":
        return frame
    if source == "polars":
        return ibis.memtable(frame.to_arrow())
    return ibis.memtable(pa.table({name: _array(frame[name]) for name in frame.columns}))


def _array(column: Any) -> Any:
    """A pandas column as Arrow; what the engine has no type for (periods, values of several types) as text."""
    import pyarrow as pa

    try:
        made = pa.Array.from_pandas(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return pa.Array.from_pandas(column.astype("string"))
    if pa.types.is_float16(made.type):
        return made.cast(pa.float32())
    return pa.Array.from_pandas(column.astype("string")) if _is_pandas_own(made.type) else made


def _is_pandas_own(kind: Any) -> bool:
    """Whether an Arrow type, or that of its categories, is one that pandas registers for its periods and intervals."""
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return str(getattr(kind, "extension_name", "")).startswith("pandas.")


def _pulled(table: ibis.Table, library: native.Library) -> Any:
    """The engine's table in memory; whole numbers stay whole where some are missing."""
    arrow = table.to_pyarrow()
    if library == "polars":
        import polars as pl

        return pl.from_arrow(arrow)
    import pandas as pd

    frame = arrow.to_pandas()
    for name, column in zip(arrow.column_names, arrow.columns, strict=True):
        if column.null_count and pd.api.types.is_integer_dtype(column.type.to_pandas_dtype()):
            frame[name] = pd.array(column.to_pylist(), dtype="Int64")
    return frame
