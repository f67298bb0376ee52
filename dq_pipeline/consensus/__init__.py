"""One label of many votes: majority or Dawid-Skene, with soft labels, entropy and confidence."""

from dq_pipeline.consensus.summary import ConsensusSummary
from dq_pipeline.consensus.write import read_summary, write_consensus

__all__ = ["ConsensusSummary", "read_summary", "write_consensus"]
