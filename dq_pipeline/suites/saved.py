"""A suite from the JSON that an audit saved and a user may have edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def load_suite(written: Any, who: str) -> ExpectationSuite:
    """The suite.

    Raises:
        InputError: It is not a suite, or holds an expectation that Great Expectations does not know.
    """
    import great_expectations as gx
    from great_expectations.exceptions import GreatExpectationsError
    from pydantic.v1 import ValidationError

    if not isinstance(written, dict) or not isinstance(written.get("expectations"), list):
        raise InputError(
            who,
            found="JSON without a list of expectations",
            expected="a Great Expectations suite as an audit saves it",
            fix="take `suite` out, or copy the suite.json of the last audit",
        )
    try:
        return gx.ExpectationSuite(
            name=written["name"],
            expectations=written["expectations"],
            meta=written.get("meta"),
            notes=written.get("notes"),
        )
    except (
        GreatExpectationsError,
        ValidationError,
        KeyError,
        TypeError,
        AttributeError,
        ValueError,
    ) as error:
        raise InputError(
            who,
            found=str(error).splitlines()[0][:200],
            expected="a Great Expectations suite as an audit saves it",
            fix="compare it with the suite.json of the last audit",
        ) from error
