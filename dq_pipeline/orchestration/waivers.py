"""Waivers as Dagster sees them: a failed check recorded with severity WARN, and who answers for it until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation

OWNER, REASON, EXPIRES = "waiver_owner", "waiver_reason", "waiver_expires"
"""Metadata of an evaluation that a waiver covers."""
SEARCHED = 1_000
"""Evaluations of a check among which the one to waive is looked for."""


@dataclass(frozen=True)
class CheckWaiver:
    """Who answers for a failed check, why and until the end of which day (UTC)."""

    owner: str
    reason: str
    expires: date

    @property
    def metadata(self) -> dict[str, Any]:
        """The waiver as metadata of the check's evaluation, from where the gate reads it."""
        from dq_pipeline.report.text import sentence

        return {OWNER: sentence(self.owner), REASON: sentence(self.reason), EXPIRES: self.expires.isoformat()}


def waiver_of(evaluation: AssetCheckEvaluation) -> CheckWaiver | None:
    """The waiver that an evaluation was recorded under; None when there is none.

    A waiver whose date cannot be read has expired long ago: it never opens a gate.
    """
    found = {name: str(value.value) for name, value in evaluation.metadata.items()}
    if not {OWNER, REASON, EXPIRES} & found.keys():
        return None
    try:
        expires = date.fromisoformat(found.get(EXPIRES, ""))
    except ValueError:
        expires = date.min
    return CheckWaiver(found.get(OWNER, ""), found.get(REASON, ""), expires)


def waive(
    instance: dg.DagsterInstance,
    check: dg.AssetCheckKey,
    waiver: CheckWaiver,
    *,
    today: date,
    partition: str | None = None,
) -> None:
    """Report a waiver on the instance, for the latest materialization of the checked asset and no other.

    It is recorded as an evaluation of the check: still failed, severity WARN, with the waiver in its metadata.

    Args:
        instance: Where it is recorded.
        check: The check that failed.
        waiver: Who, why, until when.
        today: The day of reporting: a waiver must end on it or later.
        partition: The partition, for a check that is evaluated by partition.

    Raises:
        InputError: No owner or reason, a day that has passed, or no failed evaluation that it would cover.
    """
    who = f"waiver for {check.to_user_string()}"
    if not waiver.owner.strip() or not waiver.reason.strip():
        raise InputError(
            who,
            found="no owner or no reason",
            expected="both",
            fix="--owner ana --reason 'second site in May'",
        )
    if waiver.expires < today:
        raise InputError(
            who,
            found=f"it expires on {waiver.expires.isoformat()}, which has passed",
            expected=f"{today.isoformat()} or later",
            fix=f"--expires {today.isoformat()}",
        )
    asked = dg.AssetRecordsFilter(
        asset_key=check.asset_key, asset_partitions=None if partition is None else [partition]
    )
    version = next(iter(instance.fetch_materializations(asked, limit=1).records), None)
    answered = instance.event_log_storage.get_asset_check_execution_history(
        check,
        limit=SEARCHED,
        status={AssetCheckExecutionRecordStatus.FAILED, AssetCheckExecutionRecordStatus.SUCCEEDED},
    )
    covered = [
        record.evaluation
        for record in answered
        if version is not None
        and record.evaluation is not None
        and record.evaluation.target_materialization_data is not None
        and record.evaluation.target_materialization_data.storage_id == version.storage_id
    ]
    if covered and covered[0].passed:
        raise InputError(
            who,
            found="a check that passed when it ran last, on the latest materialization",
            expected="a check that failed on the data to be waived",
            fix="waive nothing: it closes no gate",
        )
    if version is None or not covered:
        raise InputError(
            who,
            found="no failed evaluation of the latest materialization"
            if version
            else "an asset that was never materialized",
            expected="a check that failed on the data to be waived",
            fix="dq-pipeline gate ASSET, which lists the checks that close it",
        )
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=False,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"Waived until {waiver.expires.isoformat()} by {waiver.owner}: {waiver.reason}",
            metadata={**covered[0].metadata, **waiver.metadata},
            target_materialization_data=AssetCheckEvaluationTargetMaterializationData(
                storage_id=version.storage_id, run_id=version.run_id, timestamp=version.timestamp
            ),
            blocking=True,
            partition=partition,
        )
    )
