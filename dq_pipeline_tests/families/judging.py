"""A family judged on tables that a test writes."""

from __future__ import annotations

import csv
from pathlib import Path

from dq_pipeline.counts import collect
from dq_pipeline.families import families_of
from dq_pipeline.families.verdict import in_words
from dq_pipeline.spec import spec_from
from dq_pipeline.suites.judge import judge
from dq_pipeline.tables import Tables


def write(path, header, rows):
    """Write a CSV."""
    with Path(path).open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


class Judged:
    """What one family found: verdicts by check, estimates by (measure, by, key), hand-outs by file."""

    def __init__(self, folder, spec, name):
        opened, source = spec_from({"dataset": "d", **spec}, base=folder)
        family = next(one for one in families_of(opened, source) if one.name == name)
        self.silent = family.silent()
        with Tables(opened) as tables:
            counts = collect(tables, family.requests())
        self.rows = list(family.measure(counts))
        self.measures = {(row.measure, row.by, row.key): row.estimate for row in self.rows}
        self.gaps = list(family.gaps(self.rows))
        self.handouts = {handout.file: handout for handout in family.handouts(counts)}
        self.verdicts = {
            finding.check.name: in_words(
                finding, family.remedy(finding, self.rows), family.sentence(finding, self.rows)
            )
            for finding in judge("d", self.rows, family.checks()).findings
        }

    def said(self):
        """The verdict of each check."""
        return {name: verdict.verdict for name, verdict in self.verdicts.items()}

    def value(self, measure, by=None, key=None):
        """A measure's value."""
        return self.measures[measure, by, key].value


def refused(folder, spec):
    """Open the families of a spec, which refuse it."""
    families_of(*spec_from({"dataset": "d", **spec}, base=folder))
