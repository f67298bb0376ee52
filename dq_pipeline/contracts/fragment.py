"""One rule as a Pandera schema of its own, so that Pandera judges it apart from all others."""

from __future__ import annotations

import copy
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from dq_pipeline.contracts.rules import registered_name

if TYPE_CHECKING:
    from dq_pipeline.contracts.rules import Rule


def fragment(rule: Rule, library: Literal["pandas", "polars", "ibis"]) -> Any:
    """Build the Pandera schema that asks this rule and nothing else.

    Parsers and coercion come first, as they do in the whole schema. A check keeps its function but never only
    warns, so that its failing rows are counted; the rule's severity remembers.

    Args:
        rule: The rule, of a kind that rows decide.
        library: Pandera's library for the frame it will see.
    """
    pandera = import_module(f"pandera.{library}")
    if rule.kind == "index":
        return pandera.DataFrameSchema(index=rule.component)
    if not rule.columns:
        return pandera.DataFrameSchema(checks=[_loud(rule, pandera)])
    if rule.component is None:
        return pandera.DataFrameSchema(unique=list(rule.columns), report_duplicates=rule.repeats)
    options: dict[str, Any] = {"nullable": rule.kind != "not_null", "unique": rule.kind == "unique"}
    parsers = getattr(rule.component, "parsers", None)
    if parsers:
        options["parsers"] = parsers
    if rule.component.coerce or rule.kind == "dtype":
        options["dtype"] = rule.dtype
        options["coerce"] = rule.component.coerce
    if rule.component.default is not None:
        options["default"] = rule.component.default
    if rule.kind == "check":
        options["checks"] = [_loud(rule, pandera)]
    return pandera.DataFrameSchema({rule.columns[0]: pandera.Column(**options)})


def _loud(rule: Rule, pandera: Any) -> Any:
    """The rule's check, failing where it would have warned, its pattern held together by a group."""
    if registered_name(rule.check) == "str_matches" and rule.written_for == "polars":
        pattern = rule.check.statistics["pattern"]
        # Pandera for polars puts ^ before the pattern only: "cat|dog" would then accept "xdog".
        return pandera.Check.str_matches(f"^(?:{getattr(pattern, 'pattern', pattern)})")
    check = copy.copy(rule.check)
    check.raise_warning = False
    check.n_failure_cases = None
    return check
