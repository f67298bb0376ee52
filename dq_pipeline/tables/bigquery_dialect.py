"""Ibis' compiler for BigQuery, held to what the same expressions say on DuckDB; no connection takes it yet.

An exact quantile is lacking: BigQuery has none that aggregates.
"""

from __future__ import annotations

from typing import Any

import sqlglot.expressions as sge
from ibis.backends.sql.compilers.bigquery import BigQueryCompiler as IbisCompiler

from dq_pipeline.tables.dialect import Dialect


class BigQueryCompiler(Dialect, IbisCompiler):  # type: ignore[misc] # Ibis has no types
    """Ibis' compiler, where it says another thing than that for DuckDB."""

    __slots__ = ()

    def visit_Hash(self, op: Any, *, arg: Any) -> Any:
        return self.f.farm_fingerprint(self.f.anon.to_json_string(arg))  # of a text alone

    def visit_ExtractEpochSeconds(self, op: Any, *, arg: Any) -> Any:
        return self.f.unix_seconds(self.f.timestamp(arg))  # of a time with a zone alone

    def visit_ScalarUDF(self, op: Any, **arguments: Any) -> Any:
        if op.__func_name__ == "md5":
            return sge.MD5(this=arguments["value"])  # as text; BigQuery's own gives bytes
        return super().visit_ScalarUDF(op, **arguments)
