"""The executor in memory: Pandera itself judges a pandas or polars frame, one rule at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dq_pipeline.contracts.finding import Finding, about_columns, ids_as_text
from dq_pipeline.contracts.fragment import fragment
from dq_pipeline.contracts.rules import Rule, registered_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Library = Literal["pandas", "polars"]


def run(rules: Sequence[Rule], frame: Any, library: Library, ids: Sequence[str]) -> Iterator[Finding]:
    """Judge rules with Pandera.

    Args:
        rules: The rules of a schema.
        frame: A pandas or polars DataFrame.
        library: Which of the two it is.
        ids: The id columns.

    Yields:
        One finding a rule.
    """
    present = [str(name) for name in frame.columns]
    if library == "polars":
        import polars.selectors as cs

        # A NaN is a missing value everywhere in this project; polars keeps the two apart.
        frame = frame.with_columns(cs.float().fill_nan(None))
    numbered = frame.reset_index(drop=True) if library == "pandas" else frame
    for rule in rules:
        judged = frame if rule.kind == "index" else numbered
        yield about_columns(rule, present, len(frame)) or _judge(rule, judged, library, ids)


def _judge(rule: Rule, frame: Any, library: Library, ids: Sequence[str]) -> Finding:  # noqa: PLR0911 - one a way to end
    """Let Pandera validate the frame against this rule alone, then count what it refused."""
    from pandera.config import ValidationDepth, config_context
    from pandera.errors import SchemaErrors

    if rule.written_for == "ibis" and rule.check is not None and not registered_name(rule.check):
        reason = "its function for Ibis raised, or did not answer with a boolean for each row"
        return Finding(rule, "not_run", reason=reason)
    checked = _values(rule, frame, library)
    try:
        # An environment that turns Pandera's validation off must not turn a gate off.
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            fragment(rule, library).validate(frame, lazy=True)
    except SchemaErrors as refused:
        error = refused.schema_errors[0]
    except TypeError:
        if rule.kind != "unique":
            raise
        return Finding(rule, "not_run", checked=checked, reason="its values cannot be compared")
    else:
        row_rule = rule.kind in {"check", "not_null", "unique"}
        return Finding(rule, "passed", 0 if row_rule else None, checked)
    unjudged = _unjudged(rule, error)
    if unjudged:
        return Finding(rule, "not_run", checked=checked, reason=unjudged)
    if rule.kind == "dtype":
        found = frame.schema[rule.columns[0]] if library == "polars" else frame[rule.columns[0]].dtype
        return Finding(rule, "failed", checked=checked, reason=f"expected {rule.dtype}, found {found}")
    broken = _broken_polars(rule, frame, error) if library == "polars" else _broken_pandas(rule, frame, error)
    if broken is None:
        return Finding(rule, "failed", checked=checked, reason="it does not hold for the table as a whole")
    return Finding(rule, "failed", int(broken.sum()), checked, _rows(frame, broken, library, ids))


def _unjudged(rule: Rule, error: Any) -> str:
    """Why Pandera's refusal says nothing about the rows; "" when it does."""
    from pandera.errors import SchemaErrorReason

    if error.reason_code is SchemaErrorReason.CHECK_ERROR:
        # Only the class of the error: its message may hold values of the rows.
        return f"its check raised {str(error.failure_cases).partition('(')[0]}"
    if error.reason_code is SchemaErrorReason.DATATYPE_COERCION and rule.kind != "dtype":
        return f"the column cannot be coerced to {rule.dtype}"
    return ""


def _values(rule: Rule, frame: Any, library: Library) -> int:
    """Rows the rule is asked of: a check that ignores nulls is asked of values only."""
    if rule.kind != "check" or not rule.columns or not rule.check.ignore_na:
        return len(frame)
    column = frame[rule.columns[0]]
    return int(column.count()) if library == "pandas" else len(column) - column.null_count()


def _broken_polars(rule: Rule, frame: Any, error: Any) -> Any:
    """One boolean a row, true where it breaks the rule; None when the answer is about no row."""
    if rule.kind == "unique":
        return frame.select(rule.columns).is_duplicated()
    if rule.kind == "not_null":
        return frame[rule.columns[0]].is_null()
    answer = error.check_output
    return ~answer.to_series() if len(answer) == len(frame) else None


def _broken_pandas(rule: Rule, frame: Any, error: Any) -> Any:
    """One boolean a row, true where it breaks the rule; None when the answer is about no row."""
    from pandera.backends.utils import convert_uniquesettings

    if rule.kind == "unique":
        keep = convert_uniquesettings(rule.repeats)
        return frame.duplicated(subset=list(rule.columns), keep=keep).to_numpy()
    if rule.kind == "not_null":
        return frame[rule.columns[0]].isna().to_numpy()
    answer = error.check_output
    if rule.kind != "check" or not hasattr(answer, "index"):
        return None
    if answer.ndim > 1:
        answer = answer.all(axis=1)
    # Pandera drops the nulls before it asks, so the answer may have fewer rows than the frame.
    held = answer.astype("boolean").reindex(frame.index).fillna(True)
    return ~held.to_numpy(dtype=bool)


def _rows(frame: Any, broken: Any, library: Library, ids: Sequence[str]) -> Any:
    """The failing rows' ids as a table of text; None when the frame has no id column."""
    import ibis

    kept = [name for name in ids if name in frame.columns]
    if not kept:
        return None
    if library == "polars":
        import polars as pl

        text = frame.filter(broken).select(pl.col(name).cast(pl.String) for name in kept)
    else:
        text = frame.loc[broken, kept].apply(_as_text).reset_index(drop=True)
    return ids_as_text(ibis.memtable(text), ids)


def _as_text(column: Any) -> Any:
    """A pandas column as text; bytes that are no text in their codes."""
    try:
        return column.astype("string")
    except UnicodeDecodeError:
        return column.map(
            lambda one: one.decode("utf-8", "backslashreplace") if isinstance(one, bytes) else one
        ).astype("string")
