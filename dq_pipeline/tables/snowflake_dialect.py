"""Ibis' compiler for Snowflake, held to what the same expressions say on DuckDB; no connection takes it yet."""

from __future__ import annotations

from typing import Any

import sqlglot.expressions as sge
from ibis.backends.sql.compilers.snowflake import SnowflakeCompiler as IbisCompiler

from dq_pipeline.tables.dialect import Dialect


class SnowflakeCompiler(Dialect, IbisCompiler):  # type: ignore[misc] # Ibis has no types
    """Ibis' compiler, where it says another thing than that for DuckDB."""

    __slots__ = ()

    def visit_TryCast(self, op: Any, *, arg: Any, to: Any) -> Any:
        # Snowflake tries texts only; of a column that sqlglot does not know to be one it writes CAST, which fails.
        kind = self.type_mapper.from_ibis(to)
        return sge.TryCast(this=arg, to=kind, requires_string=op.arg.dtype.is_string())
