"""One audit, its cost, and the files it leaves behind."""

from dq_pipeline.audit.outputs import ready, verdicts_of, write
from dq_pipeline.audit.run import Audit, audit

__all__ = ["Audit", "audit", "ready", "verdicts_of", "write"]
