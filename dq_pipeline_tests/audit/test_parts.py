"""Audits of a dataset's assets, one by one, are together the audit of all."""

import pytest

from dq_pipeline.audit import audit, keep_part, merged, read_part
from dq_pipeline.demo import make
from dq_pipeline.families import families_of
from dq_pipeline.spec import load_spec


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The audit of a spoilt delivery whole, and asset by asset."""
    spec, source = load_spec(
        make(
            tmp_path_factory.mktemp("scenes"), defects=("orphans", "one_source", "vague_guideline"), items=300
        )
    )
    apart = [audit(spec, source, assets=(name,)) for name in ("items", "annotations")]
    return audit(spec, source), apart, families_of(spec, source)


def names(measures):
    return {(row.family, row.measure, row.table, row.by, row.key): row.estimate for row in measures}


def test_the_parts_together_hold_what_the_whole_holds(parts):
    whole, some, families = parts
    together = merged(some, families)
    assert names(together.measures) == names(whole.measures)
    assert {(one.table, one.check): one for one in together.verdicts} == {
        (one.table, one.check): one for one in whole.verdicts
    }
    assert (together.verdict, together.data_version) == (whole.verdict, whole.data_version)
    assert together.silent == whole.silent
    assert together.versions == whole.versions
    assert together.handouts == whole.handouts
    assert together.plan == whole.plan
    assert together.failing == whole.failing
    assert together.proposed == whole.proposed


def test_the_suites_together_are_the_suite_with_its_totals(parts):
    whole, some, families = parts
    together = merged(some, families)
    marks = [sorted(str(one["meta"]) for one in found.suite["expectations"]) for found in (together, whole)]
    assert marks[0] == marks[1]
    assert len(together.result["results"]) == len(whole.result["results"])
    for total in (
        "evaluated_expectations",
        "successful_expectations",
        "unsuccessful_expectations",
        "success_percent",
    ):
        assert together.result["statistics"][total] == whole.result["statistics"][total]
    assert together.result["success"] is whole.result["success"]


def test_a_part_that_is_given_twice_counts_once(parts):
    _, (items, annotations), families = parts
    twice = merged([items, annotations, items], families)
    assert names(twice.measures) == names(merged([items, annotations], families).measures)
    assert len(twice.verdicts) == len(items.verdicts) + len(annotations.verdicts)
    assert len(twice.result["results"]) == len(items.result["results"]) + len(annotations.result["results"])


def test_a_part_comes_back_from_its_folder(parts, tmp_path):
    whole, _, families = parts
    keep_part(whole, tmp_path / "part")
    back = read_part(tmp_path / "part", whole.spec)
    assert merged([back], families) == merged([whole], families)
    assert back.measures == whole.measures
    assert back.verdicts == whole.verdicts
    assert back.handouts == whole.handouts
    assert back.failing == whole.failing
