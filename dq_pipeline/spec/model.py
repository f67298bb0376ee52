"""The spec: what the user writes, whole."""

from __future__ import annotations

import re
from datetime import date  # noqa: TC003 - pydantic reads it
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, PrivateAttr, field_validator, model_validator

from dq_pipeline.spec.calibration import Calibration  # noqa: TC001 - pydantic reads it
from dq_pipeline.spec.cron import check_cron
from dq_pipeline.spec.edge_case import EdgeCase  # noqa: TC001 - pydantic reads it
from dq_pipeline.spec.errors import RefusedError
from dq_pipeline.spec.labels import Labels
from dq_pipeline.spec.part import SpecPart, several_times
from dq_pipeline.spec.roles import Annotations, Gold, Items, Production  # noqa: TC001 - pydantic reads it
from dq_pipeline.spec.secrets import holds_password
from dq_pipeline.spec.training_set import TrainingSet


class Waiver(SpecPart):
    """A check that may fail until a date, with who answers for it and why.

    Attributes:
        check: The check, or a family for all of its checks.
        reason: Why it may fail.
        owner: Who answers for it.
        expires: The last day, in UTC.
        data_version: The one version of the data that it is for; any unless said.
    """

    check: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    expires: date
    data_version: str | None = None


class Engine(SpecPart):
    """Where the counting is done and what it may use.

    Attributes:
        backend: The embedded engine, or Apache Spark.
        memory_limit: Of DuckDB, such as 4GB.
        threads: Of DuckDB.
        temp_directory: Where files go that are gone when the tables are closed.
        master: Spark's master: local[*], spark://host:7077, yarn, k8s://...
        remote: The address of a Spark Connect server, sc://host:15002; `${NAME}` in it is read from the environment.
        settings: Spark's own settings by their names.
    """

    backend: Literal["duckdb", "spark"] = "duckdb"
    memory_limit: str | None = None
    threads: int | None = Field(default=None, ge=1)
    temp_directory: str | None = None
    master: str | None = Field(default=None, min_length=1)
    remote: str | None = None
    settings: dict[str, str | int | float | bool] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _asks_one_backend(self) -> Engine:
        told = {"master": self.master, "remote": self.remote, "settings": self.settings or None}
        strange = [name for name, value in told.items() if value is not None]
        if self.backend == "duckdb" and strange:
            raise ValueError(f"engine.{strange[0]} is Spark's: write `backend: spark`")
        if self.backend == "spark" and (self.memory_limit or self.threads):
            raise ValueError(
                "engine.memory_limit and engine.threads are DuckDB's: of Spark write"
                " `settings: {spark.executor.memory: 4g}`"
            )
        if self.master is not None and self.remote is not None:
            raise ValueError("engine.master and engine.remote name two places: leave one out")
        return self

    @field_validator("remote")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("sc://"):
            raise ValueError("the address of a Spark Connect server, such as sc://host:15002")
        if value is not None and holds_password(value):
            raise ValueError("no token in plain text: write ${SPARK_TOKEN} and set it in the environment")
        return value

    @field_validator("memory_limit")
    @classmethod
    def _is_a_size(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B)", value):
            raise ValueError(f"a size like 4GB or 512MB (found {value!r})")
        return value


class MLflow(SpecPart):
    """Where the numbers are tracked; `mlflow: false` turns it off.

    Attributes:
        tracking_uri: MLflow's address, or a database beside the spec.
        experiment: The experiment's name; that of the dataset unless said.
    """

    tracking_uri: str = "sqlite:///mlflow.db"
    experiment: str | None = None


class Nightly(SpecPart):
    """When the nightly job runs, and how.

    Attributes:
        cron: When, as a cron line.
        timezone: Of the cron line, an IANA name.
        processes: How many steps run side by side, each in a process of its own; 1 runs all in one, which is quicker
            for small tables because Great Expectations is imported once.
        pool: A concurrency pool of the Dagster instance that every step takes a slot of, so that datasets that are
            audited side by side do not ask more of the machine than it has.
    """

    cron: str = "0 2 * * *"
    timezone: str = "UTC"
    processes: int = Field(default=1, ge=1, le=1_024)
    pool: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_/:-]+$")

    @field_validator("cron")
    @classmethod
    def _is_a_cron_line(cls, value: str) -> str:
        check_cron(value)
        return value

    @field_validator("timezone")
    @classmethod
    def _is_a_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"an IANA time zone like Europe/Paris (found {value!r})") from error
        return value


