"""What a dialect of ours says stands: Ibis writes methods of its own into a compiler's class, over those that are there."""

from __future__ import annotations

import importlib

import pytest


@pytest.mark.parametrize("engine", ["BigQuery", "Snowflake", "Spark"])
def test_ibis_writes_no_method_over_one_of_ours(engine):
    if engine == "Spark":
        pytest.importorskip("pyspark")
    module = importlib.import_module(f"dq_pipeline.tables.{engine.lower()}_dialect")
    compiler = getattr(module, f"{engine}Compiler")
    written = {
        name
        for name, method in vars(compiler).items()
        if name.startswith("visit_") and method is not compiler.visit_Undefined
    }
    assert written
    assert {getattr(compiler, name).__module__ for name in written} == {module.__name__}
