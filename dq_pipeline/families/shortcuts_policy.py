"""What may give a label away, and how much."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from dq_pipeline.families.policy import Policy, ShareCeiling
from dq_pipeline.spec.part import SpecPart


class ProbePolicy(SpecPart):
    """The probe of items that carry features.

    Attributes:
        rows: How many items it learns from at most.
        seed: Which items, and how they are split.
        shortcut_size: Where random-split score minus left-out-source score warns and blocks.
    """

    rows: int = Field(default=5000, ge=100, le=100_000)
    seed: int = 7
    shortcut_size: ShareCeiling = ShareCeiling(warn=0.05)


class ShortcutsPolicy(Policy):
    """How much of the label the source or the annotator may give away.

    Attributes:
        cramers_v: Where V of source and label warns and blocks.
        source_only_auc: Where the AUC of telling the label by the source alone warns and blocks.
        label_auc: The same for each label against the rest, judged by the low end of its interval unless said.
        annotator_v: Where V of annotator and label, and of annotator and source, warns and blocks.
        min_rows: Fewest rows to say anything.
        min_label: Fewest rows with a label, and without it, to say how well it is told.
        probe: The probe of features; false for none.
    """

    cramers_v: ShareCeiling = ShareCeiling(warn=0.1, block=0.3)
    source_only_auc: ShareCeiling = ShareCeiling(warn=0.6, block=0.7)
    label_auc: ShareCeiling = ShareCeiling(warn=0.7, compare="low")
    annotator_v: ShareCeiling = ShareCeiling(warn=0.3)
    min_rows: int = Field(default=200, ge=2)
    min_label: int = Field(default=30, ge=2)
    probe: ProbePolicy | bool = ProbePolicy()

    @model_validator(mode="before")
    @classmethod
    def _true_asks_for_the_default(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("probe") is True:
            return {key: value for key, value in data.items() if key != "probe"}
        return data
