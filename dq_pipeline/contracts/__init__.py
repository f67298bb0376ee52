"""Row contracts: Pandera schemas built from the spec, and their two executors."""

from __future__ import annotations

from dq_pipeline.contracts.result import ContractResult, RuleResult
from dq_pipeline.contracts.validate import validate

__all__ = ["ContractResult", "RuleResult", "validate"]
