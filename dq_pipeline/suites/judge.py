"""The suite is run over the measures table, and its results become findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.families.check import ANY, Bound, Check, Finding
from dq_pipeline.suites.generate import PROOFS, ROW_NAMES, completed, mark_of, names_of, suite_for
from dq_pipeline.suites.judged_table import PLACE, judged_table
from dq_pipeline.suites.run import raised, run_suite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from great_expectations import ExpectationSuite

    from dq_pipeline.families.check import Verdict
    from dq_pipeline.measures.estimate import Measure


@dataclass(frozen=True)
class Judgement:
    """What the suite found.

    Attributes:
        findings: One a check, in the checks' order.
        suite: The suite that judged, as JSON.
        result: Great Expectations' validation result, as JSON.
    """

    findings: tuple[Finding, ...]
    suite: dict[str, Any]
    result: dict[str, Any]


@dataclass(frozen=True)
class _Proofs:
    """What the proofs of all tables found.

    Attributes:
        missing: The names, with the columns they would be in, of which there is no row.
        undefined: The places of the rows whose number is not settled.
        raised: Of each table whose proofs could not be had, why.
    """

    missing: frozenset[tuple[str, str]]
    undefined: frozenset[int]
    raised: Mapping[str, str]


@dataclass(frozen=True)
class _Result:
    """A bound's result: its role, the bound it held, and the rows that broke it (places in the table)."""

    role: str
    success: bool
    raised: str | None
    bound: Bound | None
    broken: tuple[int, ...]


def judge(
    dataset: str, measures: Sequence[Measure], checks: Sequence[Check], edited: ExpectationSuite | None = None
) -> Judgement:
    """Run the generated suite, or one that a user edited, over the measures."""
    suite = suite_for(dataset, checks) if edited is None else completed(edited, checks)
    frame = judged_table(suite, measures, checks, edited=edited is not None)
    result = run_suite(
        suite, frame, "measures", result_format="COMPLETE", unexpected_index_column_names=[PLACE]
    )
    by_check: dict[str, list[_Result]] = {}
    proofs = []
    for one in result.results:
        mark = mark_of(one.expectation_config)
        if mark.get("role") in PROOFS:
            proofs.append(one)
        else:
            by_check.setdefault(mark["check"], []).append(_read(one, mark))
    proven = _proven(proofs, measures)
    named: dict[tuple[str, str, str], list[int]] = {}
    for place, row in enumerate(measures):
        named.setdefault((row.family, row.measure, row.table), []).append(place)
    findings = []
    for check in checks:
        of_name = named.get((check.family, check.measure, check.table), ())
        places = [place for place in of_name if check.is_about(measures[place])]
        findings.append(_finding(check, by_check.get(check.name, []), proven, measures, places))
    return Judgement(tuple(findings), suite.to_json_dict(), result.to_json_dict())


def _proven(results: Sequence[Any], measures: Sequence[Measure]) -> _Proofs:
    missing: set[tuple[str, str]] = set()
    undefined: set[int] = set()
    failed: dict[str, str] = {}
    for one in results:
        config, mark = one.expectation_config, mark_of(one.expectation_config)
        why = raised(one.exception_info)
        if why is not None:
            failed[mark["table"]] = why
        elif mark["role"] == "evidence":
            undefined.update(_places(one))
        elif not one.success:  # Great Expectations lists the first that are missing only
            column = config.kwargs["column"]
            there = {ROW_NAMES[column](row) for row in measures}
            missing.update((column, name) for name in config.kwargs["value_set"] if name not in there)
    return _Proofs(frozenset(missing), frozenset(undefined), failed)


def _places(result: Any) -> tuple[int, ...]:
    """The places of the rows that broke an expectation."""
    return tuple(row[PLACE] for row in result.result.get("unexpected_index_list") or ())


def _read(result: Any, mark: dict[str, Any]) -> _Result:
    config = result.expectation_config
    kwargs = config.kwargs
    severity = {"critical": "block", "warning": "warn"}.get(
        str(getattr(config.severity, "value", config.severity)), "relief"
    )
    role = mark.get("role", severity)
    bound = None
    if role in {"block", "warn", "relief"} and config.type == "expect_column_values_to_be_between":
        # An edited severity counts: what the file says is what judges.
        role = severity
        bound = Bound(
            severity,  # type: ignore[arg-type] # one of the three
            mark.get("measure", ""),
            kwargs.get("min_value"),
            kwargs.get("max_value"),
            mark.get("by"),
            mark.get("of", kwargs["column"]),
            mark.get("key"),
        )
    return _Result(role, bool(result.success), raised(result.exception_info), bound, _places(result))


