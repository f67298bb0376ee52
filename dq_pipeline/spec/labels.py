"""The labels of a spec: their values, their level of measurement, and what disagreement about them is."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from dq_pipeline.spec.part import SpecPart, several_times

Level = Literal["nominal", "ordinal", "interval", "ratio"]


def label_text(value: Any) -> Any:
    """A declared label as the text that the engine reads: `true`, `1`, `2.5`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float | date) else value


LabelText = Annotated[
    str, BeforeValidator(label_text), WithJsonSchema({"type": ["string", "number", "boolean"]})
]


class Labels(SpecPart):
    """What the labels are.

    Attributes:
        level: Their level of measurement.
        values: The declared ones, in order where the level has one.
        paradigm: Whether disagreement is noise (prescriptive) or data (descriptive).
        separator: What stands between the labels of an item that has several: with "|", "Edema|Hernia" counts for both.
    """

    level: Level = "nominal"
    values: tuple[LabelText, ...] | None = Field(default=None, min_length=1)
    paradigm: Literal["prescriptive", "descriptive"] = "prescriptive"
    separator: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _values_differ(self) -> Labels:
        values = self.values or ()
        if twice := several_times(values):
            raise ValueError(f"values are listed once each; found twice: {', '.join(twice)}")
        if self.level == "ordinal" and not values:
            raise ValueError("an ordinal level needs `values`, from the least to the most")
        if self.separator is not None and self.level != "nominal":
            raise ValueError(f"labels with a separator are nominal (found level {self.level})")
        joined = [value for value in values if self.separator is not None and self.separator in value]
        if joined:
            raise ValueError(f"a declared label does not hold the separator (found {joined[0]!r})")
        return self
