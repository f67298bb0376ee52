"""One audit, its cost, and the files it leaves behind."""

from dq_pipeline.audit.counted import Folders
from dq_pipeline.audit.outputs import STATES, ready, verdicts_of, write
from dq_pipeline.audit.parts import keep_part, kept_parts, merged, read_part
from dq_pipeline.audit.released import Built, asks_for_training_set
from dq_pipeline.audit.reported import report_audit
from dq_pipeline.audit.run import Audit, audit
from dq_pipeline.audit.tracked import track_audit

__all__ = [
    "STATES",
    "Audit",
    "Built",
    "Folders",
    "asks_for_training_set",
    "audit",
    "keep_part",
    "kept_parts",
    "merged",
    "read_part",
    "ready",
    "report_audit",
    "track_audit",
    "verdicts_of",
    "write",
]
