"""The audits of a dataset's assets put together as the one audit that they are parts of."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dq_pipeline.audit.run import Audit
from dq_pipeline.audit.timings import Timings
from dq_pipeline.families.verdict import CheckVerdict, Waived
from dq_pipeline.measures.estimate import Estimate, Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from dq_pipeline.spec import Spec


def read_audit(folder: Path, spec: Spec) -> Audit:
    """An audit back from the files that `write` left of it, without its hand-outs.

    Raises:
        OSError: A file is not there.
        ValueError: A file is damaged.
    """
    import pyarrow.parquet as pq

    rows = pq.read_table(folder / "measures.parquet").to_pylist()
    verdicts = json.loads((folder / "verdicts.json").read_text(encoding="utf-8"))
    cost = json.loads((folder / "timings.json").read_text(encoding="utf-8"))
    return Audit(
        spec,
        verdicts["data_version"],
        tuple(_measure(row) for row in rows),
        tuple(_verdict(one) for one in verdicts["checks"]),
        json.loads((folder / "suite.json").read_text(encoding="utf-8")),
        json.loads((folder / "suite_result.json").read_text(encoding="utf-8")),
        {},
        Timings(seconds=cost["seconds"], rows=cost["rows"]),
    )


def merged(parts: Sequence[Audit]) -> Audit:
    """One audit of several parts of it, each of other checks; of what two parts hold the last one's stands.

    Raises:
        ValueError: There is no part.
    """
    if not parts:
        raise ValueError("no part of an audit to put together")
    last = parts[-1]
    verdicts = {(verdict.table, verdict.check): verdict for part in parts for verdict in part.verdicts}
    measures = {
        (row.family, row.measure, row.table, row.by, row.key): row for part in parts for row in part.measures
    }
    return replace(
        last,
        measures=tuple(measures.values()),
        verdicts=tuple(verdicts.values()),
        suite={**last.suite, "expectations": _own(parts, "suite", "expectations")},
        result=_results(last.result, _own(parts, "result", "results")),
        silent={family: why for part in parts for family, why in part.silent.items()},
        timings=_cost([part.timings for part in parts]),
        versions={name: version for part in parts for name, version in part.versions.items()},
    )


def _own(parts: Sequence[Audit], document: str, key: str) -> list[dict[str, Any]]:
    """Of each part the expectations, or results, that speak for its checks; a user's own ones once."""
    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        checks = {verdict.check for verdict in part.verdicts}
        for one in getattr(part, document).get(key, ()):
            config = one.get("expectation_config", one)
            check = ((config.get("meta") or {}).get("dq_pipeline") or {}).get("check")
            if check is None or check in checks:
                name = json.dumps(
                    [config.get("type"), config.get("kwargs"), config.get("meta")], sort_keys=True
                )
                found[name] = one
    return list(found.values())


def _results(last: dict[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
    """A validation result that holds all results, its totals counted again."""
    kept = sum(1 for one in results if one.get("success"))
    totals = {
        "evaluated_expectations": len(results),
        "successful_expectations": kept,
        "unsuccessful_expectations": len(results) - kept,
        "success_percent": 100.0 * kept / len(results) if results else None,
    }
    return {**last, "success": kept == len(results), "results": results, "statistics": totals}


def _cost(timings: Iterable[Timings]) -> Timings:
    """Seconds add up; rows are those of each table, however often it was read."""
    total = Timings()
    for one in timings:
        for stage, seconds in one.seconds.items():
            total.seconds[stage] = total.seconds.get(stage, 0.0) + seconds
        total.rows.update(one.rows)
    return total


def _measure(row: dict[str, Any]) -> Measure:
    estimate = Estimate(row["value"], row["low"], row["high"], row["n"], row["status"])
    return Measure(row["family"], row["measure"], row["table"], estimate, row["by"], row["key"])


def _verdict(one: dict[str, Any]) -> CheckVerdict:
    return CheckVerdict(**{**one, "waiver": Waived(**one["waiver"]) if one["waiver"] else None})
