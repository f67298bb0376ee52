"""Bounded counts aggregated by the engine: the only thing that leaves it."""

from dq_pipeline.counts.collect import Counts, Request, collect
from dq_pipeline.counts.contingency import Cells, Contingency
from dq_pipeline.counts.edge_cases import ALL, EdgeCaseCounts, EdgeCaseRows
from dq_pipeline.counts.patterns import PatternHistogram, Patterns

__all__ = [
    "ALL",
    "Cells",
    "Contingency",
    "Counts",
    "EdgeCaseCounts",
    "EdgeCaseRows",
    "PatternHistogram",
    "Patterns",
    "Request",
    "collect",
]
