"""A suite that a user edited: every expectation in it speaks for a check, so that none fails unheard."""

from __future__ import annotations

import logging
from dataclasses import replace

import great_expectations as gx
import great_expectations.expectations as gxe
import pytest
from great_expectations.expectations.row_conditions import Column

from dq_pipeline.families.check import Bound, Check
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.spec import InputError
from dq_pipeline.suites.generate import suite_for
from dq_pipeline.suites.judge import judge
from dq_pipeline.suites.saved import load_suite

SOUND = Check(
    "agreement_krippendorff_alpha",
    "agreement",
    "annotations",
    "alpha",
    "Alpha",
    "items",
    bounds=(Bound("block", "alpha", at_least=0.5),),
)
ROWS = [Measure("agreement", "alpha", "annotations", Estimate(0.7, n=200))]


def edited(meta):
    """The suite of a check that passes, with one more expectation that fails."""
    written = suite_for("d", [SOUND]).to_json_dict()
    more = {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "value", "min_value": 0.9},
        "severity": "critical",
        "meta": meta,
    }
    return {**written, "expectations": [*written["expectations"], more]}


@pytest.mark.parametrize("meta", [{}, None, {"note": "mine"}, {"dq_pipeline": {"role": "block"}}])
def test_an_expectation_that_speaks_for_no_check_is_refused(meta):
    with pytest.raises(InputError, match=r"expectation 4 of 4, .*which speaks for no check"):
        load_suite(edited(meta), "spec.yaml, suite", [SOUND.name])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"severity": "kritical"}, "Invalid severity 'kritical'.*(1 of 4 expectations)"),
        ({"type": "expect_column_values_to_be_betwixt"}, "betwixt"),
        ({"kwargs": {"column": "value", "minimum": 0.9}}, "minimum|value"),
    ],
)
def test_an_expectation_that_great_expectations_would_leave_out_is_refused(wrong, says, caplog):
    written = edited({"dq_pipeline": {"check": "agreement_krippendorff_alpha"}})
    written["expectations"][3] |= wrong
    with pytest.raises(InputError, match=says):
        load_suite(written, "spec.yaml, suite", [SOUND.name])
    assert not caplog.records


def test_what_great_expectations_leaves_out_is_refused_also_where_logging_is_off():
    logging.disable(logging.CRITICAL)
    try:
        with pytest.raises(InputError, match=r"leaves out \(1 of \d+ expectations\)"):
            with_one_more(severity="kritical", kwargs={"column": "n", "min_value": 1})
    finally:
        logging.disable(logging.NOTSET)


def test_an_expectation_that_names_its_check_blocks_it():
    suite = load_suite(
        edited({"dq_pipeline": {"check": "agreement_krippendorff_alpha"}}), "spec.yaml, suite", [SOUND.name]
    )
    assert judge("d", ROWS, [SOUND]).findings[0].verdict == "clear"
    (finding,) = judge("d", ROWS, [SOUND], suite).findings
    assert finding.verdict == "block"


def test_an_expectation_for_a_misspelled_check_is_refused_with_the_name_it_is_near():
    with pytest.raises(InputError, match=r"krippendorf_alpha.* is no check of this spec") as refused:
        load_suite(
            edited({"dq_pipeline": {"check": "agreement_krippendorf_alpha"}}),
            "spec.yaml, suite",
            [SOUND.name],
        )
    assert '"check": "agreement_krippendorff_alpha"' in str(refused.value)


OTHER = Check(
    "balance_ratio",
    "balance",
    "items",
    "ratio",
    "Ratio",
    "rows",
    bounds=(Bound("block", "ratio", at_most=5.0),),
)
BAD = [
    Measure("agreement", "alpha", "annotations", Estimate(0.1, n=200)),
    Measure("balance", "ratio", "items", Estimate(2.0, n=200)),
]


def with_one_more(**more):
    """The suite of both checks with one more expectation."""
    written = suite_for("d", [SOUND, OTHER]).to_json_dict()
    written["expectations"].append(
        {"type": "expect_column_values_to_be_between", "severity": "critical", **more}
    )
    return load_suite(written, "spec.yaml, suite", [SOUND.name, OTHER.name])


def verdicts(suite, rows=BAD):
    return {one.check.name: one.verdict for one in judge("d", rows, [SOUND, OTHER], suite).findings}


