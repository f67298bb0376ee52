"""A verdict as Dagster's check result: passed or not, how severe, a sentence, a few numbers, a short table, links."""

import csv
import re
import traceback
from collections.abc import Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import dagster as dg

from dq_pipeline.audit import Audit
from dq_pipeline.families.verdict import CheckVerdict, shown
from dq_pipeline.measures.estimate import Measure
from dq_pipeline.orchestration.value_checks import TRACEBACK_CHARACTERS, id_table
from dq_pipeline.orchestration.waivers import CheckWaiver
from dq_pipeline.report.text import sentence, visible
from dq_pipeline.spec import InputError

WORST = 20
"""Rows of a check's table: each event is a row in Dagster's database."""
_FILE = re.compile(r"[\w-]+\.csv")
_LONGEST = 200
"""Characters of a cell: an id or a label of a hostile table may have thousands."""


def result_of(
    spec: dg.AssetCheckSpec,
    verdict: CheckVerdict | None,
    found: Audit,
    folder: Path,
    links: Mapping[str, Any],
) -> dg.AssetCheckResult:
    """What a check answers.

    Args:
        spec: The check.
        verdict: Its verdict; without one it has failed.
        found: The audit, from whose numbers the rows that it looked at are shown.
        folder: Where the audit's files lie.
        links: Where to read more: the report, the MLflow run.
    """
    if verdict is None:
        return unjudged(spec, None, links)
    passed = verdict.verdict == "clear"
    metadata: dict[str, Any] = {"verdict": verdict.verdict}
    if verdict.remedy:
        metadata["what_to_do"] = sentence(verdict.remedy)
    numbers = {"value": verdict.value, "n": verdict.n}
    metadata |= {name: number for name, number in numbers.items() if number is not None}
    if verdict.low is not None and verdict.high is not None:
        metadata["interval"] = f"{shown(verdict.low)} to {shown(verdict.high)}"
    if verdict.bound:
        metadata["limit"] = verdict.bound
    files = [folder / name for name in _FILE.findall(f"{verdict.sentence} {verdict.remedy}")]
    there = [file for file in dict.fromkeys(files) if file.is_file()]
    table = _first_rows(there[0]) if there else _rows(verdict, found)
    if table is not None:
        metadata["worst_rows"] = table
    metadata |= {file.name.replace(".", "_"): dg.MetadataValue.path(str(file)) for file in there}
    if verdict.waiver is not None:
        waiver = CheckWaiver(
            verdict.waiver.owner, verdict.waiver.reason, date.fromisoformat(verdict.waiver.expires)
        )
        metadata |= waiver.metadata
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=passed,
        severity=dg.AssetCheckSeverity.ERROR if passed or verdict.blocking else dg.AssetCheckSeverity.WARN,
        description=sentence(verdict.sentence),
        metadata={**metadata, **links},
    )


def unjudged(
    spec: dg.AssetCheckSpec, error: Exception | None, links: Mapping[str, Any]
) -> dg.AssetCheckResult:
    """A check that could not be judged has failed: an answer is due whatever happened."""
    metadata: dict[str, Any] = {"verdict": "block", **links}
    if error is None:
        said = f"The check {spec.name} got no verdict, which counts as failed."
    elif isinstance(error, InputError):
        said = f"The check could not be judged. {error.who}: found {error.found}; expected {error.expected}."
        metadata["what_to_do"] = error.fix
    else:
        said = f"The check could not be judged: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        text = "".join(traceback.format_exception(error))[-TRACEBACK_CHARACTERS:]
        metadata["traceback"] = dg.MetadataValue.md(f"```\n{text}\n```")
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=False,
        severity=dg.AssetCheckSeverity.ERROR,
        description=said,
        metadata=metadata,
    )


def _rows(verdict: CheckVerdict, found: Audit) -> dg.TableMetadataValue | None:
    """The rows that break its limit, or that it looked at, worst first; of an overall number what it breaks down to."""
    own = [row for row in found.measures if (row.family, row.table) == (verdict.family, verdict.table)]
    looked_at = [row for row in own if row.measure == verdict.measure and row.by == verdict.by]
    if verdict.by is None:
        # The overall number stands above the table already.
        parts = [row for row in own if row.by is not None and "," not in row.by]
        looked_at = [row for row in parts if row.measure == "share"] or parts
    low_is_bad = ">=" in (verdict.bound or "")
    defined = [row for row in looked_at if row.estimate.value is not None]
    defined.sort(key=lambda row: (row.estimate.value or 0.0) * (1 if low_is_bad else -1))
    failing = [row for row in found.failing.get(verdict.check, ()) if row.by is not None]
    ordered = (failing or [*defined, *(row for row in looked_at if row.estimate.value is None)])[:WORST]
    if not ordered:
        return None
    columns = [
        dg.TableColumn("measure"),
        dg.TableColumn("of"),
        dg.TableColumn("value", "float"),
        dg.TableColumn("low", "float"),
        dg.TableColumn("high", "float"),
        dg.TableColumn("n", "int"),
    ]
    return dg.MetadataValue.table(
        records=[dg.TableRecord(_cells(row)) for row in ordered], schema=dg.TableSchema(columns=columns)
    )


def _cells(row: Measure) -> dict[str, str | int | float | None]:
    estimate = row.estimate
    return {
        "measure": row.measure,
        "of": _short(row.key or "all"),
        "value": _rounded(estimate.value),
        "low": _rounded(estimate.low),
        "high": _rounded(estimate.high),
        "n": estimate.n,
    }


def _rounded(number: float | None) -> float | None:
    """To what a table shows; the unrounded numbers stand in the measures."""
    return None if number is None else float(f"{number:.4g}")


def _first_rows(file: Path) -> dg.TableMetadataValue | None:
    """The first rows of a CSV that the audit left: ids, rules and numbers, as it named them."""
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        header = next(reader, [])
        rows = [[_short(cell) for cell in row] for row in islice(reader, WORST) if len(row) == len(header)]
    return id_table(header, rows, WORST) if rows else None


def _short(text: str) -> str:
    return visible(text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "...")
