"""Ibis' compilers of other engines than DuckDB, held to what the same expressions say there: what all of them share.

Ibis compiles an expression to each engine's own functions, and engines differ. What differs is said in one module a dialect,
so that no count need know its engine.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sqlglot.expressions as sge

from dq_pipeline.tables.builtin import LOOKED_UP


class Dialect:
    """The first base of a compiler of ours, before Ibis' own.

    Attributes:
        SIMPLE_OPS: None, as Ibis writes a method for each into every class, over one of ours.
    """

    __slots__ = ()
    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}

    def visit_ScalarUDF(self: Any, op: Any, **arguments: Any) -> Any:
        if op.__func_name__ != LOOKED_UP:
            return super().visit_ScalarUDF(op, **arguments)  # type: ignore[misc] # the next base's
        numbers, keys, key = arguments.values()
        pairs = zip(keys.expressions, numbers.expressions, strict=True)
        return sge.Case(this=key, ifs=[self.if_(one, number) for one, number in pairs])
