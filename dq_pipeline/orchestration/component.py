"""The Dagster Component: a dataset's spec as the attributes of a defs.yaml."""

from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from dq_pipeline.orchestration.scaffold import SpecScaffolder
from dq_pipeline.spec import InputError, SpecSource, load_spec, parse
from dq_pipeline.spec.model import Spec
from dq_pipeline.spec.source import read_embedded

OWN = ("spec", "output", "upstream", "downstream", "spark_session")
"""The attributes that are no key of a spec."""


class Attributes(BaseModel):
    """The attributes as they were written; the spec's own models judge them, with one error that ends in the fix."""

    model_config = ConfigDict(extra="allow")

    @classmethod
    def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
        """The spec's schema and the component's own keys, for `dg check yaml`, editors and the docs."""
        from dq_pipeline.families import spec_schema

        schema = spec_schema()
        own = {
            "spec": {"type": "string", "description": "A spec's file, instead of its keys here."},
            "output": {
                "type": "string",
                "description": "Folder of what is left behind; by default .dq_pipeline/<dataset>.",
            },
            "upstream": {
                "type": "object",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
                "description": "For a table, the assets of your own that write it.",
            },
            "downstream": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Assets of your own that follow in the nightly run, such as the model.",
            },
            "spark_session": {
                "type": "string",
                "description": "The key of a resource of your own with the Spark session to count in.",
            },
        }
        schema["properties"] = {**own, **schema["properties"]}
        schema["title"] = "TrainingDataQuality"
        required = schema.pop("required", [])
        schema["anyOf"] = [{"required": ["spec"]}, {"required": required}]
        return schema


@dg.scaffold_with(SpecScaffolder)
class TrainingDataQuality(dg.Component, dg.Model, dg.Resolvable):
    """Audit training data every night: a dataset's tables, checks, gate, training set, job and schedule.

    Attributes:
        spec: The path of a spec's file, relative to the component; or its keys stand here beside these attributes.
        output: The folder of everything that is left behind; by default `.dq_pipeline/<dataset>` beside the spec.
        upstream: For a table of the spec, the assets of your own that write it.
        downstream: Assets of your own that follow in the nightly run, such as the model.
        spark_session: The key of a resource of your own with the Spark session to count in, of `backend: spark`.
    """

    model_config = ConfigDict(extra="allow")

    spec: str | None = None
    output: str | None = None
    upstream: dict[str, list[str]] = Field(default_factory=dict)
    downstream: list[str] = Field(default_factory=list)
    spark_session: str | None = None
    _source: SpecSource | None = PrivateAttr(default=None)

    @classmethod
    def get_spec(cls) -> dg.ComponentTypeSpec:
        """What the component is and makes."""
        return dg.ComponentTypeSpec(
            description="Audits a training set nightly and holds it back while a blocking check fails.",
            produces=["asset", "asset_check", "job", "schedule"],
            tags=["data-quality", "machine-learning"],
        )

    @classmethod
    def get_model_cls(cls) -> type[BaseModel]:
        """The attributes' model: everything passes, so that one place judges a spec."""
        return Attributes

    @classmethod
    def resolve_from_model(cls, context: dg.ResolutionContext, model: BaseModel) -> "TrainingDataQuality":
        """The component of attributes as they stand in a file, templates filled in."""
        source = _as_written(context) or SpecSource("attributes", dict(model.model_extra or {}))
        filled: Any = context.resolve_value(source.data)
        own = {key: filled[key] for key in OWN if key in filled}
        parse(_Own, own, source)
        made = cls(**filled)
        made._source = source
        return made

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The definitions of the dataset.

        Raises:
            InputError: The spec cannot be used, with file, line and key.
        """
        from dq_pipeline.orchestration.build import definitions_of

        written, source = self.read(context.path if context.path.is_dir() else context.path.parent)
        return definitions_of(
            written,
            source,
            output=self.output,
            upstream=self.upstream,
            downstream=self.downstream,
            spark_session=self.spark_session,
        )

    def read(self, folder: Path) -> tuple[Spec, SpecSource]:
        """The spec, its paths relative to the component's folder or to the file that it names.

        Raises:
            InputError: It cannot be used, with file, line and key.
        """
        keys: dict[str, Any] = self.model_extra or {}
        source = self._source or SpecSource("TrainingDataQuality", keys)
        if self.spec is None:
            return parse(Spec, keys, source).based_on(folder), source
        if keys:
            raise InputError(
                source.where((next(iter(keys)),)),
                found=f"`spec: {self.spec}` and keys of a spec beside it ({', '.join(keys)})",
                expected="one of them",
                fix="move the keys into that file, or take `spec` out",
            )
        return load_spec(folder / Path(self.spec).expanduser())


class _Own(BaseModel):
    """The component's own attributes, for the error when one has the wrong type."""

    spec: str | None = None
    output: str | None = None
    upstream: dict[str, list[str]] = Field(default_factory=dict)
    downstream: list[str] = Field(default_factory=list)
    spark_session: str | None = None


def _as_written(context: dg.ResolutionContext) -> SpecSource | None:
    """The attributes read from their file as a spec is read, so that a label `no` is a text and errors name lines."""
    tree = context.source_position_tree
    at = tree.children.get("attributes") if tree else None
    if at is None or not Path(at.position.filename).is_file():
        return None
    return read_embedded(Path(at.position.filename), "attributes", at.position.start.line)
