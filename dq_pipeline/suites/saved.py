"""A suite from the JSON that an audit saved and a user may have edited."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.suites.generate import META, is_proof, mark_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from great_expectations import ExpectationSuite


def load_suite(written: Any, who: str, checks: Collection[str]) -> ExpectationSuite:
    """The suite.

    Args:
        written: What the file holds.
        who: Who asks.
        checks: The names of the dataset's checks.

    Raises:
        InputError: It is not a suite, or holds an expectation that Great Expectations does not know, or one that speaks
            for no check, or for one that there is not: nobody would hear it fail.
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
        with _left_out() as left_out:
            suite = gx.ExpectationSuite(
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
            found=" ".join(str(error).split())[:200],
            expected="a Great Expectations suite as an audit saves it",
            fix="compare it with the suite.json of the last audit",
        ) from error
    asked = len(written["expectations"])
    if lost := asked - len(suite.expectations):
        # Where logging is off nobody says why.
        why = left_out[0][:200] if left_out else "expectations that Great Expectations leaves out"
        raise InputError(
            who,
            found=f"{why} ({lost:,} of {asked:,} expectations)",
            expected="expectations that Great Expectations takes: without one nothing would judge its check",
            fix="compare it with the suite.json of the last audit",
        )
    for place, one in enumerate(suite.expectations):
        check = mark_of(one).get("check")
        if is_proof(one) or check in checks:
            continue
        which = f"for {check!r}, which is no check of this spec" if check else "for no check"
        raise InputError(
            who,
            found=f"expectation {place + 1} of {len(suite.expectations)}, {one.expectation_type}, which speaks {which}",
            expected="expectations whose `meta` names the check that fails with them",
            fix=f'"meta": {{"{META}": {{"check": "{_near(check, checks)}"}}}}, or take it out',
        )
    return suite


@contextmanager
def _left_out() -> Iterator[list[str]]:
    """Why Great Expectations left expectations out of a suite that it built: it says so in its log alone."""
    log, said = logging.getLogger("great_expectations.core.expectation_suite"), []

    def hear(record: logging.LogRecord) -> bool:
        if record.levelno < logging.ERROR:
            return True
        said.append(record.getMessage().partition("not valid: ")[2] or record.getMessage())
        return False

    log.addFilter(hear)
    try:
        yield said
    finally:
        log.removeFilter(hear)


def _near(check: object, checks: Collection[str]) -> str:
    """The check that a misspelled name is likely to mean."""
    return next(iter(get_close_matches(str(check), checks, n=1)), min(checks, default="the check's name"))
