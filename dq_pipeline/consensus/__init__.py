"""One label of many votes: majority or Dawid-Skene, with soft labels, entropy and confidence."""

from dq_pipeline.consensus.summary import ConsensusSummary
from dq_pipeline.consensus.write import write_consensus

__all__ = ["ConsensusSummary", "write_consensus"]
