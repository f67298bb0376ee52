"""A Pandera schema read as a list of rules: one question each, asked by either executor."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Literal

from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Kind = Literal["present", "extra", "order", "dtype", "not_null", "unique", "check", "index"]
Flavour = Literal["pandas", "polars", "ibis"]


@dataclass(frozen=True, eq=False)
class Rule:
    """One question a schema asks of a table.

    Attributes:
        kind: What is asked.
        name: Name it is reported under, unique for its columns within the schema.
        columns: The columns it reads; empty for the whole table.
        severity: "warn" for a check with `raise_warning=True`, else "block".
        component: The Pandera column (or index) it comes from, None for a rule of the schema itself.
        check: The Pandera check, for kind "check".
        portable: Whether it can be asked of an engine at all; a coercing column or a parser cannot.
        dtype: The Pandera dtype that is expected, or coerced to before the rule is asked.
        written_for: The library whose values the schema, and so a function of the user's, expects.
        repeats: For kind "unique", which rows of a repeat count: "all", "exclude_first" or "exclude_last".
    """

    kind: Kind
    name: str
    columns: tuple[str, ...]
    severity: Literal["block", "warn"] = "block"
    component: Any = None
    check: Any = None
    portable: bool = True
    dtype: Any = None
    written_for: Flavour = "pandas"
    repeats: str = "all"

    @property
    def column(self) -> str | None:
        """The columns as one text, None for the whole table."""
        return ",".join(self.columns) or None

    @property
    def bound(self) -> str:
        """The arguments that the schema gave the check, shortened; "" where there are none."""
        # A check that the user named says what it asks by that name.
        named = self.check is None or self.check.name != registered_name(self.check)
        statistics = {} if named else self.check.statistics
        text = ", ".join(f"{key}={value!r}" for key, value in statistics.items() if value is not None)
        return shorten(text, 120, placeholder=" ...")


def flavour(schema: object) -> Flavour:
    """Which of Pandera's libraries a schema was written for.

    Raises:
        InputError: The object is no Pandera DataFrameSchema for pandas, polars or Ibis.
    """
    to_schema = getattr(schema, "to_schema", None)
    found = type(to_schema() if callable(to_schema) else schema)
    for ancestor in found.__mro__:
        match = re.fullmatch(r"pandera\.api\.(pandas|polars|ibis)\.container", ancestor.__module__)
        if match and ancestor.__name__ == "DataFrameSchema":
            return match[1]  # type: ignore[return-value]  # the pattern holds only the three
    raise InputError(
        "contracts.validate(schema=...)",
        found=f"a {found.__module__}.{found.__qualname__}",
        expected="a Pandera DataFrameSchema or DataFrameModel for pandas, polars or Ibis",
        fix="import pandera.pandas as pa; pa.DataFrameSchema({'item': pa.Column(str)})",
    )


def column_names(columns: Iterable[Any], who: str, fix: str) -> list[str]:
    """The names of a table's or a schema's columns.

    Raises:
        InputError: One is no text, or stands there twice.
    """
    names = list(columns)
    doubled = sorted({str(name) for name in names if names.count(name) > 1 or not isinstance(name, str)})
    if doubled:
        raise InputError(
            who,
            found=f"columns that are doubled or not text: {', '.join(doubled)}",
            expected="column names that are text, each once",
            fix=fix,
        )
    return names


def read_rules(schema: Any, present: Sequence[str]) -> tuple[Rule, ...]:
    """Read the rules of a schema, in its order.

    Args:
        schema: A Pandera DataFrameSchema.
        present: The columns that the table has; patterns in the schema are matched against them.

    Returns:
        The rules. A required column that is absent keeps only its rule "column_in_dataframe".
    """
    expanded: list[tuple[str, Any]] = []
    rules: list[Rule] = []
    for key, component in schema.columns.items():
        names = [name for name in present if re.match(str(key), name)] if component.regex else [str(key)]
        found = [name for name in names if name in present]
        expanded += [(name, component) for name in found]
        if component.required:
            rules.append(
                Rule("present", "column_in_dataframe", tuple(found or [str(key)]), component=component)
            )
    declared = [name for name, _ in expanded]
    if schema.strict is True:
        rules.append(Rule("extra", "column_in_schema", (), component=declared))
    if schema.ordered:
        rules.append(Rule("order", "column_ordered", (), component=declared))
    for name, component in expanded:
        rules += _column_rules(schema, name, component)
    for columns in _unique_lists(schema.unique):
        inside = tuple(name for name in columns if name in present)
        if inside:
            repeats = schema.report_duplicates
            rules.append(Rule("unique", "unique", inside, repeats=repeats, portable=repeats == "all"))
    rules += [_check_rule((), check, portable=not schema.parsers) for check in schema.checks]
    if schema.index is not None:
        rules.append(Rule("index", "index", (), component=schema.index, portable=False))
    return tuple(replace(rule, written_for=flavour(schema)) for rule in _named_apart(rules))


def registered_name(check: Any) -> str:
    """The name Pandera registers a check of its own under, whatever the user called it; "" for a user's function."""
    from pandera.api.function_dispatch import Dispatcher

    function = check._check_fn  # noqa: SLF001  # as Pandera's own Check.registry_name reads it
    # Only Pandera's own are dispatched by the type of the data; a schema holds copies, so identity says nothing.
    return str(function.__name__) if isinstance(function, Dispatcher) else ""


def _column_rules(schema: Any, name: str, component: Any) -> Iterable[Rule]:
    """The rules of one column: dtype, nulls, duplicates, then its checks."""
    parsed = bool(schema.parsers or getattr(component, "parsers", None) or component.coerce or schema.coerce)
    portable = not parsed and component.default is None
    dtype = schema.dtype if schema.dtype is not None else component.dtype
    if dtype is not None:
        yield Rule("dtype", "dtype", (name,), component=component, portable=portable, dtype=dtype)
    if not component.nullable:
        yield Rule("not_null", "not_null", (name,), component=component, portable=portable, dtype=dtype)
    if component.unique:
        repeats = getattr(component, "report_duplicates", "all")
        whole = repeats == "all" and portable
        yield Rule(
            "unique", "unique", (name,), component=component, portable=whole, dtype=dtype, repeats=repeats
        )
    for check in component.checks:
        yield replace(_check_rule((name,), check, portable=portable), component=component, dtype=dtype)


def _check_rule(columns: tuple[str, ...], check: Any, *, portable: bool) -> Rule:
    name = re.sub(r"\W+", "_", str(check.name)).strip("_") or "check"
    severity: Literal["block", "warn"] = "warn" if check.raise_warning else "block"
    return Rule("check", name, columns, severity, check=check, portable=portable)


def _unique_lists(unique: Any) -> list[list[str]]:
    """Pandera takes one column, a list of columns, or a list of such lists."""
    if not unique:
        return []
    if isinstance(unique, str):
        return [[unique]]
    return (
        [list(unique)] if all(isinstance(name, str) for name in unique) else [list(names) for names in unique]
    )


def _named_apart(rules: list[Rule]) -> Iterable[Rule]:
    """Two checks of one name on one column become name and name_2."""
    seen: dict[tuple[str, tuple[str, ...]], int] = {}
    for rule in rules:
        times = seen[rule.name, rule.columns] = seen.get((rule.name, rule.columns), 0) + 1
        yield rule if times == 1 else replace(rule, name=f"{rule.name}_{times}")
