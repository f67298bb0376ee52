"""What to collect, and the registry of edge cases, as assets that the checks' own step tells of, whatever blocks.

A step that depends on a table is skipped when a check of the table blocks: the plan would be missing on the very night
that needs it. So these assets have no step of their own. The registry is reported by the step that audited its table, the
plan by the last step of the run that has something to say, out of the numbers that the checks were judged by: nothing is
counted twice, and a night has one plan.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import dagster as dg

from dq_pipeline.audit.outputs import plan_of
from dq_pipeline.families.edge_cases import EdgeCases
from dq_pipeline.families.family import Family
from dq_pipeline.families.verdict import number_of
from dq_pipeline.orchestration.dataset import TRAINING_SET, Dataset, owners_of
from dq_pipeline.orchestration.required import FAMILY
from dq_pipeline.orchestration.verdict_result import WORST, unjudged
from dq_pipeline.report.text import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dq_pipeline.audit import Audit
    from dq_pipeline.families.edge_cases import Held

PLAN, REGISTRY = "collection_plan", "edge_cases"
PLOTTED = 60
"""Edge cases whose rows the UI plots over the nights."""


def reported(dataset: Dataset) -> list[dg.AssetSpec]:
    """The assets that the steps of the checks report: none where no family that runs speaks of what is lacking."""
    told = {
        PLAN: (
            "The fewest rows to collect that close the gaps, with the reason of each line.",
            _planners(dataset),
        ),
        REGISTRY: ("The edge cases: rows against quotas, owner, reason and day.", _registrars(dataset)),
    }
    return [
        dg.AssetSpec(
            dataset.key(asset),
            description=f"{says} Reported with the checks of {' and '.join(tables)}, also where they block.",
            deps=[dataset.key(table) for table in tables],
            group_name=dataset.name,
            owners=owners_of(dataset.spec, dataset.source),
            kinds={"csv", "json"} if asset == PLAN else set(),
        )
        for asset, (says, tables) in told.items()
        if tables
    ]


def reported_checks(dataset: Dataset, table: str) -> list[dg.AssetCheckSpec]:
    """The checks on these assets that the step of one table's checks answers; they warn, those of the table may block."""
    made = []
    if table in _planners(dataset):
        made.append(
            dg.AssetCheckSpec(
                f"no_gaps_in_{table}",
                asset=dataset.key(PLAN),
                description=f"The checks of {table} leave nothing to collect.",
            )
        )
    if table in _registrars(dataset):
        made.append(
            dg.AssetCheckSpec(
                "quotas_met",
                asset=dataset.key(REGISTRY),
                description="Every edge case has the rows that its quotas ask for.",
                metadata={FAMILY: EdgeCases.name},
            )
        )
    return made


def report(
    dataset: Dataset,
    specs: Sequence[dg.AssetCheckSpec],
    found: Audit,
    links: Mapping[str, Any],
) -> Iterator[dg.AssetMaterialization | dg.AssetCheckResult]:
    """Answer for what a table lacks, and report how the edge cases stand.

    Args:
        dataset: The dataset.
        specs: The checks to answer for, of `reported_checks`.
        found: The audit of the step's table.
        links: Where to read more.
    """
    asked = {spec.asset_key.path[-1]: spec for spec in specs}
    if PLAN in asked:
        yield _no_gaps(asked[PLAN], found, links)
    if REGISTRY in asked:
        held = next(family for family in dataset.families if isinstance(family, EdgeCases)).held(
            found.measures
        )
        if held:
            yield _registry(dataset, held)
            yield _quotas_met(asked[REGISTRY], held, links)
        else:
            yield unjudged(asked[REGISTRY], None, links)


def _planners(dataset: Dataset) -> list[str]:
    """The tables with checks of a family that says what is lacking."""
    return _tables(dataset, [f for f in dataset.families if type(f).gaps is not Family.gaps])


def _registrars(dataset: Dataset) -> list[str]:
    return _tables(dataset, [family for family in dataset.families if isinstance(family, EdgeCases)])


def _tables(dataset: Dataset, families: Sequence[Family[Any]]) -> list[str]:
    running = [family for family in families if family.silent() is None]
    tables = {check.table for family in running for check in family.checks()}
    return [table for table in dataset.tables if table in tables and table != TRAINING_SET]


