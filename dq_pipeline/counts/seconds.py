"""How long annotators took: quantiles of the seconds by annotator, and how right the fast and the slow answers are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.counts.gold import with_gold
from dq_pipeline.counts.places import places
from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dq_pipeline.tables import Tables

QUANTILES = (0.1, 0.5, 0.9)
FIFTHS = (0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class Spent:
    """Seconds by annotator.

    Attributes:
        annotators: Who has annotations with seconds, sorted; A of them.
        annotations: int64 [A], annotations with seconds of 0 or more.
        quantiles: float [A, 3], the tenth, the half and nine tenths of them, in seconds.
    """

    annotators: tuple[str, ...]
    annotations: NDArray[np.int64]
    quantiles: NDArray[np.float64]


@dataclass(frozen=True)
class Seconds:
    """The quantiles of the seconds by annotator; negative ones are no seconds."""

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Seconds]) -> list[Spent]:
        """One grouped query."""
        with engine_errors("annotations"):
            table = tables["annotations"].expr
            timed = table.filter(table.annotator.notnull() & (table.seconds >= 0))
            columns = {f"q{place}": timed.seconds.quantile(share) for place, share in enumerate(QUANTILES)}
            grouped = timed.group_by("annotator").agg(n=timed.count(), **columns)
            rows = grouped.order_by("annotator").to_pyarrow()
        annotators, _ = places(rows["annotator"])
        quantiles = np.stack([rows[name].to_numpy().astype(np.float64) for name in columns], axis=1)
        return [Spent(annotators, rows["n"].to_numpy().astype(np.int64), quantiles)] * len(requests)


@dataclass(frozen=True)
class Fifths:
    """Answers on gold items by the fifth that their seconds fall into, the fastest first.

    Attributes:
        bounds: float [4], the seconds that part the fifths; a fifth holds what lies above the bound before it, up to its own.
        votes: int64 [5].
        right: int64 [5], those with gold's label.
    """

    bounds: NDArray[np.float64]
    votes: NDArray[np.int64]
    right: NDArray[np.int64]


@dataclass(frozen=True)
class SpeedOnGold:
    """Count the answers on gold items by the fifth of their seconds."""

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[SpeedOnGold]) -> list[Fifths]:
        """The bounds, then one grouped query."""
        return [_fifths(tables)] * len(requests)


def _fifths(tables: Tables) -> Fifths:
    import ibis

    with engine_errors("annotations"):
        votes = with_gold(tables, "annotations")
        timed = votes.filter(votes.seconds >= 0)
        asked = {f"q{place}": timed.seconds.quantile(share) for place, share in enumerate(FIFTHS)}
        found = timed.agg(**asked).to_pyarrow().to_pylist()[0]
        bounds = np.array(
            [np.nan if found[name] is None else found[name] for name in asked], dtype=np.float64
        )
        if np.isnan(bounds).any():
            return Fifths(bounds, np.zeros(5, np.int64), np.zeros(5, np.int64))
        fifth: Any = sum(
            ((timed.seconds > float(bound)).cast("int64") for bound in bounds), ibis.literal(0, "int64")
        )
        hit = timed.label == timed.gold
        told = timed.select(fifth=fifth, hit=hit.cast("int64"))
        rows = told.group_by("fifth").agg(n=told.count(), right=told.hit.sum().cast("int64")).to_pyarrow()
    counts = np.zeros((2, 5), np.int64)
    place = rows["fifth"].to_numpy().astype(np.int64)
    counts[0, place], counts[1, place] = rows["n"].to_numpy(), rows["right"].to_numpy()
    return Fifths(bounds, counts[0], counts[1])
