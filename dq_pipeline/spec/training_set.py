"""The training set of a spec: how its labels are made, what is held out, and what may be left out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from dq_pipeline.spec.part import SpecPart


class Split(SpecPart):
    """Shares of the items held out.

    Attributes:
        validation: Share of the items, or groups, to choose a model by.
        test: Share to judge it by.
        by: Cut by item, or by group so that no group lies on both sides; by group where items.group is named.
        seed: Another seed gives another split; the same one gives the same split on every engine.
    """

    validation: float = Field(default=0.1, ge=0, lt=1)
    test: float = Field(default=0.2, ge=0, lt=1)
    by: Literal["item", "group"] | None = None
    seed: int = 7

    @model_validator(mode="after")
    def _something_is_left_to_train_on(self) -> Split:
        if self.validation + self.test >= 1:
            raise ValueError(f"validation + test must stay below 1 (found {self.validation + self.test:g})")
        return self


class Quarantine(SpecPart):
    """What may be left out of a training set so that it need not wait until it is mended.

    Attributes:
        checks: The checks or families whose failing slices of items or annotators are left out. What remains is judged
            again by every check, and must pass.
        at_most: The largest share of the items, of the annotators, and of the annotations by these, that may be left out.
    """

    checks: tuple[str, ...] = Field(min_length=1)
    at_most: float = Field(default=0.1, gt=0, lt=1)


def _checks_alone(value: Any) -> Any:
    return {"checks": value} if isinstance(value, list | tuple) else value


class TrainingSet(SpecPart):
    """How the training set is made from items and annotations.

    Attributes:
        consensus: What makes one label of an item's votes.
        ties: What becomes of an item whose first labels have equally many votes: none, or the first or last of them in
            the declared order (of labels that are not declared, in the order of their text).
        repeats: Whether an annotator's votes on one item count once (the one that annotations.repeats keeps) or all; unless
            said, once for majority and all for dawid_skene, whose model has them as multiplicities.
        min_confidence: The least confidence of a label for its item to be kept.
        split: What is held out.
        quarantine: What may be left out when its checks fail; without it, the last good training set stays.
    """

    consensus: Literal["majority", "dawid_skene"] = "majority"
    ties: Literal["abstain", "first_declared", "last_declared"] = "abstain"
    repeats: Literal["once", "all"] | None = None
    min_confidence: float = Field(default=0.0, ge=0, le=1)
    split: Split = Split()
    quarantine: Annotated[Quarantine | None, BeforeValidator(_checks_alone)] = None