def plan_told(dataset: Dataset, whole: Audit, folder: Path) -> dg.AssetMaterialization:
    """The plan of a run as its materialization.

    Args:
        dataset: The dataset.
        whole: The audit of the run.
        folder: Where its files lie.
    """
    plan = plan_of(whole)
    by_split: dict[str, int] = {}
    for line in whole.plan:
        by_split[line.split] = by_split.get(line.split, 0) + line.rows
    files = [folder / name for name in ("collect.csv", "collect.json")]
    return dg.AssetMaterialization(
        dataset.key(PLAN),
        description=f"{number_of(plan['rows'], 'rows')} to collect in {number_of(len(whole.plan), 'lines')}.",
        metadata={
            "dagster/row_count": len(whole.plan),
            "rows_to_collect": plan["rows"],
            **{f"rows_for_{split}": rows for split, rows in by_split.items()},
            "lines": _table(
                {"rows": "int", "what": "string", "split": "string", "gaps": "int", "reasons": "string"},
                [{**line, "reasons": "; ".join(line["reasons"])} for line in plan["lines"][:WORST]],
            ),
            **{
                file.name.replace(".", "_"): dg.MetadataValue.path(str(file))
                for file in files
                if file.is_file()
            },
        },
        tags=_version(plan["lines"]),
    )


def _no_gaps(spec: dg.AssetCheckSpec, found: Audit, links: Mapping[str, Any]) -> dg.AssetCheckResult:
    rows = sum(line.rows for line in found.plan)
    said = "Nothing is to be collected."
    if rows:
        said = f"{number_of(rows, 'rows')} {'is' if rows == 1 else 'are'} to be collected in {number_of(len(found.plan), 'lines')}. First: {found.plan[0].words}"
    return _warned(spec, not rows, said, {"rows_to_collect": rows, **links})


def _registry(dataset: Dataset, held: Sequence[Held]) -> dg.AssetMaterialization:
    short = [one for one in held if one.short]
    rows = [
        {
            "edge_case": one.case.name,
            "where": one.case.where,
            "part": one.part,
            "rows": one.rows,
            "quota": one.quota,
            "short_by": one.short,
            "standing": one.standing,
            "owner": one.case.owner,
            "reason": one.case.reason,
            "due": one.case.due.isoformat() if one.case.due else None,
        }
        for one in held
    ]
    plotted = {f"{one.case.name}_{one.part}": one.rows for one in held[:PLOTTED] if one.rows is not None}
    names = {one.case.name for one in held}
    kinds = {name: "int" if name in ("rows", "quota", "short_by") else "string" for name in rows[0]}
    return dg.AssetMaterialization(
        dataset.key(REGISTRY),
        description=_said(held),
        metadata={
            "dagster/row_count": len(names),
            "edge_cases_short": len({one.case.name for one in short}),
            "edge_cases_overdue": len({one.case.name for one in short if one.days_late > 0}),
            "rows_short": sum(one.short for one in short),
            **plotted,
            "registry": _table(kinds, rows),
        },
        tags=_version(rows),
    )


def _quotas_met(
    spec: dg.AssetCheckSpec, held: Sequence[Held], links: Mapping[str, Any]
) -> dg.AssetCheckResult:
    passed = all(one.standing == "met" for one in held)
    return _warned(spec, passed, _said(held), {"rows_short": sum(one.short for one in held), **links})


def _said(held: Sequence[Held]) -> str:
    """How many edge cases are short, and the worst of them."""
    names = {one.case.name for one in held}
    short = sorted((one for one in held if one.short), key=lambda one: -one.short)
    unknown = {one.case.name for one in held if one.rows is None}
    told = f" Of {len(unknown):,} the rows of a part are not known." if unknown else ""
    if not short:
        return f"No edge case of {len(names):,} is short.{told}"
    worst, few = short[0], len({one.case.name for one in short})
    return (
        f"{few:,} of {number_of(len(names), 'edge cases')} {'is' if few == 1 else 'are'} short; most of all {worst.case.name}, "
        f"with {worst.rows:,} of {number_of(worst.quota, 'rows')} in {worst.part}.{told}"
    )


def _warned(
    spec: dg.AssetCheckSpec,
    passed: bool,  # noqa: FBT001 - what it says
    said: str,
    metadata: dict[str, Any],
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=sentence(said),
        metadata=metadata,
    )


def _table(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        records=[dg.TableRecord({name: _shown(row[name]) for name in columns}) for row in rows],
        schema=dg.TableSchema(columns=[dg.TableColumn(name, kind) for name, kind in columns.items()]),
    )


def _shown(cell: Any) -> Any:
    """A cell as the UI shows it: users' words made harmless to look at."""
    return sentence(cell) if isinstance(cell, str) else cell


def _version(content: Any) -> dict[str, str]:
    """The data version of what is reported: the same content has the same on every night."""
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {"dagster/data_version": digest}
