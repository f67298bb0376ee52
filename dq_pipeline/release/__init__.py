"""The training set: joined, filtered, split without leaks, written whole or not at all."""

from dq_pipeline.release.reasons import Reason
from dq_pipeline.release.training_set import Release, write_training_set

__all__ = ["Reason", "Release", "write_training_set"]
