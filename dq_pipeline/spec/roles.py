"""The tables of a spec and the roles their columns play."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from dq_pipeline.spec.bins import between
from dq_pipeline.spec.errors import RefusedError
from dq_pipeline.spec.secrets import holds_password, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from typing_extensions import Self

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
Format = Literal["label_studio", "argilla", "huggingface", "coco", "cvat", "wide"]
ROLES_OF_FORMATS: dict[str, tuple[str, ...]] = {
    "label_studio": ("item", "annotator", "label", "time", "seconds"),
    "argilla": ("item", "annotator", "label"),
    "coco": ("item", "annotator", "label"),
    "cvat": ("item", "annotator", "label"),
    "wide": ("annotator", "label"),
}
"""Format -> the roles whose columns it makes under the roles' own names, so that a spec need not name them."""
MISSING_VALUES = ("", "na", "n/a", "#n/a", "nan", "null", "unknown", "?")
"""Texts behind which missing values hide."""


def several_times(names: Iterable[str]) -> list[str]:
    """The names that stand there more than once, sorted.

    >>> several_times(["b", "a", "c", "a", "b"])
    ['a', 'b']
    """
    return sorted(name for name, times in Counter(names).items() if times > 1)


class SpecPart(BaseModel):
    """A part of the spec: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Columns = Annotated[tuple[str, ...], BeforeValidator(_listed)]


def _with_roles_of_format(data: Any, keys: Mapping[str, str]) -> Any:
    """The columns that a format makes, where the spec says no others; `keys` says which key names a role's column."""
    if not isinstance(data, dict) or not isinstance(data.get("format"), str):
        return data
    made = ROLES_OF_FORMATS.get(data["format"], ())
    return {key: role for role, key in keys.items() if role in made} | data


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


def _schema_with_format(schema: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """A JSON schema that asks for the roles' columns only where no format makes them."""
    asked = [key for key in schema.get("required", ()) if key not in keys]
    schema["required"] = asked
    schema["anyOf"] = [{"required": list(keys)}, {"required": ["format"]}]
    return schema


class TableRef(SpecPart):
    """Where a table lies.

    Attributes:
        table: A path or glob (Parquet, CSV) relative to the spec's file, or an address (`s3://...`); a Delta table's
            folder or an Iceberg table's `.metadata.json`; with `database` or `catalog`, the name of a table there.
        query: With `database`, a query in place of a table.
        database: The address of a database; secrets in it are written `${NAME}` and read from the environment.
        catalog: The name of an Iceberg catalog, as PyIceberg is configured for it.
        delimiter: The CSV's delimiter, when it cannot be told from the file.
        format: What wrote the file, where its ending does not say it all: a Label Studio, Argilla, COCO or CVAT export, a
            Hugging Face dataset's Parquet, or a wide table with one column an annotator.
    """

    table: str = ""
    query: str | None = Field(default=None, min_length=1)
    database: str | None = Field(default=None, min_length=1)
    catalog: str | None = Field(default=None, min_length=1)
    delimiter: str | None = Field(default=None, min_length=1, max_length=4)
    format: Format | None = None

    @field_validator("database")
    @classmethod
    def _holds_no_secret(cls, value: str | None) -> str | None:
        if value is not None and holds_password(value):
            shown = without_secrets(value).replace("***", "${USER_AND_PASSWORD}")
            raise ValueError(f"a database without a password in the file, such as {shown}")
        return value

    @model_validator(mode="after")
    def _is_somewhere(self) -> TableRef:
        if bool(self.table) == bool(self.query):
            raise ValueError("one of 'table' or 'query' is needed")
        if self.query and not self.database:
            raise ValueError("'query' needs the 'database' that it is asked of")
        if self.database and self.catalog:
            raise ValueError("one of 'database' or 'catalog', not both")
        if self.format and (self.database or self.catalog):
            raise ValueError(
                "'format' is of files; a database's or catalog's table says what it holds itself"
            )
        return self

    @property
    def given(self) -> bool:
        """Whether there is a table."""
        return bool(self.table or self.query)

    @property
    def named(self) -> str:
        """What errors call it."""
        return self.table or "query"


class ItemsRef(TableRef):
    """A table of one row an item, which no wide table is."""

    @model_validator(mode="after")
    def _is_not_wide(self) -> Self:
        if self.format == "wide":
            raise ValueError("format 'wide' is of annotations: one column an annotator")
        return self


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
        return _with_roles_of_format(data, {"item": "id"})

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
        return _schema_with_format(handler.resolve_ref_schema(handler(core)), ("item", "annotator", "label"))

    @model_validator(mode="before")
    @classmethod
    def _format_names_columns(cls, data: Any) -> Any:
        return _with_roles_of_format(data, {role: role for role in ROLES_OF_FORMATS["label_studio"]})

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
        return _schema_with_format(handler.resolve_ref_schema(handler(core)), ("item", "label"))

    @model_validator(mode="before")
    @classmethod
    def _format_names_columns(cls, data: Any) -> Any:
        return _with_roles_of_format(data, {"item": "item", "label": "label"})

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
