"""What balance asks of a dataset."""

from __future__ import annotations

from pydantic import Field, field_validator

from dq_pipeline.families.mix import Mix  # noqa: TC001 - pydantic reads it
from dq_pipeline.families.policy import Policy, RatioCeiling, ShareCeiling, ShareRatioCeiling


class BalancePolicy(Policy):
    """How uneven labels and conditions may be, how much may be missing, and how few rows a cell may hold.

    Attributes:
        imbalance_ratio: Where the ratio of the most to the least frequent label warns and blocks.
        condition_ratio: The same for the values of a condition; it blocks only where these are declared, and where there
            is production to compare with, coverage judges instead unless this is written.
        cells: Pairs of dimensions whose cells need `min_cell` rows; label x each condition unless said.
        min_cell: Fewest rows of a cell before it warns; 30 lets one say anything at all.
        missing_share: Where the share of rows without a condition's value warns and blocks.
        target: Dimension -> the mix that it ought to have: uniform, production, or {value: share}.
        target_ratio: Where a value's wanted share over its share warns and blocks.
    """

    imbalance_ratio: RatioCeiling = RatioCeiling(warn=10, block=100)
    condition_ratio: RatioCeiling = RatioCeiling(warn=10, block=100)
    cells: tuple[tuple[str, str], ...] | None = None
    min_cell: int = Field(default=30, ge=0)
    missing_share: ShareCeiling = ShareCeiling(warn=0.05)
    target: dict[str, Mix] = Field(default_factory=dict)
    target_ratio: ShareRatioCeiling = ShareRatioCeiling(warn=3, block=10)

    @field_validator("cells")
    @classmethod
    def _pairs_differ(cls, value: tuple[tuple[str, str], ...] | None) -> tuple[tuple[str, str], ...] | None:
        for first, second in value or ():
            if first == second:
                raise ValueError(f"a cell crosses two dimensions (found [{first}, {second}])")
        return value
