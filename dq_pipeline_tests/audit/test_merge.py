"""Audits of a dataset's assets, one by one, are together the audit of all."""

import pytest

from dq_pipeline.audit import audit, merged, read_audit, write
from dq_pipeline.demo import make
from dq_pipeline.spec import load_spec


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The audit of a spoilt delivery whole, and asset by asset."""
    spec, source = load_spec(
        make(
            tmp_path_factory.mktemp("scenes"), defects=("orphans", "one_source", "vague_guideline"), items=300
        )
    )
    return audit(spec, source), [audit(spec, source, assets=(name,)) for name in ("items", "annotations")]


def names(measures):
    return {(row.family, row.measure, row.table, row.by, row.key): row.estimate for row in measures}


def test_the_parts_together_hold_what_the_whole_holds(parts):
    whole, some = parts
    together = merged(some)
    assert names(together.measures) == names(whole.measures)
    assert {(one.table, one.check): one for one in together.verdicts} == {
        (one.table, one.check): one for one in whole.verdicts
    }
    assert (together.verdict, together.data_version) == (whole.verdict, whole.data_version)
    assert together.silent == whole.silent
    assert together.versions == whole.versions


def test_the_suites_together_are_the_suite_with_its_totals(parts):
    whole, some = parts
    together = merged(some)
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
    _, (items, annotations) = parts
    twice = merged([items, annotations, items])
    assert names(twice.measures) == names(merged([items, annotations]).measures)
    assert len(twice.verdicts) == len(items.verdicts) + len(annotations.verdicts)
    assert len(twice.result["results"]) == len(items.result["results"]) + len(annotations.result["results"])


def test_an_audit_comes_back_from_its_files(parts, tmp_path):
    whole, _ = parts
    write(whole, tmp_path)
    back = read_audit(tmp_path, whole.spec)
    assert back.measures == whole.measures
    assert back.verdicts == whole.verdicts
    assert (back.suite, back.data_version, back.verdict) == (whole.suite, whole.data_version, whole.verdict)
    assert back.timings.rows == whole.timings.rows


def test_nothing_cannot_be_put_together():
    with pytest.raises(ValueError, match="no part"):
        merged([])
