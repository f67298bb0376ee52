"""One dataset as Dagster has it: the keys of its assets, its checks by asset, and where its files go."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.utils import is_valid_owner

from dq_pipeline.audit.waivers import refuse_idle_waivers
from dq_pipeline.contracts.of_tables import FAMILY as CONTRACTS
from dq_pipeline.contracts.of_tables import contracts_of
from dq_pipeline.families import families_of
from dq_pipeline.families.check import Check
from dq_pipeline.families.family import Family
from dq_pipeline.families.verdict import limit
from dq_pipeline.orchestration.required import BLOCKS, FAMILY
from dq_pipeline.spec import InputError, Spec, SpecSource

TABLES = ("items", "annotations", "gold", "production")
"""The tables that a spec may name, in the order in which they are read."""
CONSENSUS, TRAINING_SET = "consensus", "training_set"


@dataclass(frozen=True)
class Dataset:
    """A spec and what Dagster needs to know of it.

    Attributes:
        spec: The spec.
        source: Where it was written, for errors.
        output: The folder of everything that is left behind.
        upstream: For a table, the assets that it is made from.
        session: The key of the resource that holds the Spark session to count in; None for one of the spec's own.
    """

    spec: Spec
    source: SpecSource
    output: Path
    upstream: Mapping[str, Sequence[dg.AssetKey]] = field(default_factory=dict)
    session: str | None = None

    @property
    def resources(self) -> set[str]:
        """The keys of the resources that its steps require."""
        return {self.session} if self.session else set()

    @contextmanager
    def counting(self, context: Any) -> Iterator[None]:
        """Count in the Spark session of the resource, where one is named, while the block runs.

        Args:
            context: The context of a step that requires `resources`.
        """
        if self.session is None:
            yield
            return
        from dq_pipeline.tables.spark import spark_session

        given = getattr(context.resources, self.session)
        with spark_session(getattr(given, "spark_session", given)):
            yield

    @property
    def name(self) -> str:
        """The dataset's name, which is the prefix of its assets and their group."""
        return self.spec.dataset

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that the spec names."""
        return tuple(table for table in TABLES if getattr(self.spec, table) is not None)

    @property
    def annotated(self) -> bool:
        """Whether labels come from votes, so that there is a consensus."""
        return self.spec.annotations is not None

    @property
    def trainable(self) -> bool:
        """Whether there are labels, so that there is a training set."""
        return self.annotated or bool(self.spec.items and self.spec.items.label)

    def key(self, asset: str) -> dg.AssetKey:
        """The key of one of its assets."""
        return dg.AssetKey([self.name, asset])

    def step(self, asset: str) -> str:
        """The step that says what there is to say of an asset: that of its checks, or the one that makes it."""
        if asset in (CONSENSUS, TRAINING_SET):
            return self.key(asset).to_python_identifier()
        return f"{self.name}_{asset}_checks"

    @property
    def tables_step(self) -> str:
        """The step that materializes the tables."""
        return f"{self.name}_tables"

    @cached_property
    def families(self) -> list[Family[Any]]:
        """The families that the spec leaves on, each with its policy.

        Raises:
            InputError: A family that does not exist, or a policy that cannot be met.
        """
        return families_of(self.spec, self.source)

    def may_be_quarantined(self, check: Check) -> bool:
        """Whether the policy lets a check's failing rows be left out of the training set."""
        policy = self.spec.training_set.quarantine
        named = policy is not None and bool({check.name, check.family} & set(policy.checks))
        return named and check.table != TRAINING_SET

    @cached_property
    def checks(self) -> dict[str, list[dg.AssetCheckSpec]]:
        """The checks of each asset, known before any data is read.

        Raises:
            InputError: A policy that cannot be met, or a waiver of a check that does not run.
        """
        found: dict[str, list[dg.AssetCheckSpec]] = {}
        refuse_idle_waivers(self.spec, self.source, self.families)
        for contract in contracts_of(self.spec):
            found.setdefault(contract.table, []).append(
                dg.AssetCheckSpec(
                    contract.check,
                    asset=self.key(contract.table),
                    description=CONTRACT_SAYS.get(contract.check, "The rows keep their contract."),
                    blocking=True,
                    metadata={FAMILY: CONTRACTS},
                )
            )
        for family in self.families:
            for check in family.checks() if family.silent() is None else ():
                limits = "; ".join(
                    f"{bound.severity}s unless {limit(bound)}"
                    for bound in check.bounds
                    if bound.severity != "relief"
                )
                found.setdefault(check.table, []).append(
                    dg.AssetCheckSpec(
                        check.name,
                        asset=self.key(check.table),
                        description=f"{check.title}{f': {limits}' if limits else ''}.",
                        # One that may be quarantined lets its run go on; gates ask for it all the same.
                        blocking=check.blocking and not self.may_be_quarantined(check),
                        metadata={FAMILY: check.family, BLOCKS: check.blocking},
                    )
                )
        return found


CONTRACT_SAYS = {
    "contract_items": "Every item is named once, and labelled where the spec says so.",
    "contract_annotations": "Every annotation has an item, an annotator and a declared label.",
    "contract_items_times": "Every time of an item can be read, and none is in the future.",
    "contract_annotations_times": "Every time of an annotation can be read, and none is in the future.",
    "contract_production_times": "Every time of production can be read, and none is in the future.",
    "contract_repeats": "How often an annotator labelled an item twice; the spec says which vote stands.",
    "contract_annotations_have_items": "Every annotated item is in the items table.",
    "contract_gold": "Every gold item is named once and has a declared label.",
    "contract_gold_joins": "Most gold items are labelled.",
    "contract_training_set": "Every item of the training set is there once, with a label and a split.",
}
"""What a contract asks, before it has been judged."""


def owners_of(spec: Spec, source: SpecSource) -> list[str]:
    """The owners of the assets.

    Raises:
        InputError: One that Dagster does not take.
    """
    for place, owner in enumerate(spec.owners):
        if not is_valid_owner(owner):
            plain = owner.removeprefix("team:").strip() or "imaging"
            raise InputError(
                source.where(("owners", place)),
                found=repr(owner),
                expected="an e-mail address, or a team",
                fix=f"write 'team:{plain}'",
            )
    return list(spec.owners)
