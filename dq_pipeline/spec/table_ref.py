"""Where a table of a spec lies, and what the tool that wrote it makes of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator, model_validator

from dq_pipeline.spec.part import SpecPart
from dq_pipeline.spec.secrets import holds_password, without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Self

Format = Literal["label_studio", "argilla", "huggingface", "coco", "cvat", "wide"]
ROLES_OF_FORMATS: dict[str, tuple[str, ...]] = {
    "label_studio": ("item", "annotator", "label", "time", "seconds"),
    "argilla": ("item", "annotator", "label"),
    "coco": ("item", "annotator", "label"),
    "cvat": ("item", "annotator", "label"),
    "wide": ("annotator", "label"),
}
"""Format -> the roles whose columns it makes under the roles' own names, so that a spec need not name them."""


def with_roles_of_format(data: Any, keys: Mapping[str, str]) -> Any:
    """The columns that a format makes, where the spec says no others; `keys` says which key names a role's column."""
    if not isinstance(data, dict) or not isinstance(data.get("format"), str):
        return data
    made = ROLES_OF_FORMATS.get(data["format"], ())
    return {key: role for role, key in keys.items() if role in made} | data


def schema_with_format(schema: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
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
