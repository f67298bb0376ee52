"""The tables of a spec and the roles their columns play."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from dq_pipeline.spec.condition import Condition  # noqa: TC001 - pydantic reads it
from dq_pipeline.spec.errors import RefusedError
from dq_pipeline.spec.part import several_times
from dq_pipeline.spec.table_ref import (
    ROLES_OF_FORMATS,
    ItemsRef,
    TableRef,
    schema_with_format,
    with_roles_of_format,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


MISSING_VALUES = ("", "na", "n/a", "#n/a", "nan", "null", "unknown", "?")
"""Texts behind which missing values hide."""


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Columns = Annotated[tuple[str, ...], BeforeValidator(_listed)]


def _refuse_one_column(columns: Mapping[str, str | None]) -> None:
    """Refuse one column for two roles of which neither can be told from the other.

    Args:
        columns: Key of the role to its column, where it has one.

    Raises:
        RefusedError: Two have the same.
    """
    seen: dict[str, str] = {}
    for key, column in columns.items():
        if column is None:
            continue
        if column in seen:
            raise RefusedError(
                f"the column {column!r} as {seen[column]!r} and as {key!r}",
                expected="a column each: what is one cannot say the other",
                fix=f"name the column that holds the {key} in {key!r}, or mend {seen[column]!r}",
                at=(key,),
            )
        seen[column] = key


class Items(ItemsRef):
    """The items table: one row an item.

    Attributes:
        id: The column that names the item; where there is none, a row's place in the table does.
        source: The column that says who or what it came from.
        group: The column that says which items belong together; they stay on one side of the split.
        label: The column of the label, where items are labelled already.
        split: The column that says train, validation or test, where that is settled already.
        time: The column of the time at which it was acquired.
        conditions: Its circumstances.
        missing_values: Texts that stand for a missing source or condition, whatever their case and the blanks around
            them; a declared value is never one.
        features: Columns of numbers, or of embeddings, that a model would learn from.
        content: The columns that are the item itself: items equal in all of them are the same item twice.
        text: The column of its text, in which near duplicates are sought.
        hash: The column of its perceptual hash in hexadecimal, by whose bits near duplicates are sought.
        embedding: The column of its embedding, a list of numbers, by whose angle near duplicates are sought.
    """

    id: str | None = None
    source: str | None = None
    group: str | None = None
    label: str | None = None
    split: str | None = None
    time: str | None = None
    conditions: tuple[Condition, ...] = ()
    missing_values: tuple[str, ...] = MISSING_VALUES
    features: Columns = ()
    content: Columns = ()
    text: str | None = None
    hash: str | None = None
    embedding: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _format_names_columns(cls, data: Any) -> Any:
        return with_roles_of_format(data, {"item": "id"})

    @model_validator(mode="after")
    def _conditions_differ(self) -> Items:
        if twice := several_times(condition.name for condition in self.conditions):
            raise ValueError(f"conditions are named once each; found twice: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _columns_differ(self) -> Items:
        _refuse_one_column({"id": self.id, "label": self.label})
        return self

    @property
    def contents(self) -> dict[str, str]:
        """The keys that name the items' content, and their columns."""
        named = {"text": self.text, "hash": self.hash, "embedding": self.embedding}
        known = {key: column for key, column in named.items() if column}
        return known | {f"content.{place}": column for place, column in enumerate(self.content)}

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns in which equal items are the same item: the declared content, else the hash, text or embedding."""
        alone = self.hash or self.text or self.embedding
        return self.content or ((alone,) if alone else ())

    def roles(self) -> dict[str, str]:
        """Role to column, conditions under their own names."""
        named = {
            "item": self.id,
            "source": self.source,
            "group": self.group,
            "label": self.label,
            "split": self.split,
            "time": self.time,
        }
        return {role: column for role, column in named.items() if column} | {
            c.name: c.column for c in self.conditions
        }


class Annotations(TableRef):
    """The annotations table: one row a label that one annotator gave one item.

    Attributes:
        item: The column that names the item.
        annotator: The column that names who labelled it.
        label: The column of the label.
        annotator_group: The column of the group the annotator belongs to, such as a vendor, a site or a training.
        time: The column of the time at which it was given.
        guideline: The column of the guideline's version it was given by.
        seconds: The column of the seconds it took.
        repeats: Which of an annotator's several labels of one item stands, or that there be none.
        annotators: Of a wide table, the annotators' columns; all but those of other roles unless said.
    """

    item: str
    annotator: str
    label: str
    annotator_group: str | None = None
    time: str | None = None
    guideline: str | None = None
    seconds: str | None = None
    repeats: Literal["first", "last", "error"] = "first"
    annotators: Columns = ()

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> Any:
        """A format may make the columns."""
        return schema_with_format(handler.resolve_ref_schema(handler(core)), ("item", "annotator", "label"))

    @model_validator(mode="before")
    @classmethod
    def _format_names_columns(cls, data: Any) -> Any:
        return with_roles_of_format(data, {role: role for role in ROLES_OF_FORMATS["label_studio"]})

    @model_validator(mode="after")
    def _columns_differ(self) -> Annotations:
        _refuse_one_column({"item": self.item, "annotator": self.annotator, "label": self.label})
        return self

    @model_validator(mode="after")
    def _annotators_have_columns(self) -> Annotations:
        if self.annotators and self.format != "wide":
            raise ValueError("'annotators' are the columns of a table of `format: wide`")
        return self

    def roles(self) -> dict[str, str]:
        """Role to column."""
        named = {
            "item": self.item,
            "annotator": self.annotator,
            "label": self.label,
            "annotator_group": self.annotator_group,
            "time": self.time,
            "guideline": self.guideline,
            "seconds": self.seconds,
        }
        return {role: column for role, column in named.items() if column}


class Gold(ItemsRef):
    """The gold table: the label known to be right, one row an item.

    Attributes:
        item: The column that names the item.
        label: The column of the label.
    """

    item: str
    label: str

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> Any:
        """A format may make the columns."""
        return schema_with_format(handler.resolve_ref_schema(handler(core)), ("item", "label"))

    @model_validator(mode="before")
    @classmethod
    def _format_names_columns(cls, data: Any) -> Any:
        return with_roles_of_format(data, {"item": "item", "label": "label"})

    @model_validator(mode="after")
    def _columns_differ(self) -> Gold:
        _refuse_one_column({"item": self.item, "label": self.label})
        return self

    def roles(self) -> dict[str, str]:
        """Role to column."""
        return {"item": self.item, "label": self.label}


class Production(ItemsRef):
    """A sample of what the model meets: same condition columns as the items.

    Attributes:
        label: The column of the label, where production is labelled.
        time: The column of the time at which it was met.
        conditions: Condition -> column, of those whose column has another name than in the items.
    """

    label: str | None = None
    time: str | None = None
    conditions: dict[str, str] = Field(default_factory=dict)
