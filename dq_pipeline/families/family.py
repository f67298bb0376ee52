"""What a check family gives: its policy, what it counts, what it measures, its checks and its remedies."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from dq_pipeline.families.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dq_pipeline.counts import Counts, Request
    from dq_pipeline.families.check import Check, Finding
    from dq_pipeline.families.gap import Gap
    from dq_pipeline.families.handout import Document, Handout
    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.spec import Spec, SpecSource
    from dq_pipeline.tables import Tables

P = TypeVar("P", bound=Policy)


@dataclass(frozen=True)
class Family(ABC, Generic[P]):
    """One check family applied to one spec.

    Attributes:
        spec: The spec.
        policy: The family's policy in it.
    """

    name: ClassVar[str]
    Policy: ClassVar[type[Policy]]

    spec: Spec
    policy: P

    @abstractmethod
    def silent(self) -> str | None:
        """Why it is not run: the role that the spec does not name; None when it runs."""

    def refuse(self, source: SpecSource) -> None:
        """Raise InputError when the policy contradicts the rest of the spec."""

    @abstractmethod
    def checks(self) -> Sequence[Check]:
        """Its checks, known from the spec alone."""

    @abstractmethod
    def requests(self) -> Sequence[Request]:
        """What it needs counted."""

    @abstractmethod
    def measure(self, counts: Counts) -> Sequence[Measure]:
        """Its rows of the measures table."""

    @abstractmethod
    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """One sentence that says what to do, with a quantity; `measures` are its own rows."""

    def sentence(self, finding: Finding, measures: Sequence[Measure]) -> str | None:  # noqa: ARG002 - a family that needs them overrides it
        """What was found in the family's own words; None for those that any check gets."""
        return None

    def gaps(self, measures: Sequence[Measure]) -> Sequence[Gap]:  # noqa: ARG002 - a family that needs them overrides it
        """What to collect for its checks to be clear; `measures` are its own rows."""
        return ()

    def leave(self, tables: Tables, counts: Counts, folder: Path) -> None:
        """Leave the rows that its checks speak of in CSVs in the folder, streamed from the engine; none unless said."""

    def handouts(self, counts: Counts) -> Sequence[Handout | Document]:  # noqa: ARG002 - a family that needs them overrides it
        """The files of work to hand out, as its remedies name them; one without rows leaves no file."""
        return ()
