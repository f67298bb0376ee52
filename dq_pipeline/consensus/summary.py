"""What a consensus came to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class ConsensusSummary:
    """A consensus in numbers.

    Attributes:
        method: "majority" or "dawid_skene".
        items: Items with a vote.
        votes: Votes that count.
        tied: Items whose likeliest labels are equally likely.
        abstained: Of these, the items that were left without a label.
        by_label: Items by their label.
        data_version: The fingerprint of the file.
    """

    method: str
    items: int
    votes: int
    tied: int
    abstained: int
    by_label: dict[str, int]
    data_version: str

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        return asdict(self)


def summary_of(rows: Any, path: Path, method: str) -> ConsensusSummary:
    """What a consensus came to, counted on the engine.

    Args:
        rows: The consensus, a table of the engine's.
        path: The file that it was written to.
        method: The method.
    """
    from dq_pipeline.tables.files import fingerprint

    with engine_errors(str(path)):
        counted = (
            rows.group_by("label")
            .agg(items=rows.count(), votes=rows.votes.sum(), tied=rows.tied.cast("int64").sum())
            .order_by("label")
            .to_pyarrow()
            .to_pylist()
        )
    return ConsensusSummary(
        method=method,
        items=sum(row["items"] for row in counted),
        votes=int(sum(row["votes"] for row in counted)),
        tied=int(sum(row["tied"] for row in counted)),
        abstained=sum(row["items"] for row in counted if row["label"] is None),
        by_label={row["label"]: row["items"] for row in counted if row["label"] is not None},
        data_version=fingerprint([path]),
    )
