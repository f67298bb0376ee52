"""A check that no code location runs any more: what was recorded of it would close gates for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation

RETIRED = "dq_pipeline/retired"
"""Metadata of the evaluation that says so."""


def is_retirement(evaluation: AssetCheckEvaluation | None) -> bool:
    """Whether an evaluation says that its check is run no more."""
    return evaluation is not None and RETIRED in evaluation.metadata


def retire(instance: dg.DagsterInstance, check: dg.AssetCheckKey, owner: str, reason: str) -> None:
    """Report on the instance that nobody runs a check any more, so that gates stop asking for it.

    A gate whose code location defines the check asks for it all the same; when another location runs it again, its
    answers count again.

    Raises:
        InputError: No owner or reason, or a check that was never recorded.
    """
    who = f"retire {check.to_user_string()}"
    if not owner.strip() or not reason.strip():
        raise InputError(
            who, found="no owner or no reason", expected="both", fix="--owner ana --reason 'renamed to alpha'"
        )
    if not instance.event_log_storage.get_asset_check_execution_history(check, limit=1):
        raise InputError(
            who,
            found="a check that never ran on this instance",
            expected="one that did",
            fix="dq-pipeline gate ASSET, which lists the checks that close it",
        )
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=True,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"Retired by {owner}: {reason}",
            metadata={RETIRED: owner},
            blocking=False,
        )
    )
