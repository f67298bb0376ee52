"""What a result of Great Expectations says of exceptions."""

from __future__ import annotations

import pytest

from dq_pipeline.suites.run import raised


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"raised_exception": True, "exception_message": "x"}, True),
        ({"raised_exception": False}, False),
        ({"MetricConfigurationID(a)": {"raised_exception": True}}, True),
        ({"MetricConfigurationID(a)": {"raised_exception": False}}, False),
        ({}, False),
    ],
)
def test_both_shapes_of_an_exception_are_seen(info, expected):
    assert (raised(info) is not None) is expected
