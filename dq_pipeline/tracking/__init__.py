"""MLflow, and the outbox for when it does not answer."""

from __future__ import annotations

from dq_pipeline.tracking.payload import Payload
from dq_pipeline.tracking.track import Tracked, track

__all__ = ["Payload", "Tracked", "track"]
