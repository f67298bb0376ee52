"""A user's own Great Expectations suite: read without importing Great Expectations, run over any table."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.suites.run import raised, run_suite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEY = "dq_pipeline_check"
"""Meta key that a result is told by: results come in another order than the suite."""
SEVERITIES = ("critical", "warning", "info")


@dataclass(frozen=True)
class UserExpectation:
    """One expectation of a suite.

    Attributes:
        name: What it is told by: `meta["id"]` where the user gave one, else its type and column.
        severity: "critical", "warning" or "info".
        config: The expectation as Great Expectations saves it.
    """

    name: str
    severity: str
    config: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """The type and the columns it names, for a sentence."""
        kwargs = self.config.get("kwargs", {})
        columns = [kwargs[key] for key in ("column", "column_A", "column_B") if kwargs.get(key)]
        columns += kwargs.get("column_list") or kwargs.get("column_set") or []
        return str(self.config["type"]) + (f" on {', '.join(map(str, columns))}" if columns else "")


@dataclass(frozen=True)
class UserOutcome:
    """What became of one expectation.

    Attributes:
        passed: Whether it succeeded; an expectation that raised did not.
        sentence: What was found; no value of a row.
        unexpected: Rows that break it, None where it is not about rows.
        checked: Rows it was asked of.
        ids: Ids of the first failing rows, one text an id column.
    """

    passed: bool
    sentence: str
    unexpected: int | None = None
    checked: int | None = None
    ids: tuple[tuple[str, ...], ...] = ()


def read_expectations(suite: Any) -> tuple[UserExpectation, ...]:
    """Read a suite's expectations.

    Args:
        suite: A `great_expectations.ExpectationSuite`, or the path of one saved as JSON.

    Raises:
        InputError: The path holds no suite, or the suite no expectation.
    """
    who = "a Great Expectations suite"
    if isinstance(suite, (str, os.PathLike)):
        who = str(suite)
        data = _read_json(Path(suite))
    elif hasattr(suite, "to_json_dict") and hasattr(suite, "expectations"):
        data = suite.to_json_dict()
    else:
        raise InputError(
            who,
            found=f"a {type(suite).__module__}.{type(suite).__qualname__}",
            expected="an ExpectationSuite or the path of one saved as JSON",
            fix='build_expectation_checks(asset=..., suite="suite.json")',
        )
    found = data.get("expectations") if isinstance(data, dict) else None
    if (
        not isinstance(found, list)
        or not found
        or not all(isinstance(one, dict) and "type" in one for one in found)
    ):
        raise InputError(
            who,
            found="no list of expectations that each have a type",
            expected="a suite as Great Expectations 1.x saves it",
            fix="pathlib.Path('suite.json').write_text(json.dumps(suite.to_json_dict()))",
        )
    return tuple(_named_apart(found))


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        fix = "give the path of a saved suite"
        raise InputError(
            str(path), found=str(error.strerror), expected="a suite saved as JSON", fix=fix
        ) from error
    except ValueError as error:
        found = f"no JSON ({error})"
        raise InputError(
            str(path), found=found, expected="a suite saved as JSON", fix="save the suite again"
        ) from error


def _named_apart(found: Sequence[Mapping[str, Any]]) -> list[UserExpectation]:
    """Each by its own meta id, or by type and column; a second one of a name gets "_2"."""
    named: list[UserExpectation] = []
    taken: set[str] = set()
    for config in found:
        severity = str(config.get("severity") or "critical")
        given = (config.get("meta") or {}).get("id")
        wanted = str(given or UserExpectation("", severity, config).subject.replace(" on ", "_"))
        name, times = wanted, 1
        while name in taken:
            times += 1
            name = f"{wanted}_{times}"
        taken.add(name)
        named.append(UserExpectation(name, severity, config))
    return named


def judge(
    expectations: Sequence[UserExpectation], frame: Any, *, ids: Sequence[str] = (), limit: int = 20
) -> dict[str, UserOutcome]:
    """Run expectations over a pandas frame.

    Args:
        expectations: As `read_expectations` gives them.
        frame: A pandas DataFrame.
        ids: Columns whose values name a failing row.
        limit: Most ids of failing rows to give an expectation.

    Returns:
        One outcome for each expectation, by name, also for one that Great Expectations gave no result for.
    """
    import great_expectations as gx

    configs = [
        {**one.config, "meta": {**(one.config.get("meta") or {}), KEY: one.name}} for one in expectations
    ]
    suite = gx.ExpectationSuite(name="dq_pipeline", expectations=configs)
    known = [name for name in ids if name in frame.columns]
    shape: dict[str, Any] = {
        "result_format": "COMPLETE" if known else "SUMMARY",
        "partial_unexpected_count": limit,
    }
    if known:
        shape["unexpected_index_column_names"] = known
    validated = run_suite(suite, frame, "table", **shape)
    results = {result.expectation_config.meta[KEY]: result.to_json_dict() for result in validated.results}
    return {
        one.name: _outcome(one, results.get(one.name), list(ids) if known else [], limit)
        for one in expectations
    }


def _outcome(
    one: UserExpectation, result: Mapping[str, Any] | None, ids: Sequence[str], limit: int
) -> UserOutcome:
    if result is None:
        return UserOutcome(passed=False, sentence=f"{one.subject} gave no result, which counts as failed.")
    if raised(result.get("exception_info")) is not None:
        return UserOutcome(passed=False, sentence=f"{one.subject} raised and was not judged.")
    found = result.get("result") or {}
    passed = bool(result["success"])
    checked, unexpected = found.get("element_count"), found.get("unexpected_count")
    asked = None if checked is None else int(checked) - int(found.get("missing_count") or 0)
    if unexpected is not None and asked is not None:
        said = "holds" if passed else "fails"
        sentence = f"{one.subject} {said}: {int(unexpected):,} of {asked:,} values are unexpected."
        if asked == 0:
            sentence = f"{one.subject} {said}, yet there was no value to judge."
    else:
        observed = found.get("observed_value")
        shown = f": found {observed:g}" if isinstance(observed, (int, float)) else ""
        sentence = f"{one.subject} {'holds' if passed else 'fails'}{shown}."
    rows = found.get("unexpected_index_list") or []
    first = tuple(
        tuple(str(row.get(name, "")) for name in ids) for row in rows[:limit] if isinstance(row, dict)
    )
    return UserOutcome(
        passed, sentence, None if unexpected is None else int(unexpected), asked, first if ids else ()
    )
