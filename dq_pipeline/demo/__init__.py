"""A small dataset of street scenes that the package makes itself, and the Dagster code location that audits it."""

from dq_pipeline.demo.data import DATASET, DEFECTS, make

__all__ = ["DATASET", "DEFECTS", "make"]
