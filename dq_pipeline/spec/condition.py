"""The circumstances of an item that a spec names."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from pydantic import Field, model_validator

from dq_pipeline.spec.bins import between
from dq_pipeline.spec.part import SpecPart

RESERVED = frozenset(
    {
        "item",
        "annotator",
        "annotator_group",
        "label",
        "source",
        "group",
        "split",
        "time",
        "guideline",
        "seconds",
        "row",
        "condition",
        "level",
    }
)
"""Names that a condition would hide: of roles, of a row's place, and of what is broken down by condition or by level."""


class Condition(SpecPart):
    """A circumstance of the item: weather, scanner, time of day.

    Attributes:
        name: What measures and reports call it.
        column: The table's column; the name when it is left out.
        values: The declared domain; a declared value that never occurs counts 0.
        edges: Of a numeric column, where its bins begin and end: [0, 18, 65] gives "[0, 18)" and "[18, 65)", which are
            its declared domain, and "< 0" and ">= 65" where they occur.
        quantiles: Of a numeric column, into how many bins of like size the items are cut; all tables get these bins.
    """

    name: str
    column: str = ""
    values: tuple[str, ...] | None = None
    edges: tuple[float, ...] | None = Field(default=None, min_length=1)
    quantiles: int | None = Field(default=None, ge=2, le=100)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> Any:
        """The name alone is a condition too."""
        return {"anyOf": [{"type": "string"}, handler(core)]}

    @model_validator(mode="before")
    @classmethod
    def _column_is_the_name_unless_said(cls, data: Any) -> Any:
        if isinstance(data, str):
            return {"name": data, "column": data}
        if isinstance(data, dict) and "column" not in data:
            return {**data, "column": data.get("name", "")}
        return data

    @model_validator(mode="after")
    def _name_is_no_role(self) -> Condition:
        if self.name in RESERVED:
            raise ValueError(
                f"a condition cannot be called {self.name!r}, which is the name of something else; "
                f"write {{name: item_{self.name}, column: {self.column}}}"
            )
        if "," in self.name or "|" in self.name:
            raise ValueError(f"a condition's name cannot hold ',' or '|' (found {self.name!r})")
        return self

    @model_validator(mode="after")
    def _has_one_kind_of_domain(self) -> Condition:
        asked = [name for name in ("values", "edges", "quantiles") if getattr(self, name) is not None]
        if len(asked) > 1:
            raise ValueError(f"one of values, edges or quantiles (found {' and '.join(asked)})")
        if self.edges is not None and not all(low < high for low, high in pairwise(self.edges)):
            raise ValueError(f"edges rise, each once (found {', '.join(map(str, self.edges))})")
        if self.edges is not None and not all(map(math.isfinite, self.edges)):
            raise ValueError("edges are finite: what lies outside them is counted in bins of its own")
        return self

    @property
    def domain(self) -> tuple[str, ...]:
        """The declared values, or the bins between the edges; none when only those seen count."""
        return self.values or between(self.edges or ())
