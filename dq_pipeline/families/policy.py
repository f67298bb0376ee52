"""Thresholds as users write them: `{warn: 0.8, block: 0.667}`, or `false` to ask for none."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import FiniteFloat, field_validator, model_validator

from dq_pipeline.families.check import Bound
from dq_pipeline.spec.errors import RefusedError
from dq_pipeline.spec.part import SpecPart


def _of_percent(text: str) -> str:
    """A percentage as the share that it is; any other text as it is.

    >>> _of_percent("70 %"), _of_percent("most")
    ('0.7', 'most')
    """
    number = text.removesuffix("%").strip()
    if number == text.strip():
        return text
    try:
        return f"{float(number) / 100:g}"
    except ValueError:
        return text


class Policy(SpecPart):
    """What every family's policy has.

    Attributes:
        require_evidence: Whether too little data to say closes the gate.
    """

    require_evidence: bool = False


class Threshold(SpecPart):
    """Where a measure warns and where it blocks.

    Attributes:
        warn: Broken, it warns.
        block: Broken, it blocks.
        compare: Judge the value itself, or one end of its interval: where that cannot be given, too little is known.
    """

    lowest: ClassVar[float]
    highest: ClassVar[float]
    at_least: ClassVar[bool]

    warn: FiniteFloat | None = None
    block: FiniteFloat | None = None
    compare: Literal["value", "low", "high"] = "value"

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> Any:
        """`false` is a threshold too."""
        return {"anyOf": [handler(core), {"const": False}]}

    @model_validator(mode="before")
    @classmethod
    def _false_asks_for_none(cls, data: Any) -> Any:
        if data is False:
            return {}
        if isinstance(data, int | float | str):
            number = _of_percent(data) if isinstance(data, str) else f"{data:g}"
            raise RefusedError(
                repr(data),
                expected="thresholds, {warn: ..., block: ...}",
                fix="write {block: ...}" if number == data else f"write {{block: {number}}}",
            )
        return data

    @field_validator("warn", "block", mode="before")
    @classmethod
    def _no_percent(cls, given: Any) -> Any:
        if isinstance(given, str) and (number := _of_percent(given)) != given:
            raise RefusedError(repr(given), expected="a number", fix=f"write {number}")
        return given

    @model_validator(mode="after")
    def _possible(self) -> Threshold:
        for name, number in (("warn", self.warn), ("block", self.block)):
            if number is not None and not self.lowest <= number <= self.highest:
                percent = self.highest == 1 and 1 < number <= 100  # noqa: PLR2004 - percent
                upper = "up" if self.highest == float("inf") else f"to {self.highest:g}"
                raise RefusedError(
                    f"{number:g}",
                    expected=f"a number from {self.lowest:g} {upper}",
                    fix=f"write {name}: {number / 100:g}" if percent else f"change {name}, or leave it out",
                    at=(name,),
                )
        if self.warn is not None and self.block is not None:
            order = "at or above" if self.at_least else "at or below"
            if (self.warn < self.block) if self.at_least else (self.warn > self.block):
                raise RefusedError(
                    f"warn {self.warn:g}, block {self.block:g}",
                    expected=f"warn {order} block, since it comes first",
                    fix=f"write {{warn: {self.block:g}, block: {self.warn:g}}}",
                )
        return self

    def bounds(self, measure: str, by: str | None = None, key: str | None = None) -> tuple[Bound, ...]:
        """The bounds it asks of a measure, of one row of a breakdown where a key is given."""
        made = []
        for severity, number in (("block", self.block), ("warn", self.warn)):
            if number is not None:
                floor, ceiling = (number, None) if self.at_least else (None, number)
                made.append(Bound(severity, measure, floor, ceiling, by, self.compare, key))  # type: ignore[arg-type] # the two literals above
        return tuple(made)


class Exact(Threshold):
    """A threshold on a number without an interval."""

    @field_validator("compare")
    @classmethod
    def _value(cls, compare: str) -> str:
        if compare != "value":
            raise ValueError(
                f"a number without an interval has no {compare} end, its value is judged: take `compare` out (found {compare!r})"
            )
        return compare


class AgreementFloor(Threshold):
    """At least so much, from -1 to 1."""

    lowest, highest, at_least = -1.0, 1.0, True


class ShareFloor(Threshold):
    """At least so much, a share."""

    lowest, highest, at_least = 0.0, 1.0, True


class ShareCeiling(Threshold):
    """At most so much, a share from 0 to 1."""

    lowest, highest, at_least = 0.0, 1.0, False


class IndexCeiling(Exact):
    """At most so much, an index from 0 to 1."""

    lowest, highest, at_least = 0.0, 1.0, False


class RatioCeiling(Exact):
    """At most so much, a ratio from 1 up."""

    lowest, highest, at_least = 1.0, float("inf"), False


class ShareRatioCeiling(Threshold):
    """At most so much, a ratio of two shares, which has an interval, from 1 up."""

    lowest, highest, at_least = 1.0, float("inf"), False


class CountCeiling(Threshold):
    """At most so many."""

    lowest, highest, at_least = 0.0, float("inf"), False


class DaysCeiling(Exact):
    """At most so many days."""

    lowest, highest, at_least = 0.0, float("inf"), False


class CountFloor(Exact):
    """At least so many."""

    lowest, highest, at_least = 0.0, float("inf"), True