def _finding(
    check: Check,
    results: Sequence[_Result],
    proofs: _Proofs,
    measures: Sequence[Measure],
    places: Sequence[int],
) -> Finding:
    """What the results say of a check; `places` are those of the measures that it is about."""
    rows = [measures[place] for place in places]
    raised = next((result.raised for result in results if result.raised), proofs.raised.get(check.table))
    broken = {
        role: [one for one in results if one.role == role and not one.success] for role in ("block", "warn")
    }
    if raised is not None or (check.bounds and not results):
        return Finding(
            check, "block", rows[0] if rows else None, None, error=raised or "no expectation speaks for it"
        )
    settled = (check.keys is not None or check.by == ANY) and (broken["block"] or broken["warn"])
    if not settled and not _has_evidence(check, proofs, places):
        undefined = next((row for row in rows if row.estimate.status != "ok"), None)
        return Finding(check, "insufficient", undefined or (rows[0] if rows else None), None)
    verdict: Verdict = "clear"
    if broken["block"]:
        reliefs = [one for one in results if one.role == "relief"]
        verdict = "warn" if reliefs and all(one.success for one in reliefs) else "block"
    elif broken["warn"]:
        verdict = "warn"
    blind = _blind(check, results, rows, "block" if broken["warn"] else None)
    if blind is not None and not broken["block"]:
        return Finding(check, "insufficient", *blind)
    decisive = broken["block"] or broken["warn"]
    failing = [(one.bound, measures[place]) for one in decisive if one.bound for place in one.broken]
    failing.sort(key=lambda pair: -pair[0].excess(pair[1]))
    if failing:
        return Finding(check, verdict, failing[0][1], failing[0][0], tuple(row for _, row in failing))
    return _nearest(
        check, verdict, rows, [one.bound for one in results if one.bound and one.role in {"block", "warn"}]
    )


def _has_evidence(check: Check, proofs: _Proofs, places: Sequence[int]) -> bool:
    """Overall numbers must be defined, and rows that a check names; of a breakdown some must be, the others are not judged."""
    if not proofs.missing.isdisjoint(names_of(check)):
        return False
    defined = [place not in proofs.undefined for place in places]
    return all(defined) if check.by is None or check.keys is not None else any(defined)


def _blind(
    check: Check, results: Sequence[_Result], rows: Sequence[Measure], role: str | None
) -> tuple[Measure, Bound] | None:
    """A row without the end of its interval that a bound holds, with the bound: Great Expectations passes a null.

    Overall, and of the rows that a check names, one will do; of another breakdown all must lack it.

    Args:
        check: The check.
        results: What its bounds found.
        rows: The rows that it is about.
        role: Of bounds that block only, or None for those that warn too.
    """
    for one in results:
        bound = one.bound
        if bound is None or one.role not in {role or "warn", "block"} or bound.column == "value":
            continue
        held = [
            row
            for row in rows
            if row.estimate.status == "ok"
            and bound.measure in {"", row.measure}
            and bound.key in {None, row.key}
        ]
        without = [row for row in held if getattr(row.estimate, bound.column) is None]
        named = check.by is None or check.keys is not None
        if without and (named or len(without) == len(held)):
            return without[0], bound
    return None


def _nearest(check: Check, verdict: Verdict, rows: Sequence[Measure], bounds: Sequence[Bound]) -> Finding:
    """A clear check shows the row that comes nearest to its first bound on the check's own measure."""
    own = [bound for bound in bounds if bound.measure == check.measure and bound.by == check.by]
    if check.keys is not None:
        return _nearest_of_keys(check, verdict, rows, own)
    defined = [row for row in rows if row.estimate.status == "ok"]
    if not own or not defined:
        return Finding(check, verdict, defined[0] if defined else None, own[0] if own else None)
    bound = own[-1]
    low_is_bad = bound.at_least is not None
    worst = min(defined, key=lambda row: (row.estimate.value or 0.0) * (1 if low_is_bad else -1))
    return Finding(check, verdict, worst, bound)


def _nearest_of_keys(
    check: Check, verdict: Verdict, rows: Sequence[Measure], bounds: Sequence[Bound]
) -> Finding:
    """Where each row has a bound of its own, the row that has least room to it, as a share of the bound."""
    pairs = [
        (row, bound)
        for row in rows
        for bound in bounds
        if bound.key in {None, row.key} and row.estimate.value is not None
    ]
    if not pairs:
        return Finding(check, verdict, rows[0] if rows else None, None)
    row, bound = min(pairs, key=lambda pair: _room(*pair))
    return Finding(check, verdict, row, bound)


def _room(row: Measure, bound: Bound) -> float:
    value = row.estimate.value or 0.0
    limit = bound.at_least if bound.at_least is not None else bound.at_most or 0.0
    room = value - limit if bound.at_least is not None else limit - value
    return room / abs(limit) if limit else room
