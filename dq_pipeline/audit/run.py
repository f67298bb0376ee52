"""One audit: tables, contracts, counts, measures, suite, verdicts, in that order."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from dq_pipeline.audit.counted import NOWHERE, Folders, count, kept_states
from dq_pipeline.audit.importing import import_in_background
from dq_pipeline.audit.released import build
from dq_pipeline.audit.timings import Timings
from dq_pipeline.audit.waivers import refuse_idle_waivers
from dq_pipeline.families import families_of
from dq_pipeline.families.collection import collection_plan
from dq_pipeline.families.handout import Handout
from dq_pipeline.families.proposals import proposals
from dq_pipeline.families.verdict import CheckVerdict, in_words, overall, waived
from dq_pipeline.spec import InputError
from dq_pipeline.tables import TRAINING_SET, Tables, file_version

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from great_expectations import ExpectationSuite

    from dq_pipeline.audit.released import Built
    from dq_pipeline.audit.watch import Watch
    from dq_pipeline.families.check import Verdict
    from dq_pipeline.families.collection import Line
    from dq_pipeline.families.family import Family
    from dq_pipeline.families.handout import Document
    from dq_pipeline.families.proposals import Proposal
    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.spec import Spec, SpecSource
    from dq_pipeline.suites.judge import Judgement

ASSETS = ("items", "annotations")
"""The assets that an audit of the raw tables judges."""


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes:
        spec: The spec.
        data_version: The fingerprint of the tables' content.
        measures: The numbers.
        verdicts: One a check.
        suite: The Great Expectations suite that judged, as JSON.
        result: Its validation result, as JSON.
        silent: Families that were not run, and why.
        handouts: The files of work to hand out.
        timings: What it cost.
        versions: The fingerprint of each table's content.
        failing: For each check that blocks, the rows that broke a blocking bound, worst first.
        plan: The fewest rows to collect that close the gaps.
        proposed: Edge cases that the registry may lack.
        built: The training set that was built, and waits to be put in its place.
    """

    spec: Spec
    data_version: str
    measures: tuple[Measure, ...]
    verdicts: tuple[CheckVerdict, ...]
    suite: dict[str, Any]
    result: dict[str, Any]
    silent: dict[str, str]
    timings: Timings
    handouts: tuple[Handout | Document, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    failing: dict[str, tuple[Measure, ...]] = field(default_factory=dict)
    plan: tuple[Line, ...] = ()
    proposed: tuple[Proposal, ...] = ()
    built: Built | None = None

    @property
    def tables_of_work(self) -> tuple[Handout, ...]:
        """Those of the files of work that are tables."""
        return tuple(work for work in self.handouts if isinstance(work, Handout))

    @property
    def verdict(self) -> Verdict:
        """The dataset's verdict."""
        return overall(self.verdicts)


def audit(
    spec: Spec,
    source: SpecSource,
    *,
    assets: Sequence[str] = ASSETS,
    training_set: Path | None = None,
    release_to: Path | None = None,
    folders: Folders = NOWHERE,
    watch: Watch | None = None,
) -> Audit:
    """Audit the tables of a spec.

    Args:
        spec: What to audit.
        source: Where it was written, for errors.
        assets: Whose checks to run; those of a training set that is given run besides.
        training_set: The file that `release` wrote; without it nothing is asked of the training set.
        release_to: A folder to build the training set in, to be judged with the rest; `Audit.built` has it.
        folders: Where it leaves failing ids and the counts of parts of tables.
        watch: Told how far the audit is.

    Raises:
        InputError: The spec or a table cannot be used.
    """
    timings = Timings(on_stage=watch.stage if watch else None)
    given = training_set is not None or release_to is not None
    wanted = {*assets, TRAINING_SET} if given else {*assets} - {TRAINING_SET}
    families = families_of(spec, source)
    silent = {family.name: why for family in families if (why := family.silent()) is not None}
    judged = {
        family.name: [check for check in family.checks() if check.table in wanted]
        for family in families
        if family.name not in silent
    }
    asked = [family for family in families if judged.get(family.name)]
    refuse_idle_waivers(spec, source, families)
    named = {check.name for family in families if family.name not in silent for check in family.checks()}
    edited = _edited_suite(spec, source, named)
    importing = import_in_background("great_expectations")
    with timings.stage("import"):
        from dq_pipeline.contracts.of_tables import contracts_of
        from dq_pipeline.suites.judge import judge
    with timings.stage("open"):
        parts = kept_states(folders.states) if folders.states is not None else None
        tables = Tables(
            spec,
            training_set=training_set,
            on_connect=watch.connected if watch else None,
            version_of=parts.version_of if parts is not None else file_version,
        )
        data_version = tables.data_version
        versions = {table.name: table.data_version for table in tables}
    with tables:
        with timings.stage("release"):
            built = build(tables, release_to) if release_to is not None else None
        with timings.stage("open"):
            timings.rows.update({table.name: table.rows for table in tables})
        if watch is not None:
            watch.counted(timings.rows)
        contracts = [contract for contract in contracts_of(spec) if contract.table in wanted]
        counted = count(tables, contracts, asked, folders.rows, parts, timings)
    with timings.stage("measures"):
        counts = counted.counts
        measured = {family.name: list(family.measure(counts)) for family in asked}
        measures = [row for rows in measured.values() for row in rows]
        handouts = tuple(handout for family in asked for handout in family.handouts(counts))
        gaps = [gap for family in asked for gap in family.gaps(measured[family.name])]
        plan = collection_plan(gaps, measures)
        proposed = proposals(spec, measures)
    with timings.stage("import"):
        importing.join()
    with timings.stage("suite"):
        checks = [check for family in asked for check in judged[family.name]]
        judgement = judge(spec.dataset, measures, checks, edited)
        said = [*counted.verdicts, *_said(asked, measured, judgement)]
        today = datetime.now(timezone.utc).date()
    return Audit(
        spec,
        data_version,
        (*counted.measures, *measures),
        tuple(waived(verdict, spec.waivers, today, data_version) for verdict in said),
        judgement.suite,
        judgement.result,
        silent,
        timings,
        handouts,
        versions=versions,
        failing={one.check.name: one.failing for one in judgement.findings if one.verdict == "block"},
        plan=plan,
        proposed=proposed,
        built=built,
    )


def _said(
    families: Sequence[Family[Any]], measured: Mapping[str, Sequence[Measure]], judgement: Judgement
) -> list[CheckVerdict]:
    """Each finding in the words of its family."""
    by_name = {family.name: family for family in families}
    verdicts = []
    for finding in judgement.findings:
        family, rows = by_name[finding.check.family], measured[finding.check.family]
        verdicts.append(in_words(finding, family.remedy(finding, rows), family.sentence(finding, rows)))
    return verdicts


def _edited_suite(spec: Spec, source: SpecSource, checks: Collection[str]) -> ExpectationSuite | None:
    if spec.suite is None:
        return None
    path = spec.base / spec.suite
    who = source.where(("suite",))
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            who,
            found=f"{spec.suite}: {getattr(error, 'strerror', None) or f'no JSON ({error})'}",
            expected="a suite.json that an audit wrote",
            fix="take `suite` out, or copy it from an output",
        ) from error
    from dq_pipeline.suites.saved import load_suite

    return load_suite(written, who, checks)
