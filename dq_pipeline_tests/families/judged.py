"""One family run over files as an audit runs it, without the rest of the audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.counts import collect
from dq_pipeline.families import families_of
from dq_pipeline.families.verdict import in_words
from dq_pipeline.spec import spec_from
from dq_pipeline.suites.judge import judge
from dq_pipeline.tables import Tables

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.families.gap import Gap
    from dq_pipeline.families.handout import Handout
    from dq_pipeline.families.verdict import CheckVerdict
    from dq_pipeline.measures.estimate import Estimate


@dataclass(frozen=True)
class Judged:
    """The verdicts by check, the measures by name, breakdown and key, what to collect and to hand out."""

    said: dict[str, CheckVerdict]
    measures: dict[tuple[str, str | None, str | None], Estimate]
    gaps: list[Gap]
    handouts: dict[str, Handout]

    @property
    def verdicts(self) -> dict[str, str]:
        return {check: said.verdict for check, said in self.said.items()}


def judged(name: str, folder: Path, spec: dict[str, Any], rows_to: Path | None = None) -> Judged:
    """Run the family of that name; with a folder, let it leave its CSVs there."""
    written, source = spec_from(spec, base=folder)
    family = next(one for one in families_of(written, source) if one.name == name)
    with Tables(written) as tables:
        counts = collect(tables, family.requests())
        if rows_to is not None:
            family.leave(tables, counts, rows_to)
    measures = list(family.measure(counts))
    said = {
        finding.check.name: in_words(
            finding, family.remedy(finding, measures), family.sentence(finding, measures)
        )
        for finding in judge(written.dataset, measures, family.checks()).findings
    }
    return Judged(
        said,
        {(row.measure, row.by, row.key): row.estimate for row in measures},
        list(family.gaps(measures)),
        {handout.file: handout for handout in family.handouts(counts)},
    )