def test_a_bound_copied_for_another_check_does_not_change_what_the_first_one_judges():
    mark = {"check": OTHER.name, "role": "block", "measure": "ratio", "of": "value"}
    kwargs = {"column": "value of agreement.alpha.annotations", "min_value": 0.0}
    found = verdicts(with_one_more(kwargs=kwargs, meta={"dq_pipeline": mark}))
    assert found == {SOUND.name: "block", OTHER.name: "clear"}


def test_a_second_bound_on_a_copied_column_judges_by_the_check_that_it_names():
    kwargs = {"column": "value of agreement.alpha.annotations", "min_value": 0.9}
    suite = with_one_more(kwargs=kwargs, meta={"dq_pipeline": {"check": SOUND.name}})
    assert verdicts(suite, [*ROWS, BAD[1]]) == {SOUND.name: "block", OTHER.name: "clear"}


def test_a_mark_that_says_what_it_limits_may_stand_on_a_column_of_the_measures():
    mark = {"check": OTHER.name, "measure": "ratio", "of": "value"}
    suite = with_one_more(kwargs={"column": "value", "max_value": 1.0}, meta={"dq_pipeline": mark})
    (_, finding) = judge("d", BAD, [SOUND, OTHER], suite).findings
    assert (finding.verdict, finding.error, finding.worst) == ("block", None, BAD[1])


@pytest.mark.parametrize(
    ("severity", "role", "verdict"),
    [
        ("critical", "critical", "block"),
        ("critical", "present", "block"),
        ("critical", "relief", "block"),
        ("warning", "block", "warn"),
        ("info", "block", "clear"),
    ],
)
@pytest.mark.parametrize("kind", ["expect_column_values_to_be_between", "expect_column_max_to_be_between"])
def test_what_the_file_says_of_severity_judges_whatever_the_role(severity, role, verdict, kind):
    mark = {"dq_pipeline": {"check": OTHER.name, "role": role}}
    kwargs = {"column": "n", "max_value": 1}
    suite = with_one_more(type=kind, kwargs=kwargs, severity=severity, meta=mark)
    (_, finding) = judge("d", BAD, [SOUND, OTHER], suite).findings
    assert (finding.verdict, finding.bound is None) == (verdict, verdict != "clear")


def test_an_expectation_that_informs_relieves_no_block():
    mark = {"dq_pipeline": {"check": SOUND.name}}
    suite = with_one_more(kwargs={"column": "n", "min_value": 1}, severity="info", meta=mark)
    assert verdicts(suite)[SOUND.name] == "block"


LOW = replace(SOUND, bounds=(Bound("block", "alpha", at_least=0.5, column="low"),))
"""The check as a later spec bounds it."""


def test_a_bound_that_the_spec_has_no_longer_still_judges():
    suite = load_suite(suite_for("d", [SOUND]).to_json_dict(), "spec.yaml, suite", [SOUND.name])
    (finding,) = judge("d", ROWS, [LOW], suite).findings
    assert (finding.verdict, finding.error, finding.bound) == ("clear", None, SOUND.bounds[0])


@pytest.mark.parametrize(("least", "verdict"), [(0.6, "clear"), (0.8, "block")])
def test_a_suite_saved_when_bounds_picked_their_rows_still_judges(least, verdict):
    rows = (Column("number") == "agreement.alpha.annotations") & (Column("status") == "ok")
    bound = gxe.ExpectColumnValuesToBeBetween(
        column="value",
        min_value=least,
        row_condition=rows,
        severity="critical",
        meta={"dq_pipeline": {"check": SOUND.name, "role": "block", "measure": "alpha"}},
    )
    written = gx.ExpectationSuite(name="d", expectations=[bound]).to_json_dict()
    (finding,) = judge("d", ROWS, [SOUND], load_suite(written, "spec.yaml, suite", [SOUND.name])).findings
    assert (finding.verdict, finding.bound) == (verdict, Bound("block", "alpha", at_least=least))


def test_a_check_that_the_file_no_longer_bounds_keeps_the_bounds_of_the_spec():
    written = suite_for("d", [SOUND]).to_json_dict()
    proofs = [one for one in written["expectations"] if one["meta"]["dq_pipeline"]["role"] != "block"]
    assert len(proofs) < len(written["expectations"])
    suite = load_suite({**written, "expectations": proofs}, "spec.yaml, suite", [SOUND.name])
    (finding,) = judge(
        "d", [Measure("agreement", "alpha", "annotations", Estimate(0.3, n=200))], [SOUND], suite
    ).findings
    assert finding.verdict == "block"
