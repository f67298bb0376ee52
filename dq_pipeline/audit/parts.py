"""The audits of a dataset's assets, each kept in a folder of its own, put together as the one audit they are parts of."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from dq_pipeline.audit.run import Audit
from dq_pipeline.audit.timings import Timings
from dq_pipeline.families.collection import collection_plan
from dq_pipeline.families.handout import Document, Handout
from dq_pipeline.families.proposals import proposals
from dq_pipeline.families.verdict import CheckVerdict, Waived
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.table import to_arrow
from dq_pipeline.tables import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from dq_pipeline.families.family import Family
    from dq_pipeline.spec import Spec

NUMBERS, REST = "measures.parquet", "part.json"


def keep_part(audit: Audit, folder: Path) -> None:
    """Keep a part of an audit in a folder, to be put together with others: whole when this returns."""
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    rest = {
        "data_version": audit.data_version,
        "versions": audit.versions,
        "silent": audit.silent,
        "verdicts": [verdict.as_dict() for verdict in audit.verdicts],
        "suite": audit.suite,
        "result": audit.result,
        "handouts": [asdict(handout) for handout in audit.handouts],
        "seconds": audit.timings.seconds,
        "rows": audit.timings.rows,
        "parts": audit.timings.parts,
        "failing": {check: [asdict(row) for row in rows] for check, rows in audit.failing.items()},
    }
    with whole(folder / NUMBERS) as file:
        pq.write_table(to_arrow(audit.measures), file)
    with whole(folder / REST) as file:
        file.write_text(json.dumps(rest, ensure_ascii=False), encoding="utf-8")


def kept_parts(folder: Path) -> list[Path]:
    """The folders of the parts that were kept in a folder, by name; one that a kill cut short is passed over."""
    return sorted(path.parent for path in folder.glob(f"*/{REST}"))


def read_part(folder: Path, spec: Spec) -> Audit:
    """A part that was kept, without what `merged` makes of all the numbers: plan and proposals.

    Raises:
        OSError: There is none.
        ValueError: A file is damaged.
    """
    import pyarrow.parquet as pq

    rest = json.loads((folder / REST).read_text(encoding="utf-8"))
    return Audit(
        spec,
        rest["data_version"],
        tuple(_measure(row) for row in pq.read_table(folder / NUMBERS).to_pylist()),
        tuple(_verdict(one) for one in rest["verdicts"]),
        rest["suite"],
        rest["result"],
        rest["silent"],
        Timings(seconds=rest["seconds"], rows=rest["rows"], parts=rest["parts"]),
        handouts=tuple(_handout(one) for one in rest["handouts"]),
        versions=rest["versions"],
        failing={check: tuple(_row(one) for one in rows) for check, rows in rest["failing"].items()},
    )


def merged(parts: Sequence[Audit], families: Sequence[Family[Any]]) -> Audit:
    """One audit of several parts of it, each of other checks; of what two parts hold the last one's stands.

    Args:
        parts: At least one.
        families: Those that judged, of whose gaps the plan is made.
    """
    last = parts[-1]
    verdicts = {(verdict.table, verdict.check): verdict for part in parts for verdict in part.verdicts}
    measures = {
        (row.family, row.measure, row.table, row.by, row.key): row for part in parts for row in part.measures
    }
    rows = tuple(measures.values())
    of_family = {family.name: [row for row in rows if row.family == family.name] for family in families}
    gaps = [
        gap for family in families if of_family[family.name] for gap in family.gaps(of_family[family.name])
    ]
    return replace(
        last,
        measures=rows,
        verdicts=tuple(verdicts.values()),
        suite={**last.suite, "expectations": _own(parts, "suite", "expectations")},
        result=_results(last.result, _own(parts, "result", "results")),
        silent={family: why for part in parts for family, why in part.silent.items()},
        timings=_cost([part.timings for part in parts]),
        handouts=tuple({handout.file: handout for part in parts for handout in part.handouts}.values()),
        versions={name: version for part in parts for name, version in part.versions.items()},
        failing={check: failing for part in parts for check, failing in part.failing.items()},
        plan=collection_plan(gaps, rows),
        proposed=proposals(last.spec, rows),
    )


def _own(parts: Sequence[Audit], document: str, key: str) -> list[dict[str, Any]]:
    """Of each part the expectations, or results, that speak for its checks, or for those of its tables."""
    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        checks = {verdict.check for verdict in part.verdicts}
        tables = {verdict.table for verdict in part.verdicts}
        for one in getattr(part, document).get(key, ()):
            config = one.get("expectation_config", one)
            mark = (config.get("meta") or {}).get("dq_pipeline") or {}
            if mark.get("check") in checks or mark.get("table") in tables:
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
        total.parts.update(one.parts)
    return total


def _measure(row: dict[str, Any]) -> Measure:
    estimate = Estimate(row["value"], row["low"], row["high"], row["n"], row["status"])
    return Measure(row["family"], row["measure"], row["table"], estimate, row["by"], row["key"])


def _row(one: dict[str, Any]) -> Measure:
    return Measure(**{**one, "estimate": Estimate(**one["estimate"])})


def _handout(one: dict[str, Any]) -> Handout | Document:
    if "content" in one:
        return Document(one["file"], one["content"])
    return Handout(one["file"], tuple(one["columns"]), tuple(tuple(row) for row in one["rows"]))


def _verdict(one: dict[str, Any]) -> CheckVerdict:
    return CheckVerdict(**{**one, "waiver": Waived(**one["waiver"]) if one["waiver"] else None})
