"""Counts of votes compared with a reference, weighed so that every vote counts 1, as drift and calibration read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.measures.falls import Part, Series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dq_pipeline.counts import Agreements
    from dq_pipeline.counts.comparisons import Reference

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

STRATA = 20
"""Labels told apart when a mix of labels is compared with another; the rarer ones count as one."""


@dataclass(frozen=True)
class Weighed:
    """Votes and agreeing votes of every annotator by period and stratum (label of the reference).

    Attributes:
        annotators: The annotators, sorted; A of them.
        periods: int64 [W], the periods in which there are votes, ascending.
        annotator: int64 [N], places in `annotators`, ascending.
        period: int64 [N], places in `periods`.
        stratum: int64 [N].
        votes: float [N].
        agreeing: float [N].
        worth: Independent yes-or-no answers that one annotator's vote is worth.
        worth_together: The same of a vote among all annotators': votes on one item go together.
    """

    annotators: tuple[str, ...]
    periods: Ints
    annotator: Ints
    period: Ints
    stratum: Ints
    votes: Floats
    agreeing: Floats
    worth: float
    worth_together: float

    @property
    def together(self) -> tuple[Floats, Floats]:
        """Votes and agreeing votes of everybody, [W, S] each."""
        return self._dense(slice(None))

    def series(self) -> Iterator[tuple[str, Series]]:
        """Each annotator's series beside everybody else's."""
        all_votes, all_agreeing = self.together
        ends = np.searchsorted(self.annotator, np.arange(len(self.annotators) + 1))
        for place, name in enumerate(self.annotators):
            votes, agreeing = self._dense(slice(ends[place], ends[place + 1]))
            there = np.flatnonzero(votes.sum(axis=1) > 0)
            others, agreeing_others = all_votes[there] - votes[there], all_agreeing[there] - agreeing[there]
            # A difference of sums of thirds is not quite zero where there is nobody else.
            nobody = others < 1e-9  # noqa: PLR2004
            others[nobody], agreeing_others[nobody] = 0.0, 0.0
            yield (
                name,
                Series(self.periods[there], votes[there], agreeing[there], others, agreeing_others),
            )

    def series_together(self) -> Series:
        """Everybody's series, with nobody else beside it."""
        votes, agreeing = self.together
        nobody = np.zeros_like(votes)
        return Series(self.periods, votes, agreeing, nobody, nobody)

    def _dense(self, rows: slice) -> tuple[Floats, Floats]:
        shape = len(self.periods), int(self.stratum.max(initial=0)) + 1
        votes, agreeing = np.zeros(shape), np.zeros(shape)
        np.add.at(votes, (self.period[rows], self.stratum[rows]), self.votes[rows])
        np.add.at(agreeing, (self.period[rows], self.stratum[rows]), self.agreeing[rows])
        return votes, agreeing


def weigh(compared: Agreements, reference: Reference) -> Weighed:
    """Give every vote the weight 1, spread over the labels of its reference.

    Votes compared with each other on one item are together worth no more than one answer; of those compared with gold the
    charts themselves tell how far they go together.
    """
    order = np.argsort(compared.annotator, kind="stable")
    of = compared.of[order].astype(np.float64)
    votes, agreeing = compared.total[order] / of, compared.agreeing[order] / of
    periods, period = np.unique(compared.period[order], return_inverse=True)
    total, agreed = float(votes.sum()), float(agreeing.sum())
    items = float((votes / (of + 1)).sum()) if reference == "peers" else total
    return Weighed(
        compared.annotators,
        periods,
        compared.annotator[order],
        period.astype(np.int64),
        _strata(compared.label[order], votes),
        votes,
        agreeing,
        _worth(total, agreed, float((compared.squares[order] / of**2).sum())),
        items / total if total else 1.0,
    )


def stretch(series: Series, first: int, last: int) -> Part | None:
    """The series' periods from `first` to `last`, both within, put together; None without a vote in them."""
    there = np.flatnonzero((series.window >= first) & (series.window <= last))
    if not len(there):
        return None
    return Part(
        int(series.window[there[0]]),
        int(series.window[there[-1]]),
        *(
            sums[there].sum(axis=0)
            for sums in (
                series.votes,
                series.agreeing,
                series.votes_of_others,
                series.agreeing_of_others,
            )
        ),
    )


def _strata(label: Ints, votes: Floats) -> Ints:
    weight = np.bincount(label, weights=votes) if len(label) else np.zeros(0)
    rank = np.empty(len(weight), np.int64)
    rank[np.argsort(-weight, kind="stable")] = np.arange(len(weight))
    return np.minimum(rank, STRATA - 1)[label]


def _worth(votes: float, agreeing: float, squares: float) -> float:
    """The variance of a yes-or-no answer over that of a vote's share of agreeing comparisons; 1 where neither varies."""
    if not votes:
        return 1.0
    share = agreeing / votes
    answers, shares = share * (1 - share), squares / votes - share**2
    return max(answers / shares, 1.0) if shares > 1e-12 else 1.0  # noqa: PLR2004 - rounding
