"""The tables of a spec and the roles their columns play."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

RESERVED = frozenset({"item", "annotator", "label", "source", "group", "time", "guideline", "seconds"})
"""Names of roles: a condition of that name would hide a role."""


class SpecPart(BaseModel):
    """A part of the spec: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(SpecPart):
    """A circumstance of the item: weather, scanner, time of day.

    Attributes:
        name: What measures and reports call it.
        column: The table's column; the name when it is left out.
        values: The declared domain; a declared value that never occurs counts 0.
    """

    name: str
    column: str = ""
    values: tuple[str, ...] | None = None

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
                f"a condition cannot be called {self.name!r}, the name of a role; "
                f"write {{name: item_{self.name}, column: {self.column}}}"
            )
        if "," in self.name or "|" in self.name:
            raise ValueError(f"a condition's name cannot hold ',' or '|' (found {self.name!r})")
        return self


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Columns = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class TableRef(SpecPart):
    """Where a table lies: a path or glob (Parquet, CSV) relative to the spec's file.

    Attributes:
        table: Path or glob.
        delimiter: The CSV's delimiter, when it cannot be told from the file.
    """

    table: str = Field(min_length=1)
    delimiter: str | None = Field(default=None, min_length=1, max_length=4)


class Items(TableRef):
    """The items table: one row an item."""

    id: str
    source: str | None = None
    group: str | None = None
    label: str | None = None
    time: str | None = None
    conditions: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _conditions_differ(self) -> Items:
        names = [condition.name for condition in self.conditions]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"conditions are named once each; found twice: {', '.join(twice)}")
        return self

    def roles(self) -> dict[str, str]:
        """Role to column, conditions under their own names."""
        named = {
            "item": self.id,
            "source": self.source,
            "group": self.group,
            "label": self.label,
            "time": self.time,
        }
        return {role: column for role, column in named.items() if column} | {
            c.name: c.column for c in self.conditions
        }


class Annotations(TableRef):
    """The annotations table: one row a label that one annotator gave one item."""

    item: str
    annotator: str
    label: str
    time: str | None = None
    guideline: str | None = None
    seconds: str | None = None
    repeats: Literal["first", "last", "error"] = "first"

    def roles(self) -> dict[str, str]:
        """Role to column."""
        named = {
            "item": self.item,
            "annotator": self.annotator,
            "label": self.label,
            "time": self.time,
            "guideline": self.guideline,
            "seconds": self.seconds,
        }
        return {role: column for role, column in named.items() if column}


class Gold(TableRef):
    """The gold table: the label known to be right, one row an item."""

    item: str
    label: str

    def roles(self) -> dict[str, str]:
        """Role to column."""
        return {"item": self.item, "label": self.label}


class Production(TableRef):
    """A sample of what the model meets: same condition columns as the items."""

    label: str | None = None
    time: str | None = None
