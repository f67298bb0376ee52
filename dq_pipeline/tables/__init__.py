"""A table opened on an engine, its columns mapped to roles."""

from dq_pipeline.tables.duck import ROW, engine_errors
from dq_pipeline.tables.open import Table, Tables
from dq_pipeline.tables.predicate import holds
from dq_pipeline.tables.roles import number, text

__all__ = ["ROW", "Table", "Tables", "engine_errors", "holds", "number", "text"]
