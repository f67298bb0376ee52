"""A first spec for tables that nobody has described yet, each guess with its reason."""

from dq_pipeline.proposal.propose import Proposal, propose
from dq_pipeline.proposal.render import as_yaml

__all__ = ["Proposal", "as_yaml", "propose"]
