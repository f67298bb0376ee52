"""What Great Expectations does and suites/ leans on or works around."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
import pytest
from great_expectations.expectations.row_conditions import Column

FRAME = pd.DataFrame({"measure": ["alpha", "hhi"], "value": [0.5, None]})


def validate(*expectations):
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("p").add_dataframe_asset("t")
    batch = asset.add_batch_definition_whole_dataframe("b").get_batch({"dataframe": FRAME})
    return batch.validate(gx.ExpectationSuite(name="s", expectations=list(expectations))).results


def between(measure, **options):
    condition = Column("measure") == measure
    return gxe.ExpectColumnValuesToBeBetween(
        column="value", min_value=0.9, row_condition=condition, **options
    )


@pytest.mark.parametrize("measure", ["hhi", "never measured"])
def test_a_bound_on_a_null_or_absent_number_passes_in_silence(measure):
    (result,) = validate(between(measure))
    assert result.success


def test_a_row_condition_and_the_meta_survive_the_suites_json():
    saved = gx.ExpectationSuite(name="s", expectations=[between("alpha", meta={"id": "x"})]).to_json_dict()
    (result,) = validate(*gx.ExpectationSuite(name="s", expectations=saved["expectations"]).expectations)
    assert not result.success
    assert result.expectation_config.meta == {"id": "x"}


def test_an_exception_comes_in_two_shapes():
    fine, broken = sorted(
        validate(between("alpha"), gxe.ExpectColumnMaxToBeBetween(column="gone", max_value=1)),
        key=lambda result: "raised_exception" not in result.exception_info,
    )
    assert fine.exception_info["raised_exception"] is False
    assert "raised_exception" not in broken.exception_info
    assert all(one["raised_exception"] for one in broken.exception_info.values())
    assert not broken.success


def test_results_come_in_another_order_than_the_suite():
    results = validate(between("alpha"), gxe.ExpectColumnMaxToBeBetween(column="gone", max_value=1))
    assert results[0].expectation_config.type == "expect_column_max_to_be_between"


def test_an_expectation_is_critical_unless_it_says_otherwise():
    plain, warning = (
        one["severity"]
        for one in gx.ExpectationSuite(
            name="s", expectations=[between("alpha"), between("hhi", severity="warning")]
        ).to_json_dict()["expectations"]
    )
    assert (plain, warning) == ("critical", "warning")