class Spec(SpecPart):
    """A dataset: its tables, roles, policy and where results go.

    `checks` stays raw here: each family owns the model of its policy.

    Attributes:
        dataset: Its name, in letters, digits and underscores.
        items: The items table, one row an item.
        annotations: The annotations table, one row a label that one annotator gave one item.
        gold: The table of labels known to be right.
        production: A sample of what the model meets.
        calibration: When annotators were calibrated.
        labels: What the labels are.
        training_set: How the training set is made; audited only where it is written.
        checks: Family -> its policy; `false` turns it off.
        edge_cases: Named slices of the items with their quotas.
        waivers: Checks that may fail until a day.
        engine: What counts, and what it may use.
        mlflow: Where the numbers are tracked.
        nightly: When Dagster runs it.
        owners: Who owns the assets in Dagster.
        suite: A Great Expectations suite, as JSON, in place of the one that the policy gives.
    """

    dataset: str = Field(pattern=r"^[A-Za-z0-9_]+$")
    items: Items | None = None
    annotations: Annotations | None = None
    gold: Gold | None = None
    production: Production | None = None
    calibration: Calibration | None = None
    labels: Labels = Labels()
    training_set: TrainingSet = TrainingSet()
    checks: dict[str, Any] = Field(default_factory=dict)
    edge_cases: tuple[EdgeCase, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    engine: Engine = Engine()
    mlflow: MLflow | Literal[False] = MLflow()
    nightly: Nightly = Nightly()
    owners: tuple[str, ...] = ()
    suite: str | None = None
    _base: Path = PrivateAttr(default_factory=Path)

    @property
    def declares_training_set(self) -> bool:
        """Whether the user wrote `training_set`, if only to ask for its defaults."""
        return "training_set" in self.model_fields_set

    @property
    def base(self) -> Path:
        """The folder that relative paths start from: that of the spec's file."""
        return self._base

    def based_on(self, folder: Path) -> Spec:
        """The same spec with its relative paths starting from `folder`."""
        copy = self.model_copy()
        copy._base = folder.resolve()  # noqa: SLF001 - its own class
        return copy

    @model_validator(mode="after")
    def _calibration_has_its_roles(self) -> Spec:
        if self.calibration is None:
            return self
        if self.annotations is None or self.annotations.time is None:
            raise RefusedError(
                "no annotations.time",
                expected="'calibration' needs annotations.time, the column that says when a label was given",
                fix="name that column in annotations, or leave 'calibration' out",
                at=("calibration",),
            )
        if self.calibration.guidelines and self.annotations.guideline is None:
            raise RefusedError(
                "no annotations.guideline",
                expected="calibration.guidelines needs annotations.guideline, the column of the version a label was given by",
                fix="name that column in annotations, or leave the guidelines out",
                at=("calibration", "guidelines"),
            )
        return self

    @model_validator(mode="after")
    def _can_quarantine(self) -> Spec:
        asked = self.training_set.quarantine is not None
        if asked and self.items is not None and self.items.id is None:
            raise RefusedError(
                "no items.id",
                expected="training_set.quarantine needs items.id: without rows, places are other items",
                fix="name the column that tells items apart in `items: {id: ...}`",
                at=("training_set", "quarantine"),
            )
        return self

    @model_validator(mode="after")
    def _has_something_to_audit(self) -> Spec:
        if self.items is None and self.annotations is None:
            raise ValueError("one of 'items' or 'annotations' is needed")
        if self.items is not None and self.items.label and self.annotations is not None:
            raise RefusedError(
                f"items.label: {self.items.label}, beside 'annotations'",
                expected="items.label is for items that are labelled already",
                fix=f"take `label: {self.items.label}` out, or 'annotations'",
                at=("items", "label"),
            )
        if self.labels.separator is not None and (self.items is None or not self.items.label):
            raise RefusedError(
                f"separator {self.labels.separator!r} and no items.label",
                expected="labels.separator is for items that are labelled already",
                fix="name items.label, or take the separator out",
                at=("labels", "separator"),
            )
        if self.edge_cases and self.items is None:
            raise RefusedError(
                "no 'items'",
                expected="'edge_cases' are counted in the items",
                fix="name 'items', or leave 'edge_cases' out",
                at=("edge_cases",),
            )
        known = {condition.name for condition in self.items.conditions} if self.items else set()
        strange = sorted(set(self.production.conditions) - known) if self.production else []
        if strange:
            raise RefusedError(
                ", ".join(strange),
                expected="production.conditions maps items.conditions",
                fix=f"name it in items.conditions, or take {strange[0]!r} out",
                at=("production", "conditions", strange[0]),
            )
        if twice := several_times(case.name for case in self.edge_cases):
            raise RefusedError(
                f"twice: {', '.join(twice)}",
                expected="edge cases are named once each",
                fix=f"rename one of the two {twice[0]!r}",
                at=("edge_cases",),
            )
        if self.items is not None and self.items.id is None and (self.annotations or self.gold):
            raise RefusedError(
                "no items.id",
                expected="items.id is needed to join 'annotations' or 'gold' to the items",
                fix="add `id: ...`, the column that they name",
                at=("items",),
            )
        if self.training_set.split.by == "group" and (self.items is None or self.items.group is None):
            raise RefusedError(
                "no items.group",
                expected="training_set.split.by is 'group', so items.group names a column",
                fix="name items.group, or write `by: item`",
                at=("training_set", "split", "by"),
            )
        if (
            self.gold is not None
            and self.annotations is None
            and self.items is not None
            and not self.items.label
        ):
            raise RefusedError(
                "neither 'annotations' nor items.label",
                expected="'gold' needs 'annotations' or items.label to compare with",
                fix="name one of them, or leave 'gold' out",
                at=("gold",),
            )
        return self
