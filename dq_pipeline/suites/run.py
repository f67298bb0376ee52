"""Great Expectations over a frame in memory: the one way in, and what its results say of exceptions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from great_expectations import ExpectationSuite


def run_suite(suite: ExpectationSuite, frame: Any, name: str, **result_format: Any) -> Any:
    """Validate a pandas frame, without progress bars, files or telemetry.

    Args:
        suite: The suite.
        frame: A pandas DataFrame.
        name: What the result calls the frame.
        result_format: Great Expectations' own options of that name.

    Returns:
        Great Expectations' validation result.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("dq_pipeline").add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe(name).get_batch({"dataframe": frame})
    return batch.validate(suite, result_format=result_format)


def raised(info: Mapping[str, Any] | None) -> str | None:
    """The exception's message in an `exception_info`, in either of the two shapes that it comes in; None without one."""
    shapes = [info] if info and "raised_exception" in info else list((info or {}).values())
    return next((str(one.get("exception_message")) for one in shapes if one.get("raised_exception")), None)
